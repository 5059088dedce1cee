/** Games measured in a world whose payoffs are known: hawks and doves among providers. */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { loadScenario } from "@shardlab/scenario";
import { beforeAll, describe, expect, it } from "vitest";
import { answerMeasured } from "./game-answer.ts";
import { type GameOptions, GameStopped, gameExperimentName, measureGame, planGame } from "./game-runs.ts";

const workerUrl = new URL("../dist/worker.js", import.meta.url);
const tiny = readFileSync(new URL("../../../test/fixtures/tiny.yaml", import.meta.url), "utf8");
const modelHash = "0123456789abcdef";

/**
 * A provider meets another at random, hawks with optimism 1: V = 2, C = 5. All share the noise of the seed, which is larger than any
 * difference; each part of the group has a little of its own.
 */
const fakeWorld = `
export function simulate({ seed, scenario }) {
  if (seed === 99) throw new Error("negative balance: -1");
  const parts = scenario.providers.filter(({ group }) => group.startsWith("homes-"));
  const all = parts.reduce((sum, { count }) => sum + count, 0);
  const hawks = parts.filter(({ optimism }) => optimism === 1).reduce((sum, { count }) => sum + count, 0) / all;
  const shared = Math.sin(seed * 12.9898) * 50;
  const measures = parts.map(({ group, optimism }) => ({
    name: "payoff/" + group, unit: "$",
    value: shared + Math.sin(seed * 78.233 + optimism) * 0.01
      + (optimism === 1 ? hawks * (2 - 5) / 2 + (1 - hawks) * 2 : (1 - hawks) * 1),
  }));
  return { measures: [...measures, { name: "compute/toy", unit: "ZFLOP", value: 1 }], tables: [], traceHash: "trace-" + seed,
    determinism: "exact", assumptions: [] };
}`;

const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), "shardlab-game-"));

function simulator(source = fakeWorld): string {
  const file = join(temporaryFolder(), "simulator.mjs");
  writeFileSync(file, source);
  return pathToFileURL(file).href;
}

const options = (directory: string, more: Partial<GameOptions> = {}): GameOptions => ({
  ...{ directory, jobs: 1, workerUrl, now: () => 0, backend: "in-process", simulator: simulator() },
  provenance: { commit: null, dirty: null, node: process.versions.node },
  ...more,
});

const scenarioWith = (game: string) => {
  const result = loadScenario(`${tiny}\ngame: ${game}\n`, { file: "tiny.yaml" });
  if (!result.ok) throw new Error(result.faults.map(({ message }) => message).join());
  return result.scenario;
};

const hawksAndDoves =
  "{ group: homes, strategies: { hawk: { optimism: 1, strategy: honest }, dove: { strategy: honest } }, seeds: 6, deviators: 2 %, draws: 200 }";
const effort = { draws: 200, starts: 50, seed: 1 };

beforeAll(() => {
  if (!existsSync(workerUrl)) throw new Error(`not built: ${workerUrl.pathname} (npm run build)`);
});

describe("a game of a scenario", () => {
  it("is run in every arm with the same seeds, each population once", () => {
    const loaded = scenarioWith(hawksAndDoves);
    const { plan, arms } = planGame(loaded, modelHash);
    expect(gameExperimentName(loaded)).toBe("tiny-game");
    expect(arms.map(({ label }) => label)).toEqual(["grant", "protocol-models"]);
    expect(plan.tasks).toHaveLength(2 * 4 * 6);
    expect(new Set(plan.tasks.map(({ runHash }) => runHash)).size).toBe(plan.tasks.length);
    const { coordinates, scenario } = plan.tasks[6];
    expect(coordinates).toEqual({ arm: "grant", "providers/hawk": 1, "providers/dove": 49 });
    if (scenario.resolution !== "epochs") throw new Error("not an economy");
    expect(scenario.providers.map(({ group, count }) => [group, count])).toEqual([
      ["homes-hawk", 1],
      ["homes-dove", 49],
      ["founders", 10],
    ]);
    expect(scenario.providers.map(({ optimism }) => optimism)).toEqual([1, 0, 0]);
  });

  it("lets everybody decide every day unless it says otherwise", () => {
    const revisionIn = (game: string): number => {
      const { scenario } = planGame(scenarioWith(game), modelHash).plan.tasks[0];
      if (scenario.resolution !== "epochs") throw new Error("not an economy");
      return scenario.participation.revision;
    };
    expect(revisionIn(hawksAndDoves)).toBe(86_400);
    const weekly = hawksAndDoves.replace("seeds: 6", "seeds: 6, with: { participation.revision: 7 d }");
    expect(revisionIn(weekly)).toBe(7 * 86_400);
  });

  it("has the equilibrium of the world behind it, and narrow intervals although seeds differ widely", async () => {
    const directory = temporaryFolder();
    const planned = planGame(scenarioWith(hawksAndDoves), modelHash);
    const { games, execution } = await measureGame(planned, options(directory));
    expect(execution).toMatchObject({ made: 48, cached: 0 });
    const answer = answerMeasured(games[0], effort);
    expect(answer).toMatchObject({
      arm: "grant",
      strategies: ["hawk", "dove"],
      unit: "$",
      observations: 6,
      search: "all",
    });
    const [[, hawkAmongDoves], [doveAmongHawks]] = answer.payoffs;
    expect(hawkAmongDoves.high - hawkAmongDoves.low).toBeGreaterThan(20);
    const [found] = answer.equilibria;
    expect(answer.equilibria).toHaveLength(1);
    expect(found.stability).toBe("evolutionarily stable");
    // Each part's own noise is at most 0.01, against leads of 1 and 1.5.
    expect(Math.abs(found.shares[0].value - 2 / 5)).toBeLessThan(0.01);
    expect(found.shares[0].high - found.shares[0].low).toBeLessThan(0.05);
    expect(found.persistence).toBe(1);
    expect(found.basin.value).toBe(1);
    expect(doveAmongHawks.value).toBeLessThan(hawkAmongDoves.value);
    expect(answer.pureRegrets[1].low).toBeGreaterThan(0.5);
    const again = await measureGame(planned, options(directory));
    expect(again.execution).toMatchObject({ made: 0, cached: 48 });
    expect(answerMeasured(again.games[0], effort)).toEqual(answer);
  });

  it("keeps the influence of the few on themselves where asked to", async () => {
    const game = hawksAndDoves
      .replace("seeds: 6", "seeds: 3, ownInfluence: kept, arms: [grant]")
      .replace("2 %", "10 %");
    const { games } = await measureGame(planGame(scenarioWith(game), modelHash), options(temporaryFolder()));
    const answer = answerMeasured(games[0], effort);
    expect(answer.deviators).toEqual({ share: 0.1, ownInfluence: "kept" });
    // A tenth of hawks among doves meet themselves in a tenth of cases, and their doves alike.
    const [[, hawks], [, doves]] = answer.payoffs;
    expect(Math.abs(hawks.value - doves.value - (0.1 * -1.5 + 0.9 * 2 - 1))).toBeLessThan(0.02);
    expect(Math.abs(answer.payoffs[0][0].value - answer.payoffs[1][0].value - (-1.5 - 0.1))).toBeLessThan(0.02);
  });

  it("asks for mixtures of the others with more players, and finds the same", async () => {
    const game = hawksAndDoves.replace("seeds: 6", "seeds: 3, players: 4, arms: [grant]");
    const { games } = await measureGame(planGame(scenarioWith(game), modelHash), options(temporaryFolder()));
    expect(games).toHaveLength(1);
    const answer = answerMeasured(games[0], effort);
    expect(answer.profiles).toEqual([
      [3, 0],
      [2, 1],
      [1, 2],
      [0, 3],
    ]); // prettier-ignore
    expect(answer.equilibria).toHaveLength(1);
    expect(answer.equilibria[0].shares[0].value).toBeCloseTo(0.4, 1);
  });

  it("says what is missing", async () => {
    const named = (measure: string) =>
      hawksAndDoves.replace("seeds: 6", `seeds: 2, measure: ${measure}, arms: [grant]`);
    expect(() => scenarioWith(named("payof"))).toThrow(
      "unknown measure: payof (expected payoff; did you mean payoff?)",
    );
    const other = { simulator: simulator(fakeWorld.replace("payoff/", "payofs/")) };
    const run = measureGame(planGame(scenarioWith(named("payoff")), modelHash), options(temporaryFolder(), other));
    await expect(run).rejects.toThrow("unknown measure: payoff (an economy has it where");
    const plain = loadScenario(tiny, { file: "tiny.yaml" });
    if (!plain.ok) throw new Error("not loaded");
    expect(() => planGame(plain.scenario, modelHash)).toThrow("no game: tiny has neither payoffs nor game");
  });

  it("stops where runs fail, and says which", async () => {
    const loaded = loadScenario(
      `${tiny.replace("seeds: { count: 3 }", "seeds: { first: 98 }")}\ngame: ${hawksAndDoves}\n`,
      { file: "t.yaml" },
    );
    if (!loaded.ok) throw new Error("not loaded");
    const failed = measureGame(planGame(loaded.scenario, modelHash), options(temporaryFolder()));
    await expect(failed).rejects.toThrow(GameStopped);
    await expect(failed).rejects.toThrow("8 runs failed");
  });
});
