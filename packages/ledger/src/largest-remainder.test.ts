import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitByLargestRemainder } from "./largest-remainder.ts";

/** The double as a fraction of whole numbers, from its bits. */
function exactly(value: number): { numerator: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return biased === 0
    ? { numerator: fraction, exponent: -1074 }
    : { numerator: fraction | (1n << 52n), exponent: biased - 1075 };
}

/** Weights in units of 2^-53 of the power of two at or above the largest, cut off, by whole numbers alone. */
function readWeights(weights: Float64Array): bigint[] {
  const { numerator, exponent } = exactly(Math.max(...weights));
  const length = numerator.toString(2).length;
  const isPower = numerator === 1n << BigInt(length - 1);
  const unit = exponent + length - (isPower ? 1 : 0) - 53;
  return [...weights].map((weight) => {
    const read = exactly(weight);
    const shift = read.exponent - unit;
    return shift >= 0 ? read.numerator << BigInt(shift) : read.numerator >> BigInt(-shift);
  });
}

/** Hamilton's method with BigInt and a sort. */
function referenceSplit(total: bigint, scaled: readonly bigint[]): number[] {
  const sum = scaled.reduce((left, right) => left + right, 0n);
  const parts = scaled.map((weight) => (total * weight) / sum);
  const remainders = scaled.map((weight, row) => total * weight - parts[row] * sum);
  const left = Number(total - parts.reduce((one, other) => one + other, 0n));
  const order = [...scaled.keys()].sort((one, other) => {
    const gap = remainders[other] - remainders[one];
    return gap === 0n ? one - other : gap > 0n ? 1 : -1;
  });
  for (const row of order.slice(0, left)) parts[row] += 1n;
  return parts.map(Number);
}

function split(total: number | bigint, weights: Float64Array): number[] {
  const out = new Float64Array(weights.length);
  splitByLargestRemainder(total, weights, out);
  return [...out];
}

const wholeWeight = fc.oneof(
  fc.integer({ min: 0, max: 20 }),
  fc.maxSafeInteger().map(Math.abs),
  fc.constantFrom(0, 1, 2 ** 53, 2 ** 53 - 1, 2 ** 52 + 1, 2 ** 26 + 1, 2 ** 27 - 1),
);
const anyWeight = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, 5e-324, 1e-310, Number.MAX_VALUE, 0.1, 1 / 3),
);
const columnOf = (weight: fc.Arbitrary<number>): fc.Arbitrary<Float64Array> =>
  fc
    .array(weight, { minLength: 1, maxLength: 40, size: "max" })
    .filter((weights) => weights.some((value) => value > 0))
    .map((weights) => Float64Array.from(weights));
const anyTotal = fc.oneof(
  fc.integer({ min: 0, max: 100 }),
  fc.maxSafeInteger().map(Math.abs),
  fc.constantFrom(2 ** 53, 2 ** 53 - 1, 2 ** 52, 2 ** 52 + 1),
);

describe("splitByLargestRemainder", () => {
  it("splits what can be done by hand", () => {
    // By hand: the quotas of 25 are 11.25, 11.25 and 2.5.
    expect(split(25, Float64Array.of(9, 9, 2))).toEqual([11, 11, 3]);
    expect(split(2, Float64Array.of(1, 1, 1))).toEqual([1, 1, 0]);
    expect(split(7, Float64Array.of(0, 1, 0))).toEqual([0, 7, 0]);
    expect(split(0, Float64Array.of(0, 0))).toEqual([0, 0]);
  });

  it("agrees with BigInt and a sort on whole weights, read as they are", () => {
    fc.assert(
      fc.property(anyTotal, columnOf(wholeWeight), (total, weights) => {
        expect(split(total, weights)).toEqual(referenceSplit(BigInt(total), [...weights].map(BigInt)));
      }),
      { seed: 1, numRuns: 3000 },
    );
  });

  it("agrees with BigInt and a sort on any weights", () => {
    fc.assert(
      fc.property(anyTotal, columnOf(anyWeight), (total, weights) => {
        expect(split(total, weights)).toEqual(referenceSplit(BigInt(total), readWeights(weights)));
      }),
      { seed: 2, numRuns: 3000 },
    );
  });

  it("splits totals beyond 2^53", () => {
    const weights = Float64Array.from({ length: 3001 }, (_, row) => (row * 7919) % 1009);
    const total = (1n << 60n) + 12345n;
    expect(split(total, weights)).toEqual(referenceSplit(total, [...weights].map(BigInt)));
    expect(() => split(total, Float64Array.of(1))).toThrow(`part too large: ${total} exceeds ${2 ** 52}`);
  });

  it("agrees with the reference on many rows, with and without ties", () => {
    let state = 12345;
    const next = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    for (const weight of [next, () => 1, () => Math.floor(next() * 4), () => 1 / (1 - next())]) {
      const weights = Float64Array.from({ length: 20_011 }, weight);
      for (const total of [19_999, 1_000_000_007, 2 ** 53 - 111]) {
        expect(split(total, weights)).toEqual(referenceSplit(BigInt(total), readWeights(weights)));
      }
    }
  });

  it("refuses what cannot be split", () => {
    expect(() => split(5, Float64Array.of(0, 0))).toThrow("no positive weight: cannot split 5");
    expect(() => split(0.5, Float64Array.of(1))).toThrow("invalid total: 0.5");
    expect(() => split(-1n, Float64Array.of(1))).toThrow("invalid total: -1");
    expect(() => split(1, Float64Array.of(1, -1))).toThrow("invalid weight: -1 in row 1");
    expect(() => split(1, Float64Array.of(Number.NaN))).toThrow("invalid weight: NaN in row 0");
    expect(() => splitByLargestRemainder(1, Float64Array.of(1), new Float64Array(2))).toThrow("out has 2 rows");
  });
});
