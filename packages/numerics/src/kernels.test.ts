import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { kernelsText } from "../scripts/build-kernels.mjs";
import { tablesText } from "../scripts/build-tables.mjs";
import { blockSum, blockSums, dot, pairwiseSum, sumBlockLength } from "./block-sum.ts";
import { expInto, logInto } from "./elementwise.ts";
import { exp } from "./exp.ts";
import { log } from "./log.ts";
import { logitChoice } from "./logit-choice.ts";
import { blockSumReference, dotReference } from "./reference/block-sum.ts";
import { logitChoiceReference } from "./reference/logit-choice.ts";

const sizes = [0, 1, 2, 3, 7, 8, 9, 17, 1023, 1024, 1025, 1031, 2047, 2048, 2049, 3073, 5000];

/** Lehmer's generator on [0, 1). */
function lehmer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 16807) % 2147483647;
    return (state - 1) / 2147483646;
  };
}

function filled(length: number, value: (index: number, uniform: () => number) => number, seed = 7): Float64Array {
  const uniform = lehmer(seed);
  return Float64Array.from({ length }, (_, i) => value(i, uniform));
}

function expectSameBits(got: ArrayLike<number>, wanted: ArrayLike<number>): void {
  expect(got.length).toBe(wanted.length);
  for (let i = 0; i < got.length; i++) {
    if (!Object.is(got[i], wanted[i])) expect.fail(`element ${i}: ${got[i]} instead of ${wanted[i]}`);
  }
}

const awkward = [
  0, -0, 5e-324, -5e-324, 1e-310, 2.2250738585072014e-308, 1, -1, 707.9, 708, 708.1, 709.78, 709.79, 710.1,
];
awkward.push(-708, -708.5, -745.1, -745.2, -746.5, 1e308, -1e308, Number.NaN, Infinity, -Infinity, Math.SQRT1_2);

describe.each([
  { name: "expInto", kernel: expInto, scalar: exp, bound: 720 },
  { name: "logInto", kernel: logInto, scalar: log, bound: 1e3 },
])("$name", ({ kernel, scalar, bound }) => {
  it("has the bits of the scalar function at every size", () => {
    for (const size of sizes) {
      const x = filled(size, (i, uniform) => (i % 5 === 0 ? awkward[i % awkward.length] : (2 * uniform() - 1) * bound));
      const out = new Float64Array(size);
      kernel(x, out);
      expectSameBits(out, x.map(scalar));
    }
  });
  it("has the bits of the scalar function where both lanes are ordinary", () => {
    const x = filled(20_000, (_, uniform) => uniform() * 20 + 1e-9);
    const out = new Float64Array(x.length);
    kernel(x, out);
    expectSameBits(out, x.map(scalar));
  });
  it("works in place and refuses unequal lengths", () => {
    const x = Float64Array.of(1, 2, 3);
    const wanted = x.map(scalar);
    kernel(x, x);
    expectSameBits(x, wanted);
    expect(() => kernel(x, new Float64Array(2))).toThrow("length mismatch: 3 and 2");
  });
});

describe("blockSum and dot", () => {
  it("have the bits of their scalar references at every size", () => {
    for (const size of sizes) {
      const x = filled(size, (_, uniform) => (uniform() - 0.5) * 10 ** (20 * uniform()), 3);
      const y = filled(size, (_, uniform) => uniform() - 0.5, 4);
      expectSameBits([blockSum(x), dot(x, y)], [blockSumReference(x), dotReference(x, y)]);
    }
  });
  it("sum integers exactly", () => {
    const x = filled(12_345, (i) => i);
    expect(blockSum(x)).toBe((12_344 * 12_345) / 2);
    expect(dot(x, x)).toBe((12_344 * 12_345 * 24_689) / 6);
    expect(blockSum(new Float64Array(0))).toBe(0);
  });
  it("do not depend on who sums which blocks", () => {
    const x = filled(9_000, (_, uniform) => uniform() * 10 ** (30 * uniform()));
    const border = 3 * sumBlockLength;
    const parts = [...blockSums(x.subarray(0, border)), ...blockSums(x.subarray(border))];
    expect(pairwiseSum(Float64Array.from(parts))).toBe(blockSum(x));
  });
  it("refuse unequal lengths", () => {
    expect(() => dot(new Float64Array(2), new Float64Array(3))).toThrow("length mismatch: 2 and 3");
  });
});

interface ChoiceShape {
  rows: number;
  options: number;
  temperature: number;
}

function choices(choose: typeof logitChoice, { rows, options, temperature }: ChoiceShape): Int32Array {
  const utilities = filled(
    rows * options,
    (i, uniform) => (i % 7 === 3 ? -Infinity : Math.round(uniform() * 50) / 2),
    11,
  );
  const uniforms = filled(rows, (i, uniform) => (i % 9 === 0 ? 0 : i % 9 === 1 ? 1 - 2 ** -53 : uniform()), 12);
  const choice = new Int32Array(rows).fill(-7);
  choose({ utilities, rows, options, temperature, uniforms, choice });
  return choice;
}

describe("logitChoice", () => {
  it("chooses as its scalar reference for every shape and temperature", () => {
    for (const temperature of [0, 1e-300, 0.01, 1, 5, 1e300, Infinity]) {
      for (const options of [0, 1, 2, 3, 10, 1500]) {
        for (const rows of [0, 1, 2, 101, 103, 205]) {
          if (rows * options > 20_000 && options > 10 && rows > 2) continue;
          const shape = { rows, options, temperature };
          expectSameBits(choices(logitChoice, shape), choices(logitChoiceReference, shape));
        }
      }
    }
  });

  const chooseOne = (utilities: number[], temperature: number, uniform: number): number => {
    const choice = new Int32Array(1);
    const uniforms = Float64Array.of(uniform);
    logitChoice({
      utilities: Float64Array.from(utilities),
      rows: 1,
      options: utilities.length,
      temperature,
      uniforms,
      choice,
    });
    return choice[0];
  };

  it("takes the best with the lowest index at temperature 0", () => {
    expect(chooseOne([1, 3, 3, 2], 0, 0.9)).toBe(1);
    expect(chooseOne([-Infinity, -Infinity], 0, 0.9)).toBe(-1);
  });
  it("spreads evenly over what is available at infinite temperature", () => {
    const offered = [-Infinity, 5, -Infinity, 1e300, -2, -Infinity];
    expect([0, 0.333, 0.334, 0.666, 0.667, 1 - 2 ** -53].map((u) => chooseOne(offered, Infinity, u))).toEqual([
      1, 1, 3, 3, 4, 4,
    ]);
  });
  it("gives -1 where nothing is available", () => {
    expect(chooseOne([-Infinity, -Infinity, -Infinity], 1, 0.5)).toBe(-1);
    expect(chooseOne([-Infinity], Infinity, 0.5)).toBe(-1);
    expect(chooseOne([], 1, 0.5)).toBe(-1);
  });
  it("divides the unit interval in proportion to exp(utility / temperature)", () => {
    const utilities = [0, 2, -1, 4];
    const weights = utilities.map((utility) => Math.exp(utility / 2));
    const total = weights.reduce((a, b) => a + b);
    let border = 0;
    for (let option = 0; option < 3; option++) {
      border += weights[option] / total;
      expect(chooseOne(utilities, 2, border - 1e-12)).toBe(option);
      expect(chooseOne(utilities, 2, border + 1e-12)).toBe(option + 1);
    }
  });
  it("refuses what it cannot choose from", () => {
    for (const temperature of [0, 1]) {
      expect(() => chooseOne([1, Number.NaN], temperature, 0.5)).toThrow("invalid utility: NaN");
      expect(() => chooseOne([1, Infinity, 2], temperature, 0.5)).toThrow("invalid utility: Infinity");
    }
    expect(() => chooseOne([1], -1, 0.5)).toThrow("invalid temperature: -1");
    expect(() => chooseOne([1], Number.NaN, 0.5)).toThrow("invalid temperature: NaN");
    const short = { utilities: new Float64Array(3), uniforms: new Float64Array(2), choice: new Int32Array(2) };
    expect(() => logitChoice({ ...short, rows: 2, options: 2, temperature: 1 })).toThrow("utilities too short: 3");
  });
});

describe("generated files", () => {
  const committed = (name: string): string => readFileSync(new URL(`./generated/${name}`, import.meta.url), "utf8");
  it("hold what the AssemblyScript sources compile to", async () => {
    expect(committed("kernels.ts")).toBe(await kernelsText());
  });
  it("hold the constants that decimal.js computes", () => {
    expect(committed("tables.ts")).toBe(tablesText());
  });
});
