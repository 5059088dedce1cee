/** Properties of mechanisms through the command: the matrix, a rule of one's own from its first file, an account explained. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { mechanismProperties } from "@shardlab/contracts";
import { beforeAll, describe, expect, it } from "vitest";
import { root } from "./architecture/sources.ts";
import { shardlab, temporaryFolder } from "./shardlab.ts";

const fixtures = join(root, "test/fixtures");

describe("properties", () => {
  it("prints a cell for every property, and a counter-example for what is not claimed", async () => {
    const { code, stdout, stderr } = await shardlab(["properties", "proof-of-work", "--cases", "6"]);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/all \d+ claims held\nnext: shardlab properties .*--page/),
    ]);
    const [head = "", row = ""] = stdout.split("\n");
    expect(head.trim().split(/\s+/)).toEqual(mechanismProperties.map((_, index) => String(index + 1)));
    const [kind, ...cells] = row.trim().split(/\s+/);
    expect(kind).toBe("proof-of-work");
    expect(cells).toEqual(
      mechanismProperties.map((property) => {
        if (property === "no-creation-from-nothing" || property === "null-player") return "×";
        return ["individual-rationality", "incentive-compatibility"].includes(property) ? "proof*" : "6*";
      }),
    );
    expect(stdout).toMatch(/proof-of-work, null-player: who delivers nothing that trains gets [\d.]+ coin/);
    expect(stdout).toContain("phi C <= p (d - f) (w + S) + s dV");
  });

  it("writes a page that stands by itself, and files from which counter-examples can be made again", async () => {
    const folder = temporaryFolder();
    const [page, store] = [join(folder, "page.html"), join(folder, "store")];
    const args = ["properties", "closed-lab", "proof-of-work", "--cases", "3", "--format", "json"];
    const { code, stdout } = await shardlab([...args, "--page", page, "--store", store]);
    expect(code).toBe(0);
    const { mechanisms } = JSON.parse(stdout);
    const [lab, mining] = mechanisms.map(({ verdicts }: { verdicts: { verdict: string }[] }) =>
      verdicts.map(({ verdict }) => verdict),
    );
    expect([lab[2], lab[3], mining[1], mining[8]]).toEqual([
      ...["not-applicable", "not-applicable"],
      ...["counter-example", "counter-example"],
    ]);
    const html = readFileSync(page, "utf8");
    expect(html).toContain("who delivers nothing that trains gets");
    expect(html).not.toMatch(/(src|href)="http/);
    expect(readdirSync(join(store, "proof-of-work")).sort()).toEqual([
      ...["no-creation-from-nothing.json", "null-player.json", "survived.json"],
    ]);
  });

  it("says which claim of a rule of one's own does not hold", async () => {
    const rule = join(fixtures, "plugins/head-bonus.ts");
    const { code, stdout, stderr } = await shardlab(["properties", "--plugin", rule, "--cases", "5"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("head-bonus does not have sybil-proofness")]);
    expect(stdout).toMatch(/^head-bonus.*BROKEN/m);
  });

  it("finds the profit from a second name that only large deliveries have", async () => {
    const rule = join(fixtures, "plugins/threshold-bonus.ts");
    const { code, stdout } = await shardlab(["properties", "--plugin", rule, "--format", "json"]);
    const [{ verdicts }] = JSON.parse(stdout).mechanisms;
    const found = verdicts.find(({ property }: { property: string }) => property === "sybil-proofness");
    expect([code, found.verdict, found.isClaimed]).toEqual([1, "counter-example", true]);
    expect(found.found).toMatch(/^\d+ names get \$[\d.]+, one name \$[\d.]+$/);
    expect(found.plan.providers).toBeLessThanOrEqual(3);
  });

  it.each([
    ["an unknown kind", ["grent"], /unknown mechanism: grent \(.*did you mean grant\?\)/],
    ["an unknown kind of page", ["grant", "--page", "matrix.pdf"], /expected .html, .svg or .png/],
    ["no cases", ["grant", "--cases", "0"], /expected a whole number/],
  ])("refuses %s", async (_, args, message) => {
    const { code, stdout, stderr } = await shardlab(["properties", ...args]);
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringMatching(message)]);
  });
});

describe("new mechanism", () => {
  const folder = join(temporaryFolder(), "fair-wage");
  const rule = join(folder, "fair-wage.ts");
  beforeAll(async () => {
    const { code, stdout } = await shardlab(["new", "mechanism", "fair-wage", "--in", folder]);
    expect([code, stdout.trim().split("\n").length]).toEqual([0, 8]);
  });

  it("begins with a rule that has every property, and a test that passes", async () => {
    const { code, stdout, stderr } = await shardlab(["check", rule, "--tests", "--worlds", "5"]);
    expect([code, stdout]).toEqual([0, expect.not.stringContaining("FAILS")]);
    expect(stderr).toMatch(/all \d+ checks held, and .*fair-wage\.test\.ts passed/);
    for (const property of mechanismProperties) expect(stdout).toContain(`claims ${property}`);
  });

  it("begins with a scenario that has the rule beside two others", async () => {
    const out = join(folder, "results");
    const { code, stderr } = await shardlab(["run", join(folder, "fair-wage.yaml"), "--seeds", "1", "--out", out]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("3 runs of 3 arms")]);
  });

  it("begins with a workflow and scripts that call this installation", () => {
    const workflow = readFileSync(join(folder, ".github/workflows/fair-wage.yml"), "utf8");
    expect(workflow).toContain("run: npm run check\n        working-directory: .\n");
    const { scripts } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const [, command = ""] = /:-(.*?)\}/.exec(scripts.check) ?? [];
    expect(join(folder, command)).toBe(join(root, "bin/shardlab.mjs"));
  });

  it("overwrites nothing", async () => {
    const { code, stdout, stderr } = await shardlab(["new", "mechanism", "fair-wage", "--in", folder]);
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringMatching(/already there: .*fair-wage\.ts, /)]);
  });

  it("finds the profit from a second name that a change brings", async () => {
    const changed = join(dirname(folder), "wage-bonus.ts");
    const text = readFileSync(rule, "utf8")
      .replaceAll("fairWage", "wageBonus")
      .replaceAll("fair-wage", "wage-bonus")
      .replace("{ work, offer, revenueMicros }: EpochBatch", "{ epoch, work, offer, revenueMicros }: EpochBatch")
      .replace(
        "postings: [...revenue, ...pay.postings]",
        `postings: [...revenue, ...pay.postings, {
          reason: "bonus", asset: context.cash, from: context.sponsor, to: work.account.slice(0, work.count),
          amount: new Float64Array(work.count).fill(epoch % 7 === 6 ? 1_000_000 : 0) }]`,
      );
    expect(text).toContain("epoch % 7");
    writeFileSync(changed, text);
    const { code, stdout } = await shardlab(["check", changed, "--worlds", "20"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAILS +claims sybil-proofness\n.*\n +\d+ names get \$[\d.]+, one name \$[\d.]+\n/);
  });

  it.each([
    ["MyRule", /invalid name: MyRule/],
    ["my_rule", /invalid name: my_rule/],
    ["grant", /name of a built-in mechanism: grant/],
    ["class", /reserved word: class/],
  ])("refuses the name %s", async (name, message) => {
    const place = join(temporaryFolder(), "rule");
    const { code, stderr } = await shardlab(["new", "mechanism", name, "--in", place]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(existsSync(place)).toBe(false);
  });
});

describe("explain of an account", () => {
  const out = temporaryFolder();
  let run = "";
  beforeAll(async () => {
    const made = [
      "run",
      join(fixtures, "tiny.yaml"),
      "--seeds",
      "1",
      "--set",
      "shocks=expected",
      "--out",
      out,
      "--no-report",
    ];
    expect((await shardlab(made)).code).toBe(0);
    const query = "select run from runs where mechanism = 'protocol-models'";
    const { stdout } = await shardlab(["sql", query, "--out", out, "--format", "csv"]);
    run = stdout.trim().split("\n")[1] ?? "";
  });

  it("traces a share of revenue to what is owned and what was promised", async () => {
    // Revenue is paid out every ten days, on the last of them.
    const args = ["explain", run, "--epoch", "139", "--out", out, "--format", "json", "--account"];
    const { postings: told } = JSON.parse((await shardlab([...args, "treasury/toy"])).stdout);
    const paid = told.find(({ reason }: { reason: string }) => reason === "revenue share of compute");
    const { code, stdout } = await shardlab([...args, paid.counterparty.replace("/", " ")]);
    const { account, ownership, postings, comparison } = JSON.parse(stdout);
    expect([code, account, comparison.verdict]).toEqual([0, paid.counterparty, "same"]);
    expect(postings).toHaveLength(1);
    expect(postings[0]).toMatchObject({ counterparty: "treasury/toy", amount: -paid.amount, cause: "ownership" });
    expect(postings[0].amount / postings[0].pot).toBeCloseTo(ownership[0].share, 4);
  });

  it("tells it in words", async () => {
    const { code, stdout } = await shardlab([
      "explain",
      run,
      "--account",
      "designer/toy",
      "--epoch",
      "139",
      "--out",
      out,
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/designer\/toy \(account 61\) in epoch 139, day 140\ntrace: the same as the stored one/);
    expect(stdout).toMatch(/revenue of the designer +\+\$[\d.]+k? +\$[\d.]+k? +treasury\/toy/);
  });

  it.each([
    [
      "an unknown account",
      ["--account", "provider 99", "--epoch", "3"],
      /unknown account: provider 99 \(expected provider\/0 to/,
    ],
    ["an unknown epoch", ["--account", "provider 1", "--epoch", "999"], /unknown epoch: 999 \(expected 0 to 179\)/],
    ["half of the question", ["--account", "provider 1"], /--epoch is missing/],
    ["an epoch that is no number", ["--account", "1", "--epoch", "soon"], /expected a whole number/],
  ])("refuses %s", async (_, args, message) => {
    const { code, stderr } = await shardlab(["explain", run, ...args, "--out", out]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});
