/** The command as people and scripts meet it: real processes, exit codes, and what goes to stdout and to stderr. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { root } from "./architecture/sources.ts";
import { command, type Finished, shardlab, temporaryFolder } from "./shardlab.ts";

const tiny = "test/fixtures/tiny.yaml";
const faulty = "test/fixtures/faulty.yaml";
const arms = ["grant", "protocol-models"];

describe("help", () => {
  it("lists every command, and is there at once", async () => {
    const start = performance.now();
    const { code, stdout } = await shardlab(["--help"]);
    // 0.15 s on an idle machine; the bound leaves room for a busy one and still catches loading a world.
    expect(performance.now() - start).toBeLessThan(1500);
    expect(code).toBe(0);
    for (const name of readdirSync(join(root, "packages/cli/src/commands"))) {
      expect(stdout).toContain(`  ${name.replace(".ts", "")} `);
    }
  });

  it.each(["run", "validate", "schema", "list", "sql", "report", "completion"])(
    "of %s has an example",
    async (name) => {
      const { code, stdout } = await shardlab(["help", name]);
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`Examples?:\\n.*shardlab ${name}`));
    },
  );
});

describe("bad input", () => {
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["an unknown command", ["rn"], /unknown command 'rn'\n\(Did you mean run\?\)/],
    ["an unknown option", ["run", tiny, "--sedes", "3"], /unknown option '--sedes'\n\(Did you mean --seeds\?\)/],
    ["a missing file", ["run", "nowhere.yaml"], /cannot read nowhere\.yaml: no such file/],
    ["a folder", ["validate", "test"], /cannot read test: it is a folder/],
    ["no file", ["run"], /missing required argument 'files'/],
    ["a count that is none", ["run", tiny, "--seeds", "0"], /expected a whole number of at least 1/],
    ["a setting without a value", ["run", tiny, "--set", "outlay"], /expected key=value/],
    ["a setting of nothing", ["run", tiny, "--set", "outlai=$1M"], /--set outlai: .*outlay/],
    [
      "a part that is not there",
      ["run", tiny, "--only", "frontier"],
      /--only: .*tiny\.yaml has no frontier \(it has main\)/,
    ],
    [
      "a measure that is not there",
      ["run", tiny, "--ci-target", "5%", "--ci-measure", "compue"],
      /unknown measure: compue .*did you mean compute/,
    ],
    ["seeds without a target", ["run", tiny, "--max-seeds", "9"], /--max-seeds: nothing to aim at/],
    ["a folder that cannot be made", ["run", tiny, "--out", "/proc/nowhere"], /cannot write results/],
    ["an unknown format", ["sql", "select 1", "--format", "xml"], /Allowed choices are table, json, csv/],
    ["results that are not there", ["sql", "select 1", "--out", "nowhere"], /no results in: nowhere/],
    ["an experiment that is not there", ["report", "nowhere"], /nowhere/],
  ];

  it.each(cases)("%s gives exit code 2, one clear line, and nothing on stdout", async (_, args, message) => {
    const { code, stdout, stderr } = await shardlab(args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });

  it("shows every fault of every file with its position, and runs nothing", async () => {
    const out = temporaryFolder();
    const { code, stdout, stderr } = await shardlab(["run", tiny, faulty, "nowhere.yaml", "--out", out]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr.trim().split("\n")).toEqual([
      `${faulty}:3:9 invalid outlay: 20000 (expected an amount of money with a unit, such as $3M)`,
      `${faulty}:5:50 unknown key: opportunty (did you mean opportunity?)`,
      expect.stringMatching(/faulty\.yaml:9:20 unknown mechanism: grnat/),
      "cannot read nowhere.yaml: no such file",
    ]);
    expect(readdirSync(out)).toEqual([]);
  });

  it("refuses two scenarios that would share a folder", async () => {
    const copy = join(temporaryFolder(), "tiny.yaml");
    writeFileSync(copy, readFileSync(join(root, tiny)));
    const { code, stderr } = await shardlab(["run", tiny, copy]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("two scenarios of one name")]);
  });
});

describe("validate", () => {
  it("says what is valid and what comes next", async () => {
    const { code, stdout, stderr } = await shardlab(["validate", tiny]);
    expect([code, stdout]).toEqual([0, `${tiny}: valid\n`]);
    expect(stderr).toContain(`next: shardlab run ${tiny}`);
  });

  it("names faults and valid files side by side", async () => {
    const { code, stdout, stderr } = await shardlab(["validate", tiny, faulty]);
    expect([code, stdout]).toEqual([2, `${tiny}: valid\n`]);
    expect(stderr.match(/faulty\.yaml:\d+:\d+ /g)).toHaveLength(3);
  });
});

describe("run", () => {
  const out = temporaryFolder();
  let first: Finished;
  beforeAll(async () => {
    first = await shardlab(["run", tiny, "--seeds", "2", "--out", out]);
  });

  it("prints means, intervals, the answer and the report", () => {
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/measure\s+arm\s+mean\s+95 % interval\s+seeds/);
    expect(first.stdout).toMatch(/protocol-models, compute gathered is .*grant/);
    expect(first.stdout).toContain(`report: ${join(out, "tiny/report.html")}`);
    expect(first.stderr).toContain("4 runs of 2 arms; 0 stored, 4 to run");
    expect(first.stderr).toContain("next: shardlab sql");
    expect(readFileSync(join(out, "tiny/report.html"), "utf8")).toContain("Does ownership gather more work");
  });

  it("does not run again what is stored", async () => {
    const again = await shardlab(["run", tiny, "--seeds", "2", "--out", out]);
    expect(again.stderr).toContain("4 stored, nothing to run");
    expect(again.stdout).toBe(first.stdout);
  });

  it("prints findings as JSON of the promised shape and nothing else", async () => {
    const { code, stdout } = await shardlab(["run", tiny, "--seeds", "2", "--out", out, "--format", "json"]);
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(Object.keys(document)).toEqual(["scenario", "hash", "points"]);
    expect(document).toMatchObject({ scenario: "tiny", hash: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(document.points).toHaveLength(2);
    for (const [index, point] of document.points.entries()) {
      expect(point).toMatchObject({ sweep: { mechanism: arms[index] }, seeds: [1, 2] });
      const { compute } = point.measures;
      expect(Object.keys(compute).sort()).toEqual(["ci95", "mdd", "mean", "n", "unit"]);
      expect(compute.ci95[0]).toBeLessThanOrEqual(compute.mean);
      expect(compute.ci95[1]).toBeGreaterThanOrEqual(compute.mean);
      expect(compute).toMatchObject({ n: 2, unit: "ZFLOP" });
    }
  });

  it("prints a line for each run as JSON lines", async () => {
    const { stdout } = await shardlab(["run", tiny, "--seeds", "2", "--out", out, "--format", "jsonl", "--no-report"]);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ arm, seed }) => [arm, seed])).toEqual([
      ["grant", 1],
      ["grant", 2],
      ["protocol-models", 1],
      ["protocol-models", 2],
    ]);
    for (const line of lines) expect(existsSync(line.path)).toBe(true);
  });

  it("prints the matrix of a dry run, with what is stored, and runs nothing", async () => {
    const { code, stdout } = await shardlab(["run", tiny, "--seeds", "3", "--out", out, "--dry-run"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/design\s+arm\s+points\s+seeds\s+runs\s+stored\s+to run/);
    expect(stdout).toMatch(/main\s+protocol-models\s+1\s+3\s+3\s+2\s+1/);
    expect(stdout).toContain("6 runs of 2 arms; 4 stored, 2 to run: about");
    expect(readdirSync(join(out, "tiny")).filter((name) => /^[0-9a-f]{12}$/.test(name))).toHaveLength(4);
  });

  it("lists, queries and reports what is stored", async () => {
    const list = await shardlab(["list", "--out", out]);
    expect(list.stdout).toMatch(/experiment\s+main\s+sensitivity\s+frontier\s+claim\ntiny\s+4\s+0\s+0\s+0\n/);
    const query = "select mechanism, count(*) as runs from runs group by all order by 1";
    const csv = await shardlab(["sql", query, "--out", out, "--format", "csv"]);
    expect(csv.stdout).toBe("mechanism,runs\ngrant,2\nprotocol-models,2\n");
    const json = await shardlab(["sql", query, "--out", out, "--format", "json"]);
    expect(JSON.parse(json.stdout)).toEqual(arms.map((mechanism) => ({ mechanism, runs: 2 })));
    const wrong = await shardlab(["sql", "selec 1", "--out", out]);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/^error: query failed: .*\n$/)]);
    const before = readFileSync(join(out, "tiny/report.html"), "utf8");
    const report = await shardlab(["report", join(out, "tiny")]);
    expect([report.code, report.stdout]).toEqual([0, `${join(out, "tiny/report.html")}\n`]);
    expect(readFileSync(join(out, "tiny/report.html"), "utf8")).toBe(before);
  });

  it("reports sensitivity and frontier", async () => {
    const folder = temporaryFolder();
    const { code, stderr } = await shardlab(["run", "test/fixtures/analyses.yaml", "--out", folder]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("116 runs of 2 arms")]);
    const figures = readdirSync(join(folder, "analyses/figures"));
    expect(figures).toEqual(expect.arrayContaining(["arm-comparison.svg", "frontier.svg", "sensitivity.svg"]));
  });
});

describe("a run that cannot be written", () => {
  it("says why and stops with exit code 2", async () => {
    const blocked = join(temporaryFolder(), "file");
    writeFileSync(blocked, "");
    const { code, stderr } = await shardlab(["run", tiny, "--seeds", "1", "--out", blocked]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/error: cannot write results: .*/)]);
  });
});

describe("interruption", () => {
  it("keeps finished runs, says how to go on, and exits with 130", async () => {
    const out = temporaryFolder();
    const args = ["run", tiny, "--seeds", "400", "--jobs", "1", "--out", out];
    const { code, stderr } = await shardlab(args, { interruptAt: "to run" });
    expect(stderr).toMatch(/interrupted: \d+ of 800 runs are stored; the same command goes on from there/);
    expect(code).toBe(130);
  });

  it("is quiet when the reader of stdout goes away", async () => {
    const child = spawn(process.execPath, [command, "schema"], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.stdout.destroy();
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect([code, stderr.replace(/^next: .*\n/, "")]).toEqual([0, ""]);
  });
});

describe("completion", () => {
  it.each(["bash", "zsh", "fish"])("of %s names every command and option", async (shell) => {
    const { code, stdout } = await shardlab(["completion", shell]);
    expect(code).toBe(0);
    for (const word of ["run", "validate", "sql", "seeds", "dry-run"]) expect(stdout).toContain(word);
  });

  it("completes a command in bash", async () => {
    const { stdout } = await shardlab(["completion", "bash"]);
    const script = `${stdout}\nCOMP_WORDS=(shardlab va); COMP_CWORD=1; _shardlab; echo "\${COMPREPLY[@]}"`;
    const bash = spawn("bash", ["-c", script]);
    let reply = "";
    bash.stdout.on("data", (chunk) => {
      reply += chunk;
    });
    await new Promise((resolve) => bash.on("close", resolve));
    expect(reply).toBe("validate\n");
  });
});

describe("an unbuilt checkout", () => {
  it("says how to build it", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "bin"));
    const copy = join(folder, "bin/shardlab.mjs");
    writeFileSync(copy, readFileSync(command));
    const child = spawn(process.execPath, [copy, "--help"]);
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect([code, stderr]).toEqual([2, "shardlab is not built: run npm run build\n"]);
  });
});
