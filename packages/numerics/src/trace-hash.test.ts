import { describe, expect, it } from "vitest";
import { createTraceHash, type TraceHash } from "./trace-hash.ts";

const mask = 0xffffffffn;
const rotate = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (32n - by))) & mask;

interface Lane {
  seed: bigint;
  factors: [bigint, bigint];
  rotations: [bigint, bigint];
  increment: bigint;
}

/** MurmurHash3's body over 32-bit words, written with big integers. */
function laneOf({ seed, factors, rotations, increment }: Lane, words: bigint[]): bigint {
  let h = seed;
  for (const word of words) {
    const k = (rotate((word * factors[0]) & mask, rotations[0]) * factors[1]) & mask;
    h = (rotate(h ^ k, rotations[1]) * 5n + increment) & mask;
  }
  return h;
}

function finalMix(h: bigint): bigint {
  let mixed = ((h ^ (h >> 16n)) * 0x85ebca6bn) & mask;
  mixed = ((mixed ^ (mixed >> 13n)) * 0xc2b2ae35n) & mask;
  return mixed ^ (mixed >> 16n);
}

const laneA: Lane = {
  seed: 0x9747b28cn,
  factors: [0xcc9e2d51n, 0x1b873593n],
  rotations: [15n, 13n],
  increment: 0xe6546b64n,
};
const laneB: Lane = {
  seed: 0x3c6ef372n,
  factors: [0x239b961bn, 0xab0e9789n],
  rotations: [16n, 17n],
  increment: 0x561ccd1bn,
};

/** The digest of words in the order of lane A and in the order of lane B. */
function digestOf(forA: bigint[], forB: bigint[]): string {
  const count = BigInt(forA.length);
  let a = (laneOf(laneA, forA) ^ count) & mask;
  let b = (laneOf(laneB, forB) ^ count) & mask;
  a = (a + b) & mask;
  b = (b + a) & mask;
  a = finalMix(a);
  b = finalMix(b);
  a = (a + b) & mask;
  b = (b + a) & mask;
  return a.toString(16).padStart(8, "0") + b.toString(16).padStart(8, "0");
}

const digestWith = (add: (hash: TraceHash) => void): string => {
  const hash = createTraceHash();
  add(hash);
  return hash.digest();
};

function addAll(hash: TraceHash, method: "addInt32" | "addFloat64", values: number[]): void {
  for (const value of values) hash[method](value);
}

describe("createTraceHash", () => {
  it("agrees with a second implementation", () => {
    expect(createTraceHash().digest()).toBe(digestOf([], []));
    const words = [1n, 0xffffffffn, 0x80000000n, 123456789n];
    expect(digestWith((hash) => addAll(hash, "addInt32", [1, -1, -(2 ** 31), 123456789]))).toBe(digestOf(words, words));
    // 1.5 is 0x3ff80000_00000000 and 0.1 is 0x3fb99999_9999999a.
    const low = [0n, 0x3ff80000n, 0x9999999an, 0x3fb99999n];
    const high = [0x3ff80000n, 0n, 0x3fb99999n, 0x9999999an];
    const doubles = (hash: TraceHash): void => addAll(hash, "addFloat64", [1.5, 0.1]);
    expect(digestWith(doubles)).toBe(digestOf(low, high));
    expect(digestWith((hash) => hash.addText("ab"))).toBe(digestOf([2n, 97n, 98n], [2n, 97n, 98n]));
  });
  it("adds arrays as their length and their elements", () => {
    const xs = Float64Array.of(3, -0, 1e-310, 1e300, Number.NaN, -Infinity);
    const elements = digestWith((hash) => {
      hash.addInt32(xs.length);
      for (const x of xs) hash.addFloat64(x);
    });
    expect(digestWith((hash) => hash.addFloat64Array(xs))).toBe(elements);
    const offset = new Float64Array([9, ...xs]).subarray(1);
    expect(digestWith((hash) => hash.addFloat64Array(offset))).toBe(elements);
    const integers = Int32Array.of(5, -6);
    const integersApart = digestWith((hash) => addAll(hash, "addInt32", [2, 5, -6]));
    expect(digestWith((hash) => hash.addInt32Array(integers))).toBe(integersApart);
  });
  it("takes every NaN for the same and tells 0 from -0", () => {
    const odd = new Float64Array(Int32Array.of(77, 0x7ff80123, 1, 0xfff00000 | 0).buffer);
    const plain = digestWith((hash) => hash.addFloat64Array(Float64Array.of(Number.NaN, Number.NaN)));
    expect(digestWith((hash) => hash.addFloat64Array(odd))).toBe(plain);
    expect(digestWith((hash) => hash.addFloat64(0))).not.toBe(digestWith((hash) => hash.addFloat64(-0)));
  });
  it("goes on after a digest", () => {
    const hash = createTraceHash();
    hash.addInt32(1);
    hash.digest();
    hash.addInt32(2);
    expect(hash.digest()).toBe(digestWith((fresh) => addAll(fresh, "addInt32", [1, 2])));
  });
  it("flips half of the bits whichever bit of the input changes", () => {
    const words = new Int32Array(64).map((_, i) => Math.imul(i, 0x9e3779b9));
    const base = BigInt(`0x${digestWith((hash) => hash.addInt32Array(words))}`);
    let flipped = 0;
    const trials = 64 * 32;
    for (let bit = 0; bit < trials; bit++) {
      const changed = words.slice();
      changed[bit >> 5] ^= 1 << (bit & 31);
      const difference = base ^ BigInt(`0x${digestWith((hash) => hash.addInt32Array(changed))}`);
      flipped += difference.toString(2).replaceAll("0", "").length;
    }
    const z = (flipped - 32 * trials) / Math.sqrt(16 * trials);
    expect(Math.abs(z)).toBeLessThan(4);
  });
});
