/** `shardlab game` as people meet it: payoffs that are written down, and payoffs that are measured. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
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

  it("without a game is refused", async () => {
    const { code, stderr } = await shardlab(["game", "test/fixtures/tiny.yaml"]);
    expect(code).toBe(2);
    expect(stderr).toContain("no game: test/fixtures/tiny.yaml has neither payoffs nor game");
  });
});
