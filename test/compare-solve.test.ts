/** `shardlab compare` and `shardlab solve` as people meet them, through the real economy. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Finished, shardlab, temporaryFolder } from "./shardlab.ts";

const tiny = "test/fixtures/tiny.yaml";
const out = temporaryFolder();
const before = temporaryFolder();

beforeAll(async () => {
  const made = await shardlab(["run", tiny, "--seeds", "6", "--out", out, "--no-report"]);
  expect(made.code).toBe(0);
  const settings = ["--set", "seeds.first=100", "--set", "market.revenueMultiple=2"];
  const other = await shardlab(["run", tiny, "--seeds", "4", ...settings, "--out", before, "--no-report"]);
  expect(other.code).toBe(0);
});

describe.each(["compare", "solve"])("help of %s", (name) => {
  it("has examples and stands in the list", async () => {
    const { code, stdout } = await shardlab(["help", name]);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\\n.*shardlab ${name}`));
    expect((await shardlab(["--help"])).stdout).toContain(`  ${name} `);
  });
});

describe("compare", () => {
  const compare = (...args: string[]): Promise<Finished> => shardlab(["compare", ...args, "--out", out]);

  it("tells two arms apart measure by measure, paired by seed", async () => {
    const { code, stdout, stderr } = await compare("tiny:protocol-models", ":grant", "--measure", "gini");
    expect(code).toBe(0);
    expect(stdout).toContain("mechanism.kind: protocol-models | grant");
    expect(stdout).toMatch(/Gini coefficient of ownership +protocol-models − grant .* lower, better/);
    expect(stdout).toContain("paired by 6 shared seeds");
    expect(stderr).toContain("next: ");
  });

  it("finds no difference of an arm from itself", async () => {
    const { stdout } = await compare("tiny:grant", "tiny:grant", "--measure", "all", "--format", "json");
    const { rows, settings, tested } = JSON.parse(stdout);
    expect(rows.length).toBeGreaterThan(10);
    expect(new Set(rows.map(({ verdict }: { verdict: string }) => verdict))).toEqual(new Set(["no difference shown"]));
    expect([settings, tested]).toEqual([[], 0]);
  });

  it("compares experiments over their sweep, by Welch's test where no seed is shared", async () => {
    const { code, stdout } = await compare("tiny", `tiny@${before}`, "--format", "json", "--measure", "compute");
    expect(code).toBe(0);
    const { rows, settings } = JSON.parse(stdout);
    expect(rows.map(({ method, at, seeds }: Record<string, unknown>) => ({ method, at, seeds }))).toEqual(
      ["grant", "protocol-models"].map((mechanism) => ({
        ...{ method: "welch", at: { mechanism }, seeds: { left: 6, right: 4 } },
      })),
    );
    expect(settings).toEqual([{ path: "market.revenueMultiple", left: 3, right: 2 }]);
  });

  it("compares every arm with every other, as CSV and as a figure", async () => {
    const figure = join(out, "differences.svg");
    const { stdout } = await compare("tiny", "--all-arms", "--format", "csv", "--figure", figure);
    const [header, ...lines] = stdout.trim().split("\n");
    expect(header).toMatch(/^measure,unit,left_arm,right_arm,method,.*verdict,outcome$/);
    expect(lines[0]).toMatch(/^compute,ZFLOP,grant,protocol-models,paired,6,6,/);
    expect(readFileSync(figure, "utf8")).toContain("compute gathered");
  });

  it.each([
    [["tinny", ":grant"], /unknown experiment: tinny \(expected tiny; did you mean tiny\?\)/],
    [["tiny:grnat", ":grant"], /unknown arm of tiny: grnat \(.*did you mean grant\?\)/],
    [["tiny:grant", ":protocol-models", "--measure", "comptue"], /unknown measure: comptue \(did you mean compute\?\)/],
    [["tiny"], /one side alone/],
    [["tiny", "tiny", "--all-arms"], /--all-arms takes one experiment/],
    [["tiny:", "tiny"], /no arm after the colon/],
    [["tiny", "--all-arms", "--figure", "x.pdf"], /unknown kind of figure: x\.pdf/],
  ])("refuses %j with exit code 2 and one clear line", async (args, message) => {
    const { code, stdout, stderr } = await compare(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe("solve", () => {
  const quick = ["--set", "shocks=expected", "--seeds", "5", "--points", "4", "--ci-target", "30%", "--out", out];
  const solve = (...args: string[]): Promise<Finished> => shardlab(["solve", tiny, ...args, ...quick]);
  const question = [
    "--for",
    "protocol-models:compute = 1.5 ZFLOP",
    "--over",
    "outlay",
    "--from",
    "$10k",
    "--to",
    "$400k",
  ];

  it("finds the outlay that gathers so much compute, stores it, and finds it again without a run", async () => {
    const figure = join(out, "crossing.svg");
    const first = await solve(...question, "--format", "json", "--figure", figure);
    expect(first.code).toBe(0);
    const found = JSON.parse(first.stdout);
    expect(found).toMatchObject({ state: "found", unit: "ZFLOP", seeds: 5, arms: ["protocol-models"] });
    expect(found.ci95[0]).toBeLessThan(found.value);
    expect(found.ci95[1]).toBeGreaterThan(found.value);
    expect(readFileSync(figure, "utf8")).toContain("outlay");
    const folder = join(out, "tiny-solve");
    expect(readdirSync(folder).filter((name) => /^solve-[0-9a-f]{12}\.json$/.test(name))).toHaveLength(1);
    const again = JSON.parse((await solve(...question, "--format", "json")).stdout);
    expect(again.runs).toEqual({ total: found.runs.total, made: 0, cached: found.runs.total });
    expect([again.value, again.ci95]).toEqual([found.value, found.ci95]);

    // The same seeds at the value found, by `run`: their mean is the 1.5 ZFLOP that was asked for.
    const settings = ["--set", "shocks=expected", "--set", `outlay=$${found.value}`];
    const check = await shardlab([
      "run",
      tiny,
      ...settings,
      "--seeds",
      "5",
      "--out",
      temporaryFolder(),
      "--format",
      "json",
    ]);
    const ownership = JSON.parse(check.stdout).points[1];
    expect(ownership.sweep).toEqual({ mechanism: "protocol-models" });
    expect(ownership.measures.compute.mean).toBeCloseTo(1.5 + found.residual.mean, 6);
    expect(Math.abs(found.residual.mean)).toBeLessThan(0.1);
  });

  it("words an answer, and says where there is none", async () => {
    const text = await solve(...question);
    expect(text.stdout).toMatch(/outlay = \$[\d.]+k \(95 % interval \$[\d.]+k to \$[\d.]+k\)/);
    expect(text.stderr).toMatch(/next: shardlab run test\/fixtures\/tiny\.yaml --set 'outlay=\$[\d.]+k'/);
    const none = await solve("--for", "grant:compute <= -1", "--over", "outlay", "--from", "$10k", "--to", "$400k");
    expect(none.code).toBe(0);
    expect(none.stdout).toContain("no crossing in the range");
  });

  it.each([
    [["--for", "grant:comptue = 1", "--over", "outlay"], /column 1 of the expression: unknown measure: comptue \(did/],
    [["--for", "grnat:compute = 1", "--over", "outlay"], /unknown arm: grnat \(.*did you mean grant\?\)/],
    [["--for", "compute = 1", "--over", "outlay"], /no arm for compute: there are grant, protocol-models/],
    [["--for", "grant:compute", "--over", "outlay"], /column 14 of the expression: unexpected end \(expected =, <= or/],
    [["--for", "grant:compute = 1", "--over", "outlai"], /--over outlai: .*did you mean outlay\?/],
    [
      ["--for", "grant:compute = 1", "--over", "outlay", "--from", "5"],
      /--from: invalid value of outlay: 5 .*such as \$3M/,
    ],
    [["--for", "grant:compute = 1", "--over", "outlay", "--from", "$2M", "--to", "$1M"], /no range to search/],
    [["--for", "grant:compute = 1"], /required option '--over <path>' not specified/],
  ])("refuses %j with exit code 2", async (args, message) => {
    const { code, stdout, stderr } = await solve(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it("stops on Ctrl-C, keeps finished runs, and goes on from there", async () => {
    const folder = temporaryFolder();
    const args = ["solve", tiny, ...question, "--set", "providers.homes.count=4000", "--out", folder, "--seeds", "20"];
    const stopped = await shardlab(args, { interruptAt: "searching" });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain("the same command goes on from there");
    expect(existsSync(join(folder, "tiny-solve", "experiment.json"))).toBe(false);
  });
});
