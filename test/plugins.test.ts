/** A user's own mechanism, in a folder outside the repository: checked, run, kept with the results, and made again. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { root } from "./architecture/sources.ts";
import { shardlab, temporaryFolder } from "./shardlab.ts";

const fixtures = join(root, "test/fixtures");

/** A folder of a user: a scenario that compares a rule of their own with a grant. */
function ownFolder(): { folder: string; scenario: string; rule: string; out: string } {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "rules"));
  for (const name of ["piece-rate.ts", "price-floor.ts"])
    copyFileSync(join(fixtures, "plugins", name), join(folder, "rules", name));
  const tiny = readFileSync(join(fixtures, "tiny.yaml"), "utf8").replace(/^#.*\n/, "");
  const scenario = join(folder, "own.yaml");
  const own = tiny.replace(/- \{ kind: protocol-models.*\}/, "- piece-rate");
  expect(own).not.toBe(tiny);
  writeFileSync(scenario, `plugins: [./rules/piece-rate.ts]\n${own}`);
  return { folder, scenario, rule: join(folder, "rules/piece-rate.ts"), out: join(folder, "results") };
}

const runsOf = async (out: string): Promise<{ run: string; mechanism: string; seed: string; trace: string }[]> => {
  const query = 'select run, mechanism, seed, "trace-hash" from runs order by mechanism, seed';
  const { stdout } = await shardlab(["sql", query, "--out", out, "--format", "csv"]);
  const [, ...rows] = stdout.trim().split("\n");
  return rows.map((row) => {
    const [run = "", mechanism = "", seed = "", trace = ""] = row.split(",");
    return { run, mechanism, seed, trace };
  });
};

describe("a scenario with a mechanism of one's own", () => {
  const { scenario, rule, out } = ownFolder();
  beforeAll(async () => {
    const { code, stderr } = await shardlab(["run", scenario, "--seeds", "2", "--out", out, "--no-report"]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("4 runs of 2 arms")]);
  });

  it("runs beside the built-in ones, and says whose code made each run", async () => {
    const runs = await runsOf(out);
    expect(runs.map(({ mechanism }) => mechanism)).toEqual(["grant", "grant", "piece-rate", "piece-rate"]);
    expect(new Set(runs.map(({ trace }) => trace)).size).toBeGreaterThanOrEqual(3);
    const [ours, , theirs] = await Promise.all(
      runs.map(async ({ run }) => {
        const { stdout } = await shardlab(["explain", run, "--out", out, "--format", "json"]);
        return JSON.parse(stdout);
      }),
    );
    expect(ours.plugin).toBeUndefined();
    expect(theirs.plugin).toEqual({ kind: "piece-rate", hash: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(readdirSync(join(out, "own/plugins"))).toEqual([`piece-rate-${theirs.plugin.hash}.mjs`]);
  });

  it("runs alike in this process and on workers, and in one process more", async () => {
    const other = temporaryFolder();
    await shardlab(["run", scenario, "--seeds", "2", "--jobs", "1", "--out", other, "--no-report"]);
    expect(await runsOf(other)).toEqual(await runsOf(out));
  });

  it("is made again from what lies with the results, when the user's file is gone", async () => {
    const run = (await runsOf(out)).find(({ mechanism }) => mechanism === "piece-rate")?.run ?? "";
    const kept = readFileSync(rule, "utf8");
    rmSync(rule);
    rmSync(join(root, ".cache/plugins"), { recursive: true, force: true });
    try {
      const { code, stdout } = await shardlab(["replay", run, "--out", out]);
      expect([code, stdout]).toEqual([0, expect.stringContaining("the same as the stored one, bit for bit")]);
    } finally {
      writeFileSync(rule, kept);
    }
  });

  it("runs anew what the user's change concerns, and nothing else", async () => {
    const before = readFileSync(rule, "utf8");
    const dryRun = async (): Promise<string> => {
      const { stdout } = await shardlab(["run", scenario, "--seeds", "2", "--out", out, "--dry-run"]);
      return stdout;
    };
    writeFileSync(rule, `// A remark changes nothing.\n${before}`);
    expect(await dryRun()).toContain("4 stored, nothing to run");
    writeFileSync(rule, before.replace("default(1.2)", "default(1.3)"));
    const changed = await dryRun();
    expect(changed).toContain("2 stored, 2 to run");
    expect(changed).toMatch(/stale.*plugin [0-9a-f]{8} → [0-9a-f]{8}/);
    writeFileSync(rule, before);
  });
});

describe("a plugin that cannot take part", () => {
  it("is a fault at its place in the scenario", async () => {
    const { scenario, rule, out } = ownFolder();
    writeFileSync(rule, "export const pieceRate = ;\n");
    const { code, stdout, stderr } = await shardlab(["run", scenario, "--out", out]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/own\.yaml:1:11 piece-rate\.ts:1:26: Unexpected ";"/);
    expect(existsSync(out)).toBe(false);
  });

  it("leaves a misspelt parameter a fault with the nearest name", async () => {
    const { scenario } = ownFolder();
    const text = readFileSync(scenario, "utf8");
    writeFileSync(scenario, `${text}  mechanism.prise: { values: [1, 2], when: { mechanism: piece-rate } }\n`);
    const { code, stderr } = await shardlab(["validate", scenario]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/prise.*price/);
  });
});

describe("check", () => {
  it("passes a mechanism that keeps what it claims", async () => {
    const { code, stdout, stderr } = await shardlab([
      "check",
      join(fixtures, "plugins/piece-rate.ts"),
      "--worlds",
      "5",
    ]);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(
        /all \d+ checks held\nnext: shardlab run a scenario that has plugins: \[\S+piece-rate.ts\] and mechanism: piece-rate\n/,
      ),
    ]);
    expect(stdout).toMatch(/holds +claims sybil-proofness/);
    expect(stdout).not.toContain("FAILS");
  });

  it("finds the smallest world in which a hidden profit from a second name shows", async () => {
    const { code, stdout } = await shardlab(["check", join(fixtures, "plugins/head-bonus.ts"), "--worlds", "5"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAILS +claims sybil-proofness\n +with .*\n +\d+ names get \$[\d.]+, one name \$[\d.]+\n/);
    expect(stdout).toMatch(
      / +smallest such world found: 2 providers, 1 data provider, 1 model, \d epochs of 1 d, seed \d+\n/,
    );
    expect(stdout).toMatch(/holds +claims order-independence/);
  });

  it.each([
    ["what is not there", "nowhere.ts", /nowhere\.ts/],
    ["what is no mechanism", "test/fixtures/plugins/price-floor.ts", /expected priceFloorSpec/],
  ])("refuses %s", async (_, file, message) => {
    const { code, stdout, stderr } = await shardlab(["check", file]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });
});
