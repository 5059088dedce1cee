import { loadGameFile } from "@shardlab/scenario";
import { describe, expect, it } from "vitest";
import { answerFile, type PopulationAnswer, type RolesAnswer } from "./game-answer.ts";
import { populationPaths, rolesPaths, rolesRest } from "./game-paths.ts";

function answer(text: string) {
  const loaded = loadGameFile(`question: Which?\nexpect: One.\nstarts: 40\n${text}`, { file: "choice.yaml" });
  if (!loaded.ok) throw new Error(loaded.faults.map(({ message }) => message).join());
  return answerFile(loaded.game);
}

const population = (text: string): PopulationAnswer => {
  const found = answer(text);
  if (found.kind !== "symmetric") throw new Error("not symmetric");
  return found;
};

const roles = (text: string): RolesAnswer => {
  const found = answer(text);
  if (found.kind !== "roles") throw new Error("not of two roles");
  return found;
};

describe("the answer of a game file", () => {
  it("has exact payoffs without intervals", () => {
    const { equilibria, payoffs, pureRegrets, elsewhere, lead } = population(
      "strategies: [hawk, dove]\npayoffs: [[-1.5, 2], [0, 1]]\n",
    );
    expect(equilibria).toHaveLength(1);
    const [one] = equilibria;
    // V = 2, C = 5.
    expect(one.shares[0].value).toBeCloseTo(0.4, 9);
    expect(one.shares[0].high - one.shares[0].low).toBeLessThan(1e-9);
    expect(one).toMatchObject({ persistence: null, stability: "evolutionarily stable", isDegenerate: false });
    expect(one.regret.value).toBeLessThan(1e-9);
    expect(payoffs[0][1]).toEqual({ value: 2, low: 2, high: 2 });
    // Where all are hawks a dove gains 1.5; where all are doves a hawk gains 1.
    expect(pureRegrets.map(({ value }) => value)).toEqual([1.5, 1]);
    expect(elsewhere.value).toBe(0);
    expect(lead?.[20]).toMatchObject({ share: 0.5 });
    // At half and half: hawks (-1.5 + 2) / 2, doves 1/2.
    expect(lead?.[20].value).toBeCloseTo(-0.25, 9);
  });

  it("says which equilibrium choice with noise comes to: hares, where stags pay more and hares risk less", () => {
    const { equilibria, selected } = population("strategies: [stag, hare]\npayoffs: [[4, 0], [3, 3]]\n");
    expect(equilibria).toHaveLength(3);
    expect(equilibria[selected ?? -1].shares[1].value).toBe(1);
  });

  it("carries standard errors to shares, gains and whether an equilibrium persists", () => {
    const { equilibria } = population(
      "draws: 500\nstrategies: [a, b]\npayoffs: [[{ value: 0.1, error: 0.1 }, 0], [0, 1]]\n",
    );
    const [first] = equilibria;
    // All a is an equilibrium where the payoff is above 0: in Phi(1) = 84 % of tables.
    expect(Math.abs((first.persistence ?? 0) - 0.8413)).toBeLessThan(4 * Math.sqrt((0.8413 * 0.1587) / 500));
    expect(first.gains[1].value).toBeCloseTo(-0.1, 9);
    expect(first.gains[1].high).toBeGreaterThan(0);
  });

  it("finds an equilibrium of more strategies than can be enumerated", () => {
    const names = Array.from({ length: 20 }, (_, i) => `s${i}`);
    // Everybody wants to be the next: a cycle of twenty, whose equilibrium is even.
    const rows = names.map((_, i) => `[${names.map((_, j) => ((j + 1) % 20 === i ? 1 : 0)).join()}]`);
    const { equilibria, search } = population(`strategies: [${names}]\npayoffs: [${rows}]\n`);
    expect(search).toBe("some");
    expect(equilibria[0].regret.value).toBeLessThan(1e-9);
    expect(equilibria[0].shares.every(({ value }) => Math.abs(value - 0.05) < 1e-9)).toBe(true);
  });

  it("has two roles", () => {
    const found = roles(
      "strategies: { row: [heads, tails], column: [same, other] }\npayoffs: { row: [[1, -1], [-1, 1]], column: [[-1, 1], [1, -1]] }\n",
    );
    expect(found.equilibria).toHaveLength(1);
    const [one] = found.equilibria;
    expect([...one.row, ...one.column].map(({ value }) => value)).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(one.persistence).toBe(null);
    expect(rolesRest(found, 0)).toBe("neutral");
  });

  it("tells rest points of two roles apart: two that last and a saddle", () => {
    const found = roles(
      "strategies: { row: [x, y], column: [x, y] }\npayoffs: { row: [[3, 0], [0, 2]], column: [[2, 0], [0, 3]] }\n",
    );
    expect(found.equilibria.map((_, index) => rolesRest(found, index))).toEqual(["stable", "stable", "unstable"]);
  });

  it("refuses more strategies of two roles than can be enumerated", () => {
    const names = Array.from({ length: 10 }, (_, i) => `s${i}`);
    const rows = names.map(() => `[${names.map(() => 1)}]`);
    expect(() =>
      roles(`strategies: { row: [${names}], column: [${names}] }\npayoffs: { row: [${rows}], column: [${rows}] }\n`),
    ).toThrow("too many strategies: 10 and 10 (expected at most 18 of both roles together)");
  });
});

describe("paths of a game", () => {
  it("stay mixes and end where the best strategy is", () => {
    const paths = populationPaths(population("strategies: [a, b, c]\npayoffs: [[1, 1, 1], [0, 0, 0], [0, 0, 0]]\n"));
    expect(paths).toHaveLength(15);
    for (const { points, times } of paths) {
      expect(points).toHaveLength(times.length);
      for (const point of points) expect(point.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      expect(points.at(-1)?.[0]).toBeGreaterThan(0.999);
    }
  });

  it("of two roles have the shares of both", () => {
    const paths = rolesPaths(
      roles(
        "strategies: { row: [x, y], column: [p, q, r] }\npayoffs: { row: [[1, 1, 1], [0, 0, 0]], column: [[1, 0, 0], [1, 0, 0]] }\n",
      ),
    );
    for (const { points } of paths) {
      const [x, , p] = points.at(-1) ?? [];
      expect(Math.min(x, p)).toBeGreaterThan(0.999);
    }
  });
});
