/** The same scenario and seed leave the same trace, whatever the number of workers and the version of Node. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { root } from "./architecture/sources.ts";
import { quickTraceHashes, scenarioFiles, scenarioName } from "./quick-scenarios.ts";

const timeoutMilliseconds = 300_000;
const otherMajor = 24;

/** The binary of another Node, or why there is none. */
function otherNode(): { binary: string } | { reason: string } {
  try {
    const binary = execFileSync(process.execPath, [join(root, "scripts/install-node.mjs"), String(otherMajor)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { binary: binary.trim() };
  } catch (error) {
    return { reason: String((error as { stderr?: string }).stderr ?? error).trim() };
  }
}

const other = otherNode();
if ("reason" in other) process.stderr.write(`not compared with Node ${otherMajor}: ${other.reason}\n`);
const isRequired = process.env.CI === "true";

describe.each([...scenarioFiles, "test/fixtures/conduct.yaml"])("%s", (file) => {
  let alone: Record<string, string>;
  beforeAll(async () => {
    alone = await quickTraceHashes(file, 1);
  }, timeoutMilliseconds);

  it("gives every run a trace of its own", () => {
    const hashes = Object.values(alone);
    expect(hashes.length).toBeGreaterThanOrEqual(2);
    expect(hashes.every((hash) => /^[0-9a-f]{16,}$/.test(hash))).toBe(true);
    expect(new Set(hashes).size, `traces of ${scenarioName(file)}`).toBe(hashes.length);
  });

  it(
    "leaves the same traces with two workers",
    async () => {
      expect(await quickTraceHashes(file, 2)).toEqual(alone);
    },
    timeoutMilliseconds,
  );

  it.skipIf("reason" in other && !isRequired)(
    `leaves the same traces on Node ${otherMajor}`,
    async () => {
      if ("reason" in other) throw new Error(other.reason);
      expect(await quickTraceHashes(file, 2, { node: other.binary })).toEqual(alone);
    },
    timeoutMilliseconds,
  );
});

describe("numerics", () => {
  const digest = (node: string): string =>
    execFileSync(
      node,
      [
        "--input-type=module",
        "-e",
        'import { numericsDigest } from "@shardlab/numerics"; console.log(numericsDigest());',
      ],
      {
        cwd: join(root, "test"),
        encoding: "utf8",
      },
    ).trim();

  it.skipIf("reason" in other && !isRequired)(`rounds alike on Node ${otherMajor}`, () => {
    if ("reason" in other) throw new Error(other.reason);
    const here = digest(process.execPath);
    expect(here).toMatch(/^[0-9a-f]{16,}$/);
    expect(digest(other.binary)).toBe(here);
  });
});
