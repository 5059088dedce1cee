import { createStreams } from "@shardlab/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  catchUpProbability,
  confirmationsFor,
  doubleSpendProbability,
  doubleSpendSpec,
  poissonDoubleSpendProbability,
  simulateDoubleSpends,
} from "./double-spend.ts";

const chance = (attackerShare: number, confirmations: number) =>
  doubleSpendProbability({ attackerShare, confirmations });
const poisson = (attackerShare: number, confirmations: number) =>
  poissonDoubleSpendProbability({ attackerShare, confirmations });

/** 1 - sum over k < z of (p^z q^k - q^z p^k) C(k + z - 1, k) for q = parts / 1000, in fractions. */
function byRecursion(parts: number, confirmations: number): number {
  const [q, p, whole, z] = [BigInt(parts), BigInt(1000 - parts), 1000n, BigInt(confirmations)];
  const scale = 10n ** 40n;
  let choose = 1n;
  let failing = 0n;
  for (let k = 0n; k < z; k++) {
    if (k > 0n) choose = (choose * (k + z - 1n)) / k;
    failing += ((p ** z * q ** k - q ** z * p ** k) * choose * scale) / whole ** (z + k);
  }
  return Number(scale - failing) / 1e40;
}

describe("doubleSpendProbability", () => {
  it("is the recursion in exact fractions", () => {
    const holds = (parts: number, confirmations: number) => {
      const exact = byRecursion(parts, confirmations);
      fc.pre(exact > 1e-25);
      expect(Math.abs(chance(parts / 1000, confirmations) / exact - 1)).toBeLessThan(1e-11);
    };
    const parts = fc.integer({ min: 1, max: 499 });
    fc.assert(fc.property(parts, fc.integer({ min: 1, max: 120 }), holds), { numRuns: 300, seed: 1 });
  });

  it("is 2 q for one block, and q^2 (6 - 4 q) for two", () => {
    for (const q of [0.01, 0.17, 0.33, 0.49]) {
      expect(chance(q, 1)).toBeCloseTo(2 * q, 13);
      expect(chance(q, 2)).toBeCloseTo(q * q * (6 - 4 * q), 13);
    }
  });

  it("is certain without confirmations or with half of the computation, and impossible with none", () => {
    expect([chance(0.2, 0), chance(0.5, 9), chance(0.9, 9), chance(0, 3)]).toEqual([1, 1, 1, 0]);
    expect(chance(0.4999999, 6)).toBeCloseTo(1, 5);
  });

  it("falls with confirmations and rises with the share", () => {
    const holds = (q: number, confirmations: number) => {
      expect(chance(q, confirmations + 1)).toBeLessThan(chance(q, confirmations));
      expect(chance(q * 1.01, confirmations)).toBeGreaterThan(chance(q, confirmations));
    };
    fc.assert(fc.property(fc.double({ min: 0.05, max: 0.45, noNaN: true }), fc.integer({ min: 1, max: 60 }), holds), {
      numRuns: 200,
      seed: 2,
    });
  });

  it("is what races come to", () => {
    const streams = createStreams(11);
    for (const [index, [q, z]] of [
      [0.1, 2],
      [0.25, 6],
      [0.33, 1],
      [0.4, 12],
      [0.47, 3],
    ].entries()) {
      const races = 40_000;
      const won = simulateDoubleSpends({ attackerShare: q, confirmations: z }, races, streams.stream("race", index));
      const p = chance(q, z);
      expect(Math.abs(won / races - p)).toBeLessThan(4.5 * Math.sqrt((p * (1 - p)) / races));
    }
  });
});

describe("Nakamoto's approximation", () => {
  it("has the figures of the paper", () => {
    const tenPercent = [
      1, 0.2045873, 0.0509779, 0.0131722, 0.0034552, 0.0009137, 0.0002428, 0.0000647, 0.0000173, 0.0000046, 0.0000012,
    ];
    for (const [z, figure] of tenPercent.entries()) expect(Math.abs(poisson(0.1, z) - figure)).toBeLessThan(5.1e-8);
    const thirty = {
      5: 0.1773523,
      10: 0.0416605,
      15: 0.0101008,
      20: 0.0024804,
      25: 0.0006132,
      30: 0.0001522,
      35: 0.0000379,
      40: 0.0000095,
      45: 0.0000024,
      50: 0.0000006,
    };
    for (const [z, figure] of Object.entries(thirty))
      expect(Math.abs(poisson(0.3, Number(z)) - figure)).toBeLessThan(5.1e-8);
    const needed = [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45].map((q) =>
      confirmationsFor(q, 0.001, poissonDoubleSpendProbability),
    );
    expect(needed).toEqual([5, 8, 11, 15, 24, 41, 89, 340]);
  });

  it("is not the exact chance: for more than a few blocks it is too low, ever more so", () => {
    const known = { 1: 0.2, 2: 0.056, 3: 0.01712, 4: 0.005456, 5: 0.0017818, 6: 0.0005914 };
    for (const [z, figure] of Object.entries(known)) expect(chance(0.1, Number(z))).toBeCloseTo(figure, 7);
    for (const q of [0.1, 0.2, 0.3, 0.4]) {
      const understated = [10, 20, 40].map((z) => chance(q, z) / poisson(q, z));
      expect(understated[0]).toBeGreaterThan(1.02);
      expect(understated[1]).toBeGreaterThan(understated[0]);
      expect(understated[2]).toBeGreaterThan(understated[1]);
    }
  });

  it("asks for fewer confirmations than are needed: the table of Grunspan and Perez-Marco for a risk of 0.1 %", () => {
    for (const [q, exactly] of [
      [0.1, 6],
      [0.15, 9],
      [0.2, 13],
      [0.25, 20],
      [0.3, 32],
      [0.35, 58],
      [0.4, 133],
      [0.45, 539],
    ]) {
      expect(confirmationsFor(q, 0.001)).toBe(exactly);
      expect(byRecursion(Math.round(q * 1000), exactly)).toBeLessThan(0.001);
      expect(byRecursion(Math.round(q * 1000), exactly - 1)).toBeGreaterThanOrEqual(0.001);
      expect(confirmationsFor(q, 0.001, poissonDoubleSpendProbability)).toBeLessThan(exactly);
    }
  });
});

describe("the edges", () => {
  it("catch up with the gambler's chance", () => {
    expect(catchUpProbability(0.25, 3)).toBeCloseTo(1 / 27, 14);
    expect([catchUpProbability(0.5, 9), catchUpProbability(0.2, 0)]).toEqual([1, 1]);
  });

  it("are refused beyond", () => {
    expect(() => chance(1.2, 3)).toThrow("invalid share: 1.2");
    expect(() => confirmationsFor(0.5, 0.01)).toThrow("no number of confirmations");
    expect(doubleSpendSpec.parse({})).toEqual({ attackerShare: 0.1, confirmations: 6 });
    expect(doubleSpendSpec.safeParse({ attackerShare: 1.1 }).success).toBe(false);
    expect(doubleSpendSpec.safeParse({ confirmation: 3 }).success).toBe(false);
  });
});
