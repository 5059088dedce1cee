/** `shardlab game` as people meet it: payoffs that are written down, and payoffs that are measured. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./architecture/sources.ts";
import { shardlab, temporaryFolder } from "./shardlab.ts";

const inspection = "scenarios/games/inspection.yaml";
const out = temporaryFolder();

const scenario = (game: string): string => {
  const file = join(temporaryFolder(), "choice.yaml");
  const tiny = readFileSync(join(root, "test/fixtures/tiny.yaml"), "utf8");
  writeFileSync(file, `${tiny}\ngame: ${game}\n`);
  return file;
};

describe("help of game", () => {
  it("has examples and stands in the list", async () => {
    const { code, stdout } = await shardlab(["help", "game"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples:\n.*shardlab game/);
    expect((await shardlab(["--help"])).stdout).toContain("  game ");
  });
});

describe("a game file", () => {
  it("has the equilibrium of the closed form, whatever its parameters, and a page", async () => {
    const sets = ["parameters.auditCost=0.7", "parameters.gain=1.5", "parameters.fine=6", "parameters.harm=1"];
    const args = sets.flatMap((set) => ["--set", set]);
    const { code, stdout, stderr } = await shardlab(["game", inspection, ...args, "--out", out, "--format", "json"]);
    expect(code).toBe(0);
    const { games } = JSON.parse(stdout);
    expect(games[0].equilibria).toHaveLength(1);
    expect(games[0].equilibria[0].row[0].value).toBeCloseTo(1.5 / (1.5 + 6), 9);
    expect(games[0].equilibria[0].column[0].value).toBeCloseTo(0.7 / (6 + 1), 9);
    expect(stderr).toMatch(/next: open .*inspection-game\/report.html/);
    const folder = join(out, "inspection-game");
    const page = readFileSync(join(folder, "report.html"), "utf8");
    for (const text of ["Where verifier and provider go", "what each role earns", "audit 20\u00a0%", "Dresher"].map(
      (one) => one.replace("\u00a0", " "),
    ))
      expect(page).toContain(text);
    expect(readdirSync(join(folder, "figures"))).toContain("phase-portrait.svg");
    expect(JSON.parse(readFileSync(join(folder, "game.json"), "utf8")).schemaVersion).toBe(1);
    rmSync(join(folder, "report.html"));
    expect((await shardlab(["report", folder])).code).toBe(0);
    expect(readFileSync(join(folder, "report.html"), "utf8")).toBe(page);
    const elsewhere = await shardlab(["report", join(folder, "figures")]);
    expect(elsewhere.code).toBe(2);
    expect(elsewhere.stderr).toContain("no experiment: ");
  });

  it("is told in words, without a page where none is asked for", async () => {
    const elsewhere = temporaryFolder();
    const { code, stdout, stderr } = await shardlab(["game", inspection, "--out", elsewhere, "--no-report"]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      "The only equilibrium has verifier: audit 20 %, trust 80 %; provider: cheat 6.7 %, work 93.3 %.",
    );
    expect(stderr).toContain("next: shardlab game");
    expect(existsSync(join(elsewhere, "inspection-game", "report.html"))).toBe(false);
  });

  it("is checked by validate as well", async () => {
    const { code, stdout, stderr } = await shardlab(["validate", inspection, "scenarios/games/spoofing.yaml"]);
    expect([code, stdout]).toEqual([0, `${inspection}: valid\nscenarios/games/spoofing.yaml: valid\n`]);
    expect(stderr).toContain("next: shardlab run scenarios/games/spoofing.yaml --dry-run");
  });

  it("with a fault is refused with its place", async () => {
    const file = join(temporaryFolder(), "wrong.yaml");
    writeFileSync(file, "question: Q?\nexpect: E.\nparameters: { fine: 1 }\nstrategies: [x]\npayoffs: [[fines]]\n");
    const { code, stdout, stderr } = await shardlab(["game", file]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`${file}:5:12 unknown parameter: fines (expected fine; did you mean fine?)`);
  });
});

describe("a scenario with a game", () => {
  it("with a fault is refused with its place and the nearest name", async () => {
    const file = scenario("{ group: home, strategies: { a: {}, b: { optimsm: 1 } } }");
    const { code, stderr } = await shardlab(["game", file]);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /choice.yaml:\d+:\d+ unknown group: home \(expected homes, founders; did you mean homes\?\)/,
    );
  });

  it("is measured in the economy, answered with intervals, and not measured twice", async () => {
    const file = scenario(
      "{ group: homes, strategies: { honest: { strategy: honest }, lazy: { strategy: { kind: fixed, option: stale-gradient } } }, seeds: 2, draws: 100, starts: 20, arms: [protocol-models], with: { shocks: expected } }",
    );
    const args = [
      "game",
      file,
      "--set",
      "attacks=[stale-gradient]",
      "--set",
      "verification=random-audit",
      "--jobs",
      "2",
    ];
    const first = await shardlab([...args, "--out", out]);
    expect(first.code).toBe(0);
    for (const text of [
      "protocol-models: what rows earn where all others are",
      "95 % intervals over 2 seeds",
      "8 runs, of which 0 were stored",
    ])
      expect(first.stdout).toContain(text);
    const again = await shardlab([...args, "--out", out, "--format", "json"]);
    const { games, runs } = JSON.parse(again.stdout);
    expect(runs).toMatchObject({ total: 8, made: 0, cached: 8 });
    expect(games.map(({ arm }: { arm: string }) => arm)).toEqual(["protocol-models"]);
    for (const { payoffs, equilibria, observations, unit } of games) {
      expect([observations, unit]).toEqual([2, "$"]);
      // An audit in twenty and no stake: cheating saves more than it costs, whatever the others do.
      expect(payoffs[1][0].value).toBeGreaterThan(payoffs[0][0].value);
      expect(payoffs[1][1].value).toBeGreaterThan(payoffs[0][1].value);
      expect(equilibria).toHaveLength(1);
      expect(equilibria[0].shares[1].value).toBe(1);
      expect(equilibria[0].regret.value).toBe(0);
    }
    const page = readFileSync(join(out, "choice-game", "report.html"), "utf8");
    expect(page).toContain("what each strategy earns");
  }, 60_000);

  it("shows nobody ahead between two names of one strategy", async () => {
    const file = scenario(
      "{ group: homes, strategies: { a: { strategy: honest }, b: { strategy: honest } }, seeds: 12, deviators: 20 %, arms: [protocol-models], with: { shocks: expected, outlay: $500k } }",
    );
    const { code, stdout } = await shardlab(["game", file, "--out", out, "--format", "json", "--no-report"]);
    expect(code).toBe(0);
    const [{ payoffs }] = JSON.parse(stdout).games;
    const [[everybody, few], [others]] = payoffs;
    expect(everybody.value).not.toBe(0);
    // Intervals are 2.2 standard errors to either side (t of 11 degrees of freedom); twice that is more than four.
    for (const part of [few, others])
      expect(Math.abs(part.value - everybody.value)).toBeLessThan(
        part.high - part.low + everybody.high - everybody.low,
      );
  }, 60_000);

  it("stops at Ctrl-C with what is finished kept, and says how to go on", async () => {
    const file = scenario(
      "{ group: homes, strategies: { a: { strategy: honest }, b: { strategy: honest } }, seeds: 300 }",
    );
    const where = temporaryFolder();
    const args = [
      "game",
      file,
      "--set",
      "horizon=3 y",
      "--set",
      "providers.homes.count=5000",
      "--jobs",
      "1",
      "--out",
      where,
    ];
    const { code, stderr } = await shardlab(args, { interruptAt: "games of" });
    expect(code).toBe(130);
    expect(stderr).toContain("interrupted: finished runs are stored; the same command goes on from there");
  }, 60_000);

  it("without a game is refused", async () => {
    const { code, stderr } = await shardlab(["game", "test/fixtures/tiny.yaml"]);
    expect(code).toBe(2);
    expect(stderr).toContain("no game: test/fixtures/tiny.yaml has neither payoffs nor game");
  });
});
