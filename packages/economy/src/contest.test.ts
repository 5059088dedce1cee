import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bestResponseEquilibrium, efficientWork, freeEntryWork, symmetricEquilibriumWork } from "./contest.ts";

const sum = (values: Iterable<number>) => Array.from(values).reduce((total, value) => total + value, 0);
const elasticities = [0.1, 0.3, 0.5, 0.7, 0.9];

/** The maximum of a concave function on (0, high), by golden section: it knows no derivative and no closed form. */
function maximize(objective: (x: number) => number, high: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [left, right] = [0, high];
  for (let step = 0; step < 200; step++) {
    const [a, b] = [right - ratio * (right - left), left + ratio * (right - left)];
    if (objective(a) < objective(b)) left = a;
    else right = b;
  }
  return (left + right) / 2;
}

describe("the closed forms", () => {
  test.each(elasticities)("free entry over efficient is eta^(-1 / (1 - eta)) at eta = %d", (elasticity) => {
    const contest = { coefficient: 7e6, costPerWork: 31, elasticity };
    expect(freeEntryWork(contest) / efficientWork(contest)).toBeCloseTo(elasticity ** (-1 / (1 - elasticity)), 10);
  });

  test.each(elasticities)("free entry exhausts the value at eta = %d", (elasticity) => {
    const contest = { coefficient: 5, costPerWork: 0.4, elasticity };
    const work = freeEntryWork(contest);
    expect((5 * work ** elasticity) / (0.4 * work)).toBeCloseTo(1, 12);
  });

  test.each(elasticities)("the efficient work maximises value less cost at eta = %d", (elasticity) => {
    const contest = { coefficient: 5, costPerWork: 2, elasticity };
    const found = maximize((work) => 5 * work ** elasticity - 2 * work, 2 * freeEntryWork(contest));
    // A maximum by comparing values is good to the square root of the precision.
    expect(found / efficientWork(contest)).toBeCloseTo(1, 6);
  });

  test("one player is efficient, and endlessly many are free entry", () => {
    const contest = { coefficient: 3e4, costPerWork: 12, elasticity: 0.6 };
    expect(symmetricEquilibriumWork(contest, 1) / efficientWork(contest)).toBeCloseTo(1, 12);
    expect(symmetricEquilibriumWork(contest, 1e9) / freeEntryWork(contest)).toBeCloseTo(1, 8);
  });

  test("refuse values that have no equilibrium", () => {
    const contest = { coefficient: 1, costPerWork: 1, elasticity: 0.5 };
    expect(() => freeEntryWork({ ...contest, elasticity: 1 })).toThrow("invalid elasticity: 1");
    expect(() => efficientWork({ ...contest, costPerWork: 0 })).toThrow("invalid cost per work: 0");
    expect(() => freeEntryWork({ ...contest, coefficient: Number.NaN })).toThrow("invalid coefficient: NaN");
    expect(() => symmetricEquilibriumWork(contest, 1.5)).toThrow("invalid number of players: 1.5");
    expect(() => bestResponseEquilibrium({ coefficient: 1, elasticity: 0.5, costs: [1, -1] })).toThrow(
      "invalid cost per work: -1",
    );
  });
});

describe("best responses with equal costs", () => {
  const cases = elasticities.flatMap((elasticity) => [1, 2, 3, 8, 20].map((players) => [elasticity, players] as const));

  test.each(cases)("meet the closed form at eta = %d with %d players", (elasticity, players) => {
    const contest = { coefficient: 2e3, costPerWork: 0.7, elasticity };
    const { works, residual } = bestResponseEquilibrium({ ...contest, costs: new Array(players).fill(0.7) });
    expect(residual).toBeLessThan(1e-9);
    expect(sum(works) / symmetricEquilibriumWork(contest, players)).toBeCloseTo(1, 8);
    for (const work of works) expect((work * players) / sum(works)).toBeCloseTo(1, 6);
  });

  test("meet it whatever the scale of value and cost", () => {
    const scale = fc.double({ min: -6, max: 6, noNaN: true }).map((power) => 10 ** power);
    const elasticity = fc.double({ min: 0.1, max: 0.9, noNaN: true });
    fc.assert(
      fc.property(scale, scale, elasticity, fc.integer({ min: 1, max: 8 }), (coefficient, cost, eta, players) => {
        const costs = new Array(players).fill(cost);
        const { works } = bestResponseEquilibrium({ coefficient, elasticity: eta, costs });
        const expected = symmetricEquilibriumWork({ coefficient, costPerWork: cost, elasticity: eta }, players);
        expect(sum(works) / expected).toBeCloseTo(1, 7);
      }),
      { numRuns: 60, seed: 11 },
    );
  });

  test("more players move towards free entry and never reach it", () => {
    const contest = { coefficient: 40, costPerWork: 2, elasticity: 0.5 };
    let before = 0;
    for (const players of [1, 2, 4, 8, 16, 32]) {
      const total = sum(bestResponseEquilibrium({ ...contest, costs: new Array(players).fill(2) }).works);
      expect(total).toBeGreaterThan(before);
      expect(total).toBeLessThan(freeEntryWork(contest));
      before = total;
    }
    // By the closed form 32 players are (1 - 1/64)^2 = 0.969 of free entry.
    expect(before / freeEntryWork(contest)).toBeCloseTo((63 / 64) ** 2, 6);
  });
});

describe("best responses with unequal costs", () => {
  const contest = { coefficient: 500, elasticity: 0.4, costs: [1, 1.1, 1.3, 1.35, 2.5, 9] };

  /** Summing the first-order conditions of m active players: A C^(eta - 1) (m - 1 + eta) = sum of their costs. */
  function expectedWorks({ coefficient, elasticity, costs }: typeof contest): number[] {
    const sorted = [...costs].sort((a, b) => a - b);
    const worthPerWork = (players: number) => sum(sorted.slice(0, players)) / (players - 1 + elasticity);
    let active = 1;
    while (active < sorted.length && sorted[active] < worthPerWork(active)) active++;
    const worth = worthPerWork(active);
    const total = (coefficient / worth) ** (1 / (1 - elasticity));
    return costs.map((cost) => Math.max(0, (total * (1 - cost / worth)) / (1 - elasticity)));
  }

  test("meet the summed first-order conditions, and the costly stay out", () => {
    const { works } = bestResponseEquilibrium(contest);
    const expected = expectedWorks(contest);
    expect(expected.slice(4)).toEqual([0, 0]);
    expect(Array.from(works.slice(4))).toEqual([0, 0]);
    for (let player = 0; player < 4; player++) expect(works[player] / expected[player]).toBeCloseTo(1, 7);
  });

  test("nobody gains by another amount of work", () => {
    const { works } = bestResponseEquilibrium(contest);
    const { coefficient, elasticity, costs } = contest;
    for (const [player, cost] of costs.entries()) {
      const others = sum(works) - works[player];
      const gain = (work: number) => work * coefficient * (work + others) ** (elasticity - 1) - cost * work;
      for (const factor of [0, 0.5, 0.9, 0.99, 1.01, 1.1, 2, 10])
        expect(gain(works[player] * factor)).toBeLessThanOrEqual(gain(works[player]) + 1e-9);
      expect(gain(works[player] + 1)).toBeLessThan(gain(works[player]));
    }
  });

  test("a newcomer adds work and drives the dearest out", () => {
    const before = bestResponseEquilibrium(contest).works;
    const after = bestResponseEquilibrium({ ...contest, costs: [...contest.costs, 0.8] }).works;
    expect(sum(after)).toBeGreaterThan(sum(before));
    expect(before[3]).toBeGreaterThan(0);
    expect(after[3]).toBeLessThan(before[3]);
  });
});
