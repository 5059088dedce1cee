import type { CompressorContext, TensorDescription, TensorRole } from "@shardlab/contracts";
import { createStreams } from "@shardlab/random";
import { describe, expect, it } from "vitest";
import { subspace, subspaceSpec } from "./subspace.ts";
import { drawBasis } from "./subspace-basis.ts";

const described = (role: TensorRole, ...shape: number[]): TensorDescription => ({ name: "boundary", role, shape });
const create = (input: object, context: CompressorContext) =>
  subspace(subspaceSpec.parse({ kind: "subspace", ...input }), context);
const small = { width: 24, vocabulary: 50, seed: 9 };

const normals = (length: number, seed: number): Float32Array => {
  const stream = createStreams(seed).stream("normals");
  return Float32Array.from({ length }, () => stream.normal());
};
const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
  return most;
};

/** U (U^T row), by definition, for each row. */
function projectedRows(
  rows: Float32Array,
  basis: Float32Array,
  { width, rank }: { width: number; rank: number },
): number[] {
  const result: number[] = [];
  for (let row = 0; row < rows.length / width; row++) {
    const coefficients = Array.from({ length: rank }, (_, j) => {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += rows[row * width + i] * basis[i * rank + j];
      return sum;
    });
    for (let i = 0; i < width; i++) result.push(coefficients.reduce((sum, c, j) => sum + c * basis[i * rank + j], 0));
  }
  return result;
}

describe("the basis", () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 1],
    [16, 16],
    [64, 8],
    [100, 99],
    [128, 128],
    [200, 37],
    [300, 300],
    [768, 7],
    [4096, 40],
  ])("of width %i and rank %i is orthonormal to 1e-6", (width, rank) => {
    for (const seed of [1, 2n ** 63n]) {
      const basis = drawBasis({ width, rank, seed });
      let worst = 0;
      for (let a = 0; a < rank; a++) {
        for (let b = a; b < rank; b++) {
          let product = 0;
          for (let i = 0; i < width; i++) product += basis[i * rank + a] * basis[i * rank + b];
          worst = Math.max(worst, Math.abs(product - (a === b ? 1 : 0)));
        }
      }
      expect(worst).toBeLessThan(1e-6);
    }
  });

  it("of lower rank begins one of higher rank, and follows from the seed", () => {
    const low = drawBasis({ width: 10, rank: 3, seed: 4 });
    const high = drawBasis({ width: 10, rank: 7, seed: 4 });
    for (let i = 0; i < 10; i++) for (let j = 0; j < 3; j++) expect(high[i * 7 + j]).toBe(low[i * 3 + j]);
    expect(drawBasis({ width: 10, rank: 3, seed: 4 })).toEqual(low);
    expect(drawBasis({ width: 10, rank: 3, seed: 5 })).not.toEqual(low);
  });

  it("points in no direction more than in another", () => {
    // The first column is uniform on the sphere: each coordinate has mean 0 and mean square 1 / d.
    const width = 5;
    const draws = 4000;
    const sums = new Float64Array(width);
    const squares = new Float64Array(width);
    for (let seed = 0; seed < draws; seed++) {
      drawBasis({ width, rank: 1, seed }).forEach((value, i) => {
        sums[i] += value;
        squares[i] += value * value;
      });
    }
    // Var(u_i^2) = 2 (d - 1) / (d^2 (d + 2)).
    const deviation = Math.sqrt((2 * (width - 1)) / (width * width * (width + 2)));
    for (let i = 0; i < width; i++) {
      expect(Math.abs(sums[i] / draws)).toBeLessThan(4 * Math.sqrt(1 / width / draws));
      expect(Math.abs(squares[i] / draws - 1 / width)).toBeLessThan(4 * (deviation / Math.sqrt(draws)));
    }
  });
});

describe("the frozen embedding", () => {
  it("is of independent normals of the deviation asked for", () => {
    const constraint = create({ rank: 2, frozenDeviation: 3 }, { width: 100, vocabulary: 400, seed: 1 }).constraint;
    const values = constraint?.frozenEmbedding ?? new Float32Array();
    expect(values).toHaveLength(40_000);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(4 * (3 / 200));
    expect(Math.abs(square - 9)).toBeLessThan((4 * 9 * Math.sqrt(2)) / 200);
  });

  it("gives a token the same row whatever the vocabulary", () => {
    const [few, many] = [10, 20].map((vocabulary) => create({}, { width: 8, vocabulary, seed: 3 }).constraint);
    expect(many?.frozenEmbedding.slice(0, 80)).toEqual(few?.frozenEmbedding);
  });
});

describe("subspace", () => {
  it.each([
    [1, 7],
    [5, 1],
    [5, 4],
    [23, 9],
    [24, 6],
  ])("is exact at rank %i for %i rows in the span", (rank, rows) => {
    const compressor = create({ rank }, small);
    const { basis, frozenEmbedding } = compressor.constraint ?? {
      basis: new Float32Array(),
      frozenEmbedding: new Float32Array(),
    };
    const coefficients = normals(rows * rank, 2);
    const tokens = Array.from({ length: rows }, (_, row) => (row * 17) % 50);
    const inSpan = Float32Array.from({ length: rows * 24 }, (_, at) => {
      const [row, i] = [Math.floor(at / 24), at % 24];
      let sum = 0;
      for (let j = 0; j < rank; j++) sum += coefficients[row * rank + j] * basis[i * rank + j];
      return sum;
    });
    const activations = inSpan.map(
      (value, at) => value + frozenEmbedding[tokens[Math.floor(at / 24)] * 24 + (at % 24)],
    );
    const forward = described("activation", rows, 24);
    const decoded = compressor.decode(compressor.encoder(forward).encode(activations, { tokens }), forward);
    expect(largestDifference(decoded.values, activations)).toBeLessThan(2e-6);
    expect([...(decoded.tokens ?? [])]).toEqual(tokens);
    const back = described("activation-gradient", rows, 24);
    const gradient = compressor.decode(compressor.encoder(back).encode(inSpan), back);
    expect(largestDifference(gradient.values, inSpan)).toBeLessThan(2e-6);
    expect(gradient.tokens).toBeUndefined();
  });

  it("projects what is not in the span, orthogonally and once", () => {
    const compressor = create({ rank: 7 }, small);
    const back = described("activation-gradient", 6, 24);
    const gradient = normals(6 * 24, 3);
    const once = compressor.decode(compressor.encoder(back).encode(gradient), back).values;
    const basis = compressor.constraint?.basis ?? new Float32Array();
    expect(largestDifference(once, projectedRows(gradient, basis, { width: 24, rank: 7 }))).toBeLessThan(1e-6);
    const twice = compressor.decode(compressor.encoder(back).encode(once), back).values;
    expect(largestDifference(twice, once)).toBeLessThan(1e-6);
    // What is left out is orthogonal to what arrives.
    for (let row = 0; row < 6; row++) {
      let product = 0;
      for (let i = row * 24; i < (row + 1) * 24; i++) product += once[i] * (gradient[i] - once[i]);
      expect(Math.abs(product)).toBeLessThan(1e-5);
    }
  });

  it("projects activations about the frozen embedding of their tokens", () => {
    const compressor = create({ rank: 4 }, small);
    const { basis, frozenEmbedding } = compressor.constraint ?? {
      basis: new Float32Array(),
      frozenEmbedding: new Float32Array(),
    };
    const forward = described("activation", 5, 24);
    const tokens = [49, 0, 3, 3, 20];
    const values = normals(5 * 24, 4);
    const offset = Float32Array.from(values, (_, at) => frozenEmbedding[tokens[Math.floor(at / 24)] * 24 + (at % 24)]);
    const decoded = compressor.decode(compressor.encoder(forward).encode(values, { tokens }), forward).values;
    const expected = projectedRows(
      values.map((value, at) => value - offset[at]),
      basis,
      { width: 24, rank: 4 },
    );
    expect(
      largestDifference(
        decoded,
        offset.map((value, at) => value + expected[at]),
      ),
    ).toBeLessThan(2e-6);
  });

  it("passes other roles as float32", () => {
    const compressor = create({ rank: 3, values: "bfloat16" }, small);
    for (const role of ["gradient", "parameter"] as const) {
      const tensor = described(role, 3, 5);
      const values = normals(15, 5);
      expect(compressor.isLossless(tensor)).toBe(true);
      expect(compressor.decode(compressor.encoder(tensor).encode(values), tensor).values).toEqual(values);
    }
    expect(compressor.isLossless(described("activation", 3, 24))).toBe(false);
  });

  it("sends a row alike whatever is beside it", () => {
    const compressor = create({ rank: 5 }, small);
    const values = normals(6 * 24, 6);
    const encode = (from: number, to: number) =>
      compressor.encoder(described("activation-gradient", to - from, 24)).encode(values.slice(from * 24, to * 24));
    const whole = encode(0, 6);
    for (let row = 0; row < 6; row++) expect(encode(row, row + 1)).toEqual(whole.slice(row * 20, (row + 1) * 20));
  });

  it("spoils the row of a value that is not finite, and no other", () => {
    const compressor = create({ rank: 5 }, small);
    const back = described("activation-gradient", 3, 24);
    for (const spoilt of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const values = normals(3 * 24, 7);
      values[24 + 3] = spoilt;
      const decoded = compressor.decode(compressor.encoder(back).encode(values), back).values;
      for (const [at, value] of decoded.entries()) expect(Number.isFinite(value)).toBe(Math.floor(at / 24) !== 1);
    }
  });

  it("sends one NaN whatever was in it", () => {
    const compressor = create({ rank: 1 }, small);
    const back = described("activation-gradient", 2, 24);
    const words = new Uint32Array(48);
    words[0] = 0xffc00123;
    words[24] = 0x7f800001;
    const bytes = compressor.encoder(back).encode(new Float32Array(words.buffer));
    expect([...bytes]).toEqual([0, 0, 0xc0, 0x7f, 0, 0, 0xc0, 0x7f]);
  });

  it("takes the published sizes", () => {
    // k = 40 of d = 4096 with a channel for the id: 4096 / 41 = 99.902 (in bfloat16, as the boundary; the id is a uint16).
    const large = { width: 4096, vocabulary: 50_265, seed: 1 };
    const forward = described("activation", 4096, 4096);
    const published = create({ values: "bfloat16" }, large);
    expect(published.encodedBytes(forward)).toBe(4096 * (2 * 40 + 2));
    expect((2 * 4096 * 4096) / published.encodedBytes(forward)).toBeCloseTo(4096 / 41, 10);
    // 33.55 MB become 0.336 MB.
    expect(published.encodedBytes(forward) / 1e6).toBeCloseTo(0.336, 3);
    // Back there are no ids: 4096 / 40. And in float32 against float32 the id is half a channel: 4096 / 40.5.
    expect((2 * 4096 * 4096) / published.encodedBytes(described("activation-gradient", 4096, 4096))).toBe(102.4);
    expect((4 * 4096 * 4096) / create({}, large).encodedBytes(forward)).toBeCloseTo(4096 / 40.5, 10);
  });

  it("refuses what cannot be", () => {
    expect(() => create({ rank: 25 }, small)).toThrow("invalid rank: 25 (at most the width, 24)");
    expect(() => create({}, { ...small, vocabulary: 65_537 })).toThrow("invalid vocabulary: 65537");
    expect(() => create({}, { ...small, vocabulary: 65_536 })).not.toThrow();
    const compressor = create({ rank: 1 }, small);
    const forward = described("activation", 2, 24);
    const encode = (tokens?: number[]) =>
      compressor.encoder(forward).encode(new Float32Array(48), tokens === undefined ? undefined : { tokens });
    expect(() => encode()).toThrow("missing tokens");
    expect(() => encode([1])).toThrow("invalid tokens: 1 (expected one for each of 2 rows)");
    for (const token of [50, -1, 0.5]) expect(() => encode([0, token])).toThrow(`invalid token: ${token}`);
    expect(() => compressor.encodedBytes(described("activation", 2, 23))).toThrow(
      "rows of 23 values (expected the width, 24)",
    );
    const bytes = encode([0, 1]);
    bytes[2] = 50;
    expect(() => compressor.decode(bytes, forward)).toThrow("invalid encoding: token 50 of 50");
  });
});
