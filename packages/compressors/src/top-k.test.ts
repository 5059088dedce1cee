import type { TensorDescription } from "@shardlab/contracts";
import { createStreams } from "@shardlab/random";
import { describe, expect, it } from "vitest";
import { bitsPerIndex, indexBits } from "./index-packing.ts";
import { topK, topKSpec } from "./top-k.ts";

const gradient = (...shape: number[]): TensorDescription => ({ name: "g", role: "gradient", shape });
const compressor = (input: object) => topK(topKSpec.parse({ kind: "top-k", ...input }));

function roundTrip(input: object, values: Float32Array): Float32Array {
  const tensor = gradient(values.length);
  return compressor(input).decode(compressor(input).encoder(tensor).encode(values), tensor).values;
}

/** By sorting indices: by magnitude, NaN first, and then by index; `keep` takes the first so many of each chunk. */
function bySorting(values: Float32Array, chunk = values.length): (kept: number) => Float32Array {
  const isNaNFirst = (a: number, b: number): number =>
    Number(Number.isNaN(values[b])) - Number(Number.isNaN(values[a]));
  const orders: number[][] = [];
  for (let from = 0; from < values.length; from += chunk) {
    const indices = Array.from({ length: Math.min(chunk, values.length - from) }, (_, i) => from + i);
    orders.push(indices.sort((a, b) => isNaNFirst(a, b) || Math.abs(values[b]) - Math.abs(values[a]) || a - b));
  }
  return (kept) => {
    const result = new Float32Array(values.length);
    for (const i of orders.flatMap((order) => order.slice(0, kept))) result[i] = values[i];
    return result;
  };
}

describe("topK", () => {
  it("sends indices, packed, and then values", () => {
    // Of eight values -4 and 3 are largest, at 1 and 6: three bits each, 001 then 110, lowest first.
    const bytes = compressor({ count: 2 })
      .encoder(gradient(8))
      .encode(Float32Array.of(1, -4, 0, 2, 1, 0, 3, 1));
    expect([...bytes]).toEqual([1 | (6 << 3), 0, 0, 0x80, 0xc0, 0, 0, 0x40, 0x40]);
  });

  it("sends a bitmap where that is shorter", () => {
    // Five of eight values would take fifteen bits as a list.
    const bytes = compressor({ count: 5 })
      .encoder(gradient(8))
      .encode(Float32Array.of(9, 1, 8, 7, 1, 6, 1, 5));
    expect(bytes).toHaveLength(1 + 20);
    expect(bytes[0]).toBe(0b10101101);
  });

  it("breaks ties by index", () => {
    expect([...roundTrip({ count: 3 }, Float32Array.of(1, -2, 2, 1, -1, 1))]).toEqual([1, -2, 2, 0, 0, 0]);
    expect([...roundTrip({ count: 2 }, new Float32Array(5).fill(-3))]).toEqual([-3, -3, 0, 0, 0]);
  });

  it.each([1, 7, 63, 64, 65, 1000, 70_000])("agrees with sorting %i values", (length) => {
    const stream = createStreams(length).stream("values");
    const normal = Float32Array.from({ length }, () => stream.normal());
    const tied = Float32Array.from({ length }, () => stream.integer(5) - 2);
    const spread = Float32Array.from({ length }, () => stream.normal() * 2 ** (stream.integer(240) - 130));
    for (const values of [normal, tied, spread]) {
      const keep = bySorting(values);
      for (const count of [0, 1, 3, Math.ceil(length / 100), Math.ceil(length / 3), length - 1, length]) {
        expect(roundTrip({ count }, values)).toEqual(keep(count));
      }
      expect(roundTrip({ count: 5, chunk: 64 }, values)).toEqual(bySorting(values, 64)(5));
    }
  });

  it("keeps every bit where it keeps everything", () => {
    const values = Float32Array.of(0, -0, 2 ** -149, Number.NaN, Number.NEGATIVE_INFINITY, 3);
    const decoded = roundTrip({ share: 1 }, values);
    expect(new Uint32Array(decoded.buffer)).toEqual(new Uint32Array(values.buffer));
    expect(compressor({ share: 1 }).encodedBytes(gradient(6))).toBe(24);
    expect(compressor({ share: 1 }).isLossless(gradient(6))).toBe(true);
    expect(compressor({ share: 1, values: "bfloat16" }).isLossless(gradient(6))).toBe(false);
    expect(compressor({ count: 5 }).isLossless(gradient(6))).toBe(false);
  });

  it("sends what is not finite before all numbers", () => {
    const values = Float32Array.of(1e38, Number.NaN, 1, Number.NEGATIVE_INFINITY, 1e38);
    expect([...roundTrip({ count: 2 }, values)]).toEqual([0, Number.NaN, 0, Number.NEGATIVE_INFINITY, 0]);
    expect([...roundTrip({ count: 1 }, values)]).toEqual([0, Number.NaN, 0, 0, 0]);
  });

  it("rounds shares, and keeps at least one", () => {
    const kept = (share: number, length: number) => compressor({ share }).encodedBytes(gradient(length)) > 0;
    expect(kept(0.001, 5)).toBe(true);
    expect(kept(0, 5)).toBe(false);
    // 0.07 * 100 is a little more than 7 in floating point.
    expect(compressor({ share: 0.07 }).encodedBytes(gradient(100))).toBe(Math.ceil((7 * 7) / 8) + 28);
    expect(compressor({}).encodedBytes(gradient(1000))).toBe(Math.ceil((10 * 10) / 8) + 40);
  });

  it("leaves out at most the share of the square that is not kept", () => {
    const stream = createStreams(3).stream("values");
    const values = Float32Array.from({ length: 999 }, () => stream.normal());
    const square = (x: Float32Array): number => x.reduce((sum, value) => sum + value * value, 0);
    for (const count of [1, 100, 500, 998]) {
      const decoded = roundTrip({ count }, values);
      const left = square(values.map((value, i) => value - decoded[i]));
      expect(left).toBeLessThanOrEqual((1 - count / 999) * square(values));
    }
    // Equality where all are alike.
    const alike = new Float32Array(10).fill(2);
    expect(square(alike.map((value, i) => value - roundTrip({ count: 4 }, alike)[i]))).toBe(0.6 * square(alike));
  });

  it("takes the published sizes", () => {
    // Templar and SparseLoCo: 64 of 4096 with 12-bit indices.
    const sparse = { count: 64, chunk: 4096 };
    expect(compressor(sparse).encodedBytes(gradient(10 * 4096)) - 10 * 64 * 4).toBe((10 * 64 * 12) / 8);
    // Chunks of 65,536 take 16-bit indices.
    expect(compressor({ count: 100, chunk: 65_536 }).encodedBytes(gradient(65_536))).toBe(100 * (2 + 4));
    // DeMo's OLMo-1B, N = 1,176,764,416: 32 of 4096 with 8 + 4 bytes are 110.32 MB; 12 bits and 4 bytes are 50.56.
    const bytes = compressor({ count: 32, chunk: 4096 }).encodedBytes(gradient(1_176_764_416));
    expect((bytes * (8 + 4)) / (1.5 + 4) / 1e6).toBeCloseTo(110.32, 2);
  });

  it.each([
    ["descending", [6 | (1 << 3), 0, 0, 0x80, 0x3f, 0, 0, 0x80, 0x3f], "index 1 after 6"],
    ["repeated", [1 | (1 << 3), 0, 0, 0x80, 0x3f, 0, 0, 0x80, 0x3f], "index 1 after 1"],
    ["after the end", [1 | (7 << 3), 0, 0, 0x80, 0x3f, 0, 0, 0x80, 0x3f], "index 7 of 7"],
    ["followed by bits", [1 | (2 << 3) | 128, 0, 0, 0x80, 0x3f, 0, 0, 0x80, 0x3f], "bits after the last index"],
    ["of a zero before others", [1 | (2 << 3), 0, 0, 0x80, 0x3f, 0, 0, 0, 0], "zero kept at 2"],
  ])("refuses indices %s", (_, bytes, fault) => {
    expect(() => compressor({ count: 2 }).decode(Uint8Array.from(bytes), gradient(7))).toThrow(
      `invalid encoding: ${fault}`,
    );
  });

  it("refuses bitmaps with another number of values", () => {
    const bytes = compressor({ count: 5 })
      .encoder(gradient(8))
      .encode(Float32Array.of(9, 1, 8, 7, 1, 6, 1, 5));
    bytes[0] |= 2;
    expect(() => compressor({ count: 5 }).decode(bytes, gradient(8))).toThrow("6 values kept (expected 5)");
  });

  it("sends what it decoded again as it is", () => {
    const stream = createStreams(8).stream("values");
    const values = Float32Array.from({ length: 500 }, () => (stream.bernoulli(0.95) ? 0 : stream.normal()));
    const tensor = gradient(500);
    for (const input of [{ count: 40 }, { count: 3, chunk: 17 }, { share: 0.4 }, { count: 9, values: "bfloat16" }]) {
      const bytes = compressor(input).encoder(tensor).encode(values);
      const again = compressor(input).encoder(tensor).encode(compressor(input).decode(bytes, tensor).values);
      expect([...again]).toEqual([...bytes]);
    }
  });

  it("takes a share or a count", () => {
    const parsed = topKSpec.safeParse({ kind: "top-k", share: 0.1, count: 2 });
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual(["expected a share or a count, not both"]);
  });
});

describe("indexBits", () => {
  it.each([
    [1, 0],
    [2, 1],
    [3, 2],
    [4096, 12],
    [4097, 13],
    [65_536, 16],
    [2 ** 31, 31],
  ])("an index below %i has %i bits", (length, bits) => {
    expect(bitsPerIndex(length)).toBe(bits);
  });

  it("is nothing where nothing or everything is kept, and never more than a bitmap", () => {
    expect(indexBits(100, 0)).toBe(0);
    expect(indexBits(100, 100)).toBe(0);
    expect(indexBits(100, 2)).toBe(14);
    expect(indexBits(100, 50)).toBe(100);
  });
});
