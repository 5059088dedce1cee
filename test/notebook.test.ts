/** The notebooks, executed by the real Jupyter with the kernel that `npm run notebook` installs. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./architecture/sources.ts";
import { temporaryFolder } from "./shardlab.ts";

const minutes = 60_000;
const notebooks = join(root, "notebooks");

const run = (args: readonly string[]) =>
  spawnSync(process.execPath, [join(root, "scripts/notebook.mjs"), ...args], { cwd: root, encoding: "utf8" });

/** Why notebooks cannot be executed here, or undefined. */
function obstacle(): string | undefined {
  const jupyter = spawnSync("jupyter", ["nbconvert", "--version"], { encoding: "utf8" });
  if (jupyter.status !== 0) return "no jupyter nbconvert (bash scripts/setup-system.sh installs it)";
  const prepared = run(["--prepare"]);
  return prepared.status === 0
    ? undefined
    : `the kernel cannot be installed: ${prepared.stderr.trim().split("\n").at(-1)}`;
}

const missing = obstacle();
const isRequired = process.env.CI === "true";
if (missing !== undefined) process.stderr.write(`notebooks are not executed: ${missing}\n`);

interface Cell {
  readonly cell_type: string;
  readonly outputs?: readonly {
    readonly text?: readonly string[];
    readonly data?: Readonly<Record<string, unknown>>;
  }[];
}

/** What the cells show, without the lines that tell of progress. */
function outputsOf(file: string): unknown[] {
  const { cells } = JSON.parse(readFileSync(file, "utf8")) as { cells: readonly Cell[] };
  const withoutProgress = (text: readonly string[]): string =>
    text.join("").replaceAll(/^\d+ of \d+ runs, about \d+ s left\n/gm, "");
  return cells
    .filter(({ cell_type }) => cell_type === "code")
    .map(({ outputs = [] }) =>
      outputs.map(({ text, data }) => (text ? withoutProgress(text) : data)).filter((shown) => shown !== ""),
    );
}

describe("notebooks", () => {
  it("leave the workspace its own TypeScript", () => {
    const { stdout } = spawnSync(join(root, "node_modules/.bin/tsc"), ["--version"], { encoding: "utf8" });
    const wanted = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies.typescript;
    expect(stdout).toContain(`Version ${wanted.replace("~", "").split(".").slice(0, 2).join(".")}.`);
  });

  it("refuses a notebook that is not there, and says how it is used", () => {
    const { status, stderr } = run(["--execute", "nowhere.ipynb"]);
    expect([status, stderr]).toEqual([2, "no such notebook: nowhere.ipynb\n"]);
  });
});

describe.skipIf(missing !== undefined && !isRequired)("executed", () => {
  it.each(readdirSync(notebooks).filter((name) => name.endsWith(".ipynb")))(
    "%s runs from top to bottom and shows what it is stored with",
    (name) => {
      const out = temporaryFolder();
      const { status, stderr } = run(["--execute", "--output-dir", out, join("notebooks", name)]);
      expect(status, stderr).toBe(0);
      const shown = outputsOf(join(out, name));
      expect(JSON.stringify(shown)).toContain("<svg");
      expect(shown).toEqual(outputsOf(join(notebooks, name)));
    },
    10 * minutes,
  );

  it.each([
    [
      "a value of the wrong type",
      'const wrong: string = openScenario("../test/fixtures/tiny.yaml");',
      "is not assignable to type 'string'",
    ],
    ["a faulty scenario", 'await openScenario("../test/fixtures/faulty.yaml");', "faulty.yaml:3:9 invalid outlay"],
  ])(
    "stops at %s",
    (_, source, message) => {
      const file = join(notebooks, `.faulty-${process.pid}.ipynb`);
      const cell = (text: string) => ({
        cell_type: "code",
        execution_count: null,
        metadata: {},
        outputs: [],
        source: [text],
      });
      const kernelspec = { display_name: "TypeScript (ShardLab)", language: "typescript", name: "tslab" };
      const cells = [cell('import { openScenario } from "@shardlab/notebook";'), cell(source)];
      writeFileSync(file, JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 4 }));
      try {
        const { status, stderr } = run(["--execute", "--output-dir", temporaryFolder(), file]);
        expect(status).not.toBe(0);
        expect(stderr).toContain(source.slice(0, 30));
        expect(stderr).toContain(message);
      } finally {
        rmSync(file, { force: true });
      }
    },
    3 * minutes,
  );
});
