import type { EquilibriumAnswer, PopulationAnswer } from "@shardlab/experiment";
import { expect, test } from "vitest";
import { continua, mixText, persistenceText, profileText, shareText, verdictOf, withInterval } from "./game-words.ts";

const exact = (value: number) => ({ value, low: value, high: value });

const equilibrium = (shares: readonly number[], more: Partial<EquilibriumAnswer> = {}): EquilibriumAnswer => ({
  shares: shares.map(exact),
  gains: shares.map(() => exact(0)),
  ...{ payoff: exact(1), regret: exact(0), basin: exact(1), persistence: null, stability: "evolutionarily stable" },
  ...{ isDegenerate: false, component: 0 },
  ...more,
});

const game = (equilibria: readonly EquilibriumAnswer[], elsewhere = 0): PopulationAnswer => ({
  ...{ kind: "symmetric", arm: "grant", unit: "$", strategies: ["honest", "lazy"], players: 2, search: "all" },
  ...{ profiles: [], payoffs: [], observations: null, deviators: null, pureRegrets: [], lead: null, selected: null },
  ...{ equilibria, elsewhere: exact(elsewhere) },
});

test("shares and values have their intervals, where there is any", () => {
  expect(shareText({ value: 0.6234, low: 0.5511, high: 0.7 })).toBe("62.3 % (55.1 to 70 %)");
  expect(shareText(exact(0.25))).toBe("25 %");
  expect(withInterval({ value: 1200, low: 900, high: 1500 }, "$")).toBe("$1.2k (95 % interval $900 to $1.5k)");
  expect(withInterval(exact(-1e-15), "$")).toBe("$0");
});

test("a mix names what is in use", () => {
  expect(mixText(["a", "b", "c"], [0.2, 0, 0.8].map(exact))).toBe("a 20 %, c 80 %");
  expect(mixText(["a", "b"], [0, 1].map(exact))).toBe("everybody b");
  expect(profileText(["a", "b"], [0, 1])).toBe("b");
  expect(profileText(["a", "b"], [2, 1])).toBe("2 a, 1 b");
});

test("the verdict tells what lasts, how sure that is, and where paths end", () => {
  expect(verdictOf(game([equilibrium([1, 0])]))).toBe(
    "grant: what lasts is everybody honest (100 % of starting points end there).",
  );
  const unsure = equilibrium([0.5, 0.5], { persistence: 0.6, basin: exact(0.9) });
  expect(verdictOf(game([unsure], 0.1))).toBe(
    "grant: what lasts is honest 50 %, lazy 50 % (90 % of starting points end there; an equilibrium in 60 % of payoff tables within the errors); 10 % of starting points come to none.",
  );
});

test("a continuum is told as one", () => {
  const ends = [
    equilibrium([1, 0], { stability: "neutrally stable" }),
    equilibrium([0, 1], { stability: "neutrally stable" }),
  ];
  expect(continua(ends)).toEqual(["1 and 2"]);
  expect(continua([equilibrium([1, 0]), equilibrium([0, 1], { component: 1 })])).toEqual([]);
  expect(verdictOf(game(ends))).toBe(
    "grant: no equilibrium is evolutionarily stable; 100 % of starting points end in a continuum between everybody honest and everybody lazy.",
  );
});

test("exact payoffs leave nothing to persist", () => {
  expect(persistenceText(null)).toBe(undefined);
  expect(persistenceText(0.841)).toContain("in 84.1 % of payoff tables");
});
