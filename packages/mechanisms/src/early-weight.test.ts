import { exampleWorld } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compensatingEarlyWeight, earlyRent, ownershipShareOfWork } from "./early-weight.ts";
import { protocolModels, protocolModelsSpec } from "./protocol-models.ts";

const ownership = 2;
const owned = (earlyWeight: number) =>
  protocolModels(protocolModelsSpec.parse({ kind: "protocol-models", earlyWeight, matchOutlay: false }));

/** Units that each of `steps` equal steps to the target earns, when the mechanism is driven through them. */
function unitsOfSteps(earlyWeight: number, targetWork: number, steps: number): number[] {
  const world = exampleWorld(owned(earlyWeight), { targetWork: [targetWork] });
  const units: number[] = [];
  for (let step = 0; step < steps; step++) {
    const before = world.ledger.balance(0, ownership);
    const situation = { cumulativeWork: Float64Array.of((targetWork * step) / steps) };
    world.step({ work: [{ account: 0, model: 0, quantity: targetWork / steps }], situation });
    units.push(world.ledger.balance(0, ownership) - before);
  }
  return units;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe("ownershipShareOfWork", () => {
  it("is what the driven mechanism issues, for many weights, targets and stretches", () => {
    const steps = 240;
    const cases = fc.record({
      earlyWeight: fc.double({ min: 0, max: 8, noNaN: true }),
      targetWork: fc.integer({ min: 2000, max: 10 ** 7 }),
      from: fc.integer({ min: 0, max: steps - 1 }),
      length: fc.integer({ min: 1, max: steps }),
    });
    const agrees = ({ earlyWeight, targetWork, from, length }: { [key: string]: number }) => {
      const to = Math.min(steps, from + length);
      const units = unitsOfSteps(earlyWeight, targetWork, steps);
      const driven = sum(units.slice(from, to)) / sum(units);
      const step = targetWork / steps;
      const share = ownershipShareOfWork(earlyWeight, targetWork, { from: from * step, to: to * step });
      // Every step earns the weight at its start, so that shares are those of the integral; rounding down costs a unit a step.
      expect(Math.abs(driven - share)).toBeLessThan((2 * steps) / sum(units) + 1e-12);
    };
    fc.assert(fc.property(cases, agrees), { seed: 5, numRuns: 60 });
  });

  it("is by work alone where the weight is 0, whole for the whole, and adds up", () => {
    expect(ownershipShareOfWork(0, 10, { from: 2, to: 5 })).toBeCloseTo(0.3, 14);
    const cuts = fc.tuple(
      fc.double({ min: 0, max: 20, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0.01, max: 3, noNaN: true }),
    );
    const addsUp = ([earlyWeight, cut, total]: [number, number, number]) => {
      const at = cut * total * 7;
      const totalWork = total * 7;
      const early = ownershipShareOfWork(earlyWeight, 7, { from: 0, to: at, totalWork });
      const late = ownershipShareOfWork(earlyWeight, 7, { from: at, to: totalWork, totalWork });
      expect(early + late).toBeCloseTo(1, 10);
      expect(early).toBeGreaterThanOrEqual(cut - 1e-9);
    };
    fc.assert(fc.property(cuts, addsUp), { seed: 6, numRuns: 500 });
  });

  it("does not jump where the series takes over", () => {
    for (const earlyWeight of [0.99e-5, 1.01e-5]) {
      const exact = (1 - Math.exp(-earlyWeight / 4)) / (1 - Math.exp(-earlyWeight));
      expect(ownershipShareOfWork(earlyWeight, 4, { from: 0, to: 1 })).toBeCloseTo(exact, 9);
    }
  });

  it.each([
    [-1, 2, 4],
    [3, 2, 4],
    [1, 5, 4],
    [0, 0, 0],
  ])("refuses the stretch from %d to %d of %d", (from, to, totalWork) => {
    expect(() => ownershipShareOfWork(1, 4, { from, to, totalWork })).toThrow("invalid stretch of work");
  });
});

describe("earlyRent", () => {
  const waits = fc.record({
    hazard: fc.double({ min: 0, max: 1, noNaN: true }),
    discount: fc.double({ min: 0, max: 1, noNaN: true }),
    trainingSeconds: fc.double({ min: 0.05, max: 4, noNaN: true }),
  });

  it("is what the driven mechanism's units are worth, discounted to when each was earned", () => {
    const steps = 200;
    const agrees = (wait: { hazard: number; discount: number; trainingSeconds: number }, earlyWeight: number) => {
      const units = unitsOfSteps(earlyWeight, 2e7, steps);
      // A unit earned at the start of step k waits (1 - k / steps) T for its revenue, at hazard and discount.
      const worth = units.map((issued, k) => {
        return issued * Math.exp(-(wait.hazard + wait.discount) * wait.trainingSeconds * (1 - k / steps));
      });
      const last = (worth.at(-1) as number) / Math.exp((earlyWeight - compensatingEarlyWeight(wait)) / steps);
      for (const k of [0, 57, 120, 199]) {
        expect((worth[k] as number) / last - 1).toBeCloseTo(earlyRent(earlyWeight, wait, k / steps), 2);
      }
    };
    fc.assert(fc.property(waits, fc.double({ min: 0, max: 5, noNaN: true }), agrees), { seed: 8, numRuns: 25 });
  });

  it("is nothing at lambda = (h + r) T, a rent above it and a loss below, by 1 % either way", () => {
    const sides = (wait: { hazard: number; discount: number; trainingSeconds: number }, progress: number) => {
      const exact = compensatingEarlyWeight(wait);
      expect(exact).toBe((wait.hazard + wait.discount) * wait.trainingSeconds);
      expect(earlyRent(exact, wait, progress)).toBe(0);
      if (exact < 1e-6) return;
      expect(earlyRent(1.01 * exact, wait, progress)).toBeGreaterThan(0);
      expect(earlyRent(0.99 * exact, wait, progress)).toBeLessThan(0);
    };
    fc.assert(fc.property(waits, fc.double({ min: 0, max: 0.99, noNaN: true }), sides), { seed: 9, numRuns: 500 });
    expect(earlyRent(3, { hazard: 0, discount: 0, trainingSeconds: 1 }, 1)).toBe(0);
    expect(earlyRent(Math.log(2), { hazard: 0, discount: 0, trainingSeconds: 1 }, 0)).toBeCloseTo(1, 14);
  });
});
