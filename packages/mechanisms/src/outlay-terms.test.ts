import { exampleWorld } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { affordablePrice, outlayMicros, splitForData } from "./outlay-terms.ts";
import { volunteer, volunteerSpec } from "./volunteer.ts";

const contextOf = (targetWork: readonly number[]) =>
  exampleWorld(volunteer(volunteerSpec.parse({ kind: "volunteer" })), { targetWork }).context;

describe("an outlay", () => {
  it("is split by what models aim at, to the micro-dollar and never beyond", () => {
    expect([...outlayMicros(contextOf([1, 3]), 0.000_01)]).toEqual([2, 7]);
    const outlays = fc.record({
      targets: fc.array(fc.integer({ min: 1, max: 10 ** 9 }), { minLength: 1, maxLength: 6 }),
      micros: fc.integer({ min: 0, max: 2 ** 40 }),
    });
    const isWhole = ({ targets, micros }: { targets: number[]; micros: number }) => {
      const parts = [...outlayMicros(contextOf(targets), micros / 1e6)];
      const sum = parts.reduce((total, part) => total + part, 0);
      expect(sum).toBeLessThanOrEqual(micros);
      expect(sum).toBeGreaterThanOrEqual(micros - targets.length);
      const all = targets.reduce((total, target) => total + BigInt(target), 0n);
      for (const [model, part] of parts.entries()) {
        const exact = Number((BigInt(micros) * BigInt(targets[model])) / all);
        expect(Math.abs(part - exact)).toBeLessThanOrEqual(1);
      }
    };
    fc.assert(fc.property(outlays, isWhole), { seed: 21, numRuns: 200 });
  });

  it("is spent whole on work and data", () => {
    const parts = fc.tuple(fc.integer({ min: 0, max: 2 ** 50 }), fc.double({ min: 0, max: 1, noNaN: true }));
    const addsUp = ([micros, share]: readonly [number, number]) => {
      const { workMicros, dataMicros } = splitForData(Float64Array.of(micros), share);
      expect(workMicros[0] + dataMicros[0]).toBe(micros);
      expect(Math.min(workMicros[0], dataMicros[0])).toBeGreaterThanOrEqual(0);
      expect(Math.abs(dataMicros[0] - micros * share)).toBeLessThanOrEqual(1);
    };
    fc.assert(fc.property(parts, addsUp), { seed: 22, numRuns: 300 });
  });

  it("pays the price for as much work as came before, or all that there is for it", () => {
    expect(affordablePrice({ price: 3, micros: 12e6, recentWork: 4 })).toBe(3);
    expect(affordablePrice({ price: 3, micros: 12e6, recentWork: 6 })).toBe(2);
    expect(affordablePrice({ price: 3, micros: 0, recentWork: 6 })).toBe(0);
    expect(affordablePrice({ price: 3, micros: 12e6, recentWork: 0 })).toBe(3);
  });
});
