/**
 * Each scenario leaves the trace that is written down in `golden/`. A changed trace is changed behaviour: when it is meant,
 * refresh with `UPDATE_GOLDEN=1 npx vitest run test/golden.test.ts` and say why in the commit.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./architecture/sources.ts";
import { quickTraceHashes, scenarioFiles, scenarioName } from "./quick-scenarios.ts";

const golden = (file: string): string => join(root, "test/golden", `${scenarioName(file)}.json`);
const isUpdate = process.env.UPDATE_GOLDEN === "1";

describe("golden traces", () => {
  it.each(scenarioFiles)(
    "%s",
    async (file) => {
      const hashes = await quickTraceHashes(file, 2);
      if (isUpdate) writeFileSync(golden(file), `${JSON.stringify(hashes, null, 2)}\n`);
      expect(existsSync(golden(file)), `missing ${golden(file)}: run with UPDATE_GOLDEN=1`).toBe(true);
      expect(hashes).toEqual(JSON.parse(readFileSync(golden(file), "utf8")));
    },
    300_000,
  );

  it("keeps no trace of a scenario that is gone", () => {
    const kept = readdirSync(join(root, "test/golden")).map((name) => name.replace(/\.json$/, ""));
    const known = new Set(scenarioFiles.map(scenarioName));
    expect(kept.filter((name) => !known.has(name))).toEqual([]);
  });
});
