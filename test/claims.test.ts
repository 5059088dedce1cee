/** `shardlab claims` as people meet it: a claim whose region is known, and what is said of a faulty one. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { root } from "./architecture/sources.ts";
import { type Finished, shardlab, temporaryFolder } from "./shardlab.ts";

const file = "test/fixtures/claims/lab-fronts-cash.yaml";
const out = temporaryFolder();
let found: Finished;

beforeAll(async () => {
  found = await shardlab(["claims", file, "--out", out, "--format", "json"]);
});

describe("claims", () => {
  it("finds the region in which a claim holds, and what moves it", () => {
    expect(found.code).toBe(0);
    const [claim] = JSON.parse(found.stdout);
    // The lab's capital is the outlay: of outlays from $10k to $60k three fifths reach thirty thousand.
    const { holds, fails, open, share, ci95 } = claim.whole;
    expect([holds + fails, open]).toEqual([16, 0]);
    expect(Math.abs(share - 0.6)).toBeLessThanOrEqual(2 / 16);
    expect(ci95[0] < 0.6 && ci95[1] > 0.6).toBe(true);
    expect(claim.verdict).toBe("holds in part");
    const [outlay, ...others] = claim.parameters;
    expect(outlay.path).toBe("outlay");
    expect(Math.abs(outlay.indices.total.value - 1)).toBeLessThan(0.5);
    for (const { indices } of others) expect(indices.total.value).toBe(0);
    const [{ bounds }] = claim.tree.leaves;
    const threshold = 10_000 + 50_000 * bounds[0].place;
    expect(Math.abs(threshold - 30_000)).toBeLessThan(3500);
  });

  it("makes no run again, and writes one page with a figure for each claim", async () => {
    const again = await shardlab(["claims", file, "--out", out]);
    expect(again.stderr).toContain("all stored");
    expect(again.stdout).toMatch(/holds in part: true at (9|10|11) of 16 points, false at \d; so true in/);
    const page = readFileSync(join(out, "claims/report.html"), "utf8");
    for (const text of [
      "Register",
      "1. A lab fronts at least thirty thousand dollars.",
      "What moves it",
      "not checked",
      // A parameter is called what the file calls it, in the file's unit, or else by its key.
      "Region: capital of the lab $10k to $60k, revenue multiple 1 to 6, models hazard 5 %/y to 60 %/y.",
      "Capital of the lab ($)",
    ]) {
      expect(page).toContain(text);
    }
    expect(existsSync(join(out, "claims/figures/claim-1.png"))).toBe(true);
  });

  it("leaves the page of all claims alone when only some are asked for", async () => {
    const whole = readFileSync(join(out, "claims/report.html"), "utf8");
    const { code, stdout, stderr } = await shardlab(["claims", file, "--only", "1", "--out", out]);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`page: ${join(out, "claims/claims-1.html")}`)]);
    expect(stderr).toContain(`or shardlab claims ${file} --out ${out}\n`);
    expect(readFileSync(join(out, "claims/claims-1.html"), "utf8")).toContain("<h1>Claim 1 put to the test</h1>");
    expect(readFileSync(join(out, "claims/report.html"), "utf8")).toBe(whole);
  });

  it("is part of an experiment's own page", async () => {
    const made = await shardlab(["run", file, "--only", "claim", "--out", out]);
    expect(made.code).toBe(0);
    expect(readFileSync(join(out, "lab-fronts-cash/report.html"), "utf8")).toContain("What moves it");
  });
});

describe("a full look", () => {
  it("adds the rows that a quick one leaves out, and makes no run again", async () => {
    const options = ["--set", "claim.indexDraws=4", "--set", "claim.fullDraws=8", "--out", temporaryFolder()];
    const quick = await shardlab(["claims", file, ...options]);
    // Of eight rows of A and B the first four are mixed, over three parameters; two arms, two seeds.
    expect(quick.stderr).toContain(`${(8 * 2 + 4 * 3) * 4} runs of 2 arms; 0 stored`);
    const full = await shardlab(["claims", file, "--full", ...options]);
    expect(full.stderr).toContain(`${8 * 5 * 4} runs of 2 arms; ${(8 * 2 + 4 * 3) * 4} stored, ${4 * 3 * 4} to run`);
  });
});

describe("folders", () => {
  it("stand for the scenario files in them", async () => {
    const named = await shardlab(["claims", "test/fixtures/claims", "--out", out, "--format", "json"]);
    expect(JSON.parse(named.stdout)).toEqual(JSON.parse(found.stdout));
    const empty = temporaryFolder();
    const { code, stderr } = await shardlab(["claims", empty, "--out", out]);
    expect([code, stderr.includes(`no claims: ${empty}`)]).toEqual([2, true]);
  });
});

describe("faulty claims", () => {
  const faults = async (change: (text: string) => string, ...options: string[]): Promise<string> => {
    const faulty = join(temporaryFolder(), "faulty.yaml");
    const text = readFileSync(join(root, file), "utf8");
    expect(change(text)).not.toBe(text);
    writeFileSync(faulty, change(text));
    const { code, stderr } = await shardlab(["claims", faulty, "--out", out, ...options]);
    expect(code).toBe(2);
    expect(stderr).not.toContain("    at ");
    return stderr;
  };

  it("are told with line and column", async () => {
    expect(await faults((text) => text.replace(">= $30k", "> $30k"))).toMatch(
      /faulty\.yaml:\d+:\d+ .*column \d+ of the expression/,
    );
    expect(await faults((text) => text.replace("closed-lab:cash-up-front", "closed-lab:cash-up-frnt"))).toMatch(
      /faulty\.yaml:\d+:\d+ .*unknown measure: cash-up-frnt \(did you mean cash-up-front\?\)/,
    );
    expect(await faults((text) => text.replace("closed-lab:cash", "closed-labs:cash"))).toMatch(
      /faulty\.yaml:\d+:\d+ .*unknown arm: "?closed-labs"?.*closed-lab/,
    );
    expect(await faults((text) => text.replace("closed-lab:cash", "cash"))).toContain("measure without an arm");
    expect(await faults((text) => text.replace("low: $10k", "low: $90k"))).toContain("high not above low");
    expect(await faults((text) => text.replace("    outlay: {", "    outlays: {"))).toMatch(
      /faulty\.yaml:\d+:\d+ .*outlay/,
    );
  });

  it("are all told of before anything runs, also beside sound ones", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a-sound.yaml"), readFileSync(join(root, file), "utf8"));
    writeFileSync(join(folder, "b-broken.yaml"), "question: [unclosed\n");
    const results = temporaryFolder();
    const { code, stdout, stderr } = await shardlab(["claims", folder, "--out", results]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/b-broken\.yaml:\d+:\d+ YAML syntax/);
    expect(stderr).not.toContain("a-sound.yaml:");
    expect(existsSync(join(results, "claims"))).toBe(false);
  });

  it("must be claims, each of a number of its own", async () => {
    const { code, stderr } = await shardlab(["claims", "test/fixtures/tiny.yaml", "--out", out]);
    expect([code, stderr.includes("scenario without a claim")]).toEqual([2, true]);
    const twice = await shardlab(["claims", file, file, "--out", out]);
    expect([twice.code, twice.stderr.includes("two claims of one number: 1")]).toEqual([2, true]);
    const other = await shardlab(["claims", file, "--only", "4", "--out", out]);
    expect([other.code, other.stderr.includes("--only: 4 (expected 1)")]).toEqual([2, true]);
  });
});
