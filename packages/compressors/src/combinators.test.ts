import type { TensorDescription, TensorRole } from "@shardlab/contracts";
import { createStreams } from "@shardlab/random";
import { describe, expect, it } from "vitest";
import { compressorKinds, compressorSpec, createCompressor } from "./registry.ts";

const context = { width: 12, vocabulary: 30, seed: 5 };
const create = (input: unknown) => createCompressor(compressorSpec.parse(input), context);
const described = (role: TensorRole, ...shape: number[]): TensorDescription => ({ name: "t", role, shape });
const messagesOf = (input: unknown): string[] =>
  compressorSpec.safeParse(input).error?.issues.map(({ message }) => message) ?? [];
const inputs = (length: number, count: number): Float32Array[] => {
  const stream = createStreams(11).stream("inputs");
  return Array.from({ length: count }, () => Float32Array.from({ length }, () => stream.normal()));
};

const topK = { kind: "top-k", share: 0.05 };
const twoBits = { kind: "uniform-quantization", bits: 2 };
const subspace = { kind: "subspace", rank: 4 };
const sparse = {
  kind: "chain",
  outer: { kind: "top-k", count: 64, chunk: 4096 },
  inner: { ...twoBits, block: 64, levels: "mid-rise" },
};

describe("error-feedback", () => {
  it.each([[topK], [twoBits], [{ kind: "bfloat16" }], [sparse], [{ kind: "top-k", share: 0 }]])(
    "sends in the end what came in: %j",
    (inner) => {
      const tensor = described("gradient", 5000);
      const compressor = create({ kind: "error-feedback", inner });
      const encoder = compressor.encoder(tensor);
      const sum = new Float64Array(5000);
      for (const values of inputs(5000, 20)) {
        const sent = compressor.decode(encoder.encode(values), tensor).values;
        for (let i = 0; i < sum.length; i++) sum[i] += values[i] - sent[i];
      }
      const memory = encoder.memory() ?? new Float32Array();
      expect(memory).toHaveLength(5000);
      // Twenty roundings of sums that stay below 20 or so, and as many of differences.
      for (let i = 0; i < sum.length; i++) expect(Math.abs(sum[i] - memory[i])).toBeLessThan(40 * 2 ** -24 * 32);
    },
  );

  it("adds the decayed error to the next tensor", () => {
    const tensor = described("gradient", 2);
    const compressor = create({ kind: "error-feedback", decay: 0.5, inner: { kind: "top-k", count: 1 } });
    const encoder = compressor.encoder(tensor);
    const sent = (...values: number[]) => [
      ...compressor.decode(encoder.encode(Float32Array.from(values)), tensor).values,
    ];
    expect(sent(3, 2)).toEqual([3, 0]);
    expect([...(encoder.memory() ?? [])]).toEqual([0, 2]);
    // 1.5 and 1 + 0.5 * 2 = 2.
    expect(sent(1.5, 1)).toEqual([0, 2]);
    expect([...(encoder.memory() ?? [])]).toEqual([1.5, 0]);
  });

  it("sends a NaN once and forgets it", () => {
    const tensor = described("gradient", 3);
    const compressor = create({ kind: "error-feedback", inner: { kind: "top-k", count: 1 } });
    const encoder = compressor.encoder(tensor);
    const sent = (...values: number[]) => [
      ...compressor.decode(encoder.encode(Float32Array.from(values)), tensor).values,
    ];
    expect(sent(1, Number.NaN, 2)).toEqual([0, Number.NaN, 0]);
    expect([...(encoder.memory() ?? [])]).toEqual([1, 0, 2]);
    expect(sent(0, 0, 0)).toEqual([0, 0, 2]);
    expect(sent(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0)).toEqual([Number.POSITIVE_INFINITY, 0, 0]);
    expect([...(encoder.memory() ?? [])]).toEqual([0, 0, 0]);
  });

  it("remembers nothing around what loses nothing", () => {
    const tensor = described("gradient", 2);
    const encoder = create({ kind: "error-feedback", inner: { kind: "top-k", share: 1 } }).encoder(tensor);
    expect(encoder.memory()).toBeUndefined();
    expect([...encoder.encode(Float32Array.of(-0, 1))]).toEqual([0, 0, 0, 0x80, 0, 0, 0x80, 0x3f]);
  });

  it("refuses a memory of another length", () => {
    const encoder = create({ kind: "error-feedback", inner: topK }).encoder(described("gradient", 4));
    expect(() => encoder.restore(new Float32Array(3))).toThrow("invalid memory: 3 values (expected 4)");
  });

  it("refuses what would not end well", () => {
    expect(messagesOf({ kind: "error-feedback", inner: { kind: "error-feedback", inner: topK } })[0]).toContain(
      "every error twice",
    );
    expect(messagesOf({ kind: "error-feedback", inner: subspace })[0]).toContain("outside the basis");
    const hidden = { kind: "by-role", activation: { kind: "chain", outer: subspace, inner: { kind: "bfloat16" } } };
    expect(messagesOf({ kind: "error-feedback", inner: hidden })[0]).toContain("outside the basis");
  });
});

describe("chain", () => {
  it("sends indices, then the kept values as the inner has them", () => {
    const compressor = create({ kind: "chain", outer: { kind: "top-k", count: 2 }, inner: { kind: "bfloat16" } });
    const bytes = compressor.encoder(described("gradient", 8)).encode(Float32Array.of(1, -4, 0, 2, 1, 0, 3, 1));
    expect([...bytes]).toEqual([1 | (6 << 3), 0x80, 0xc0, 0x40, 0x40]);
  });

  it.each([
    [{ kind: "top-k", share: 0.2, chunk: 50 }, "gradient", [777]],
    [{ kind: "subspace", rank: 5 }, "activation", [9, 12]],
    [{ kind: "subspace", rank: 5 }, "activation-gradient", [9, 12]],
  ] as const)("over float32 or bfloat16 is the outer with such values: %j of %s", (outer, role, shape) => {
    const tensor = described(role, ...shape);
    const [values] = inputs(
      shape.reduce((product, length) => product * length, 1),
      1,
    );
    const tokens = [1, 2, 3, 4, 5, 6, 7, 8, 29];
    for (const [inner, format] of [
      ["identity", "float32"],
      ["bfloat16", "bfloat16"],
    ]) {
      const chained = create({ kind: "chain", outer, inner: { kind: inner } });
      const alone = create({ ...outer, values: format });
      const bytes = chained.encoder(tensor).encode(values, { tokens });
      expect(bytes).toEqual(alone.encoder(tensor).encode(values, { tokens }));
      expect(chained.decode(bytes, tensor)).toEqual(alone.decode(bytes, tensor));
    }
  });

  it("hands the constraint of a subspace on", () => {
    const chained = create({ kind: "chain", outer: subspace, inner: { kind: "bfloat16" } });
    expect(chained.constraint?.basis).toEqual(create(subspace).constraint?.basis);
    expect(create(sparse).constraint).toBeUndefined();
  });

  it("lets the inner have whole what a subspace passes", () => {
    const tensor = described("gradient", 100);
    expect(create({ kind: "chain", outer: subspace, inner: { kind: "bfloat16" } }).encodedBytes(tensor)).toBe(200);
    expect(create({ ...subspace, values: "bfloat16" }).encodedBytes(tensor)).toBe(400);
  });

  it("takes SparseLoCo's published size, and a scale for each chunk beside it", () => {
    // 64 of 4096 at 12 + 2 bits: 0.21875 bits a parameter, 146.29 times less than float32.
    const elements = 4096 * 50;
    const bytes = create(sparse).encodedBytes(described("gradient", elements)) - 50 * 4;
    expect((8 * bytes) / elements).toBe(0.21875);
    expect((4 * elements) / bytes).toBeCloseTo(146.29, 2);
  });

  it("takes kept values of kept values", () => {
    const compressor = create({
      kind: "chain",
      outer: { kind: "top-k", count: 4 },
      inner: { kind: "top-k", count: 2 },
    });
    const tensor = described("gradient", 6);
    const bytes = compressor.encoder(tensor).encode(Float32Array.of(1, 5, 2, 6, 3, 4));
    expect([...compressor.decode(bytes, tensor).values]).toEqual([0, 5, 0, 6, 0, 0]);
  });

  it.each([
    [{ outer: { kind: "identity" }, inner: topK }, "Expected 'subspace' | 'top-k'"],
    [{ outer: topK, inner: subspace }, "only be the outer part"],
    [{ outer: subspace, inner: { kind: "chain", outer: subspace, inner: topK } }, "only be the outer part"],
    [{ outer: topK, inner: { kind: "error-feedback", inner: twoBits } }, "error-feedback goes around a chain"],
    [{ outer: topK, inner: { kind: "by-role" } }, "by-role goes around a chain"],
    [{ outer: { ...topK, values: "bfloat16" }, inner: twoBits }, "the inner compressor says how values travel"],
  ])("refuses %j", (parts, message) => {
    expect(messagesOf({ kind: "chain", ...parts }).join()).toContain(message);
  });
});

describe("by-role", () => {
  it("chooses by role, then the default, then identity", () => {
    const some = create({ kind: "by-role", gradient: twoBits, activation: subspace, default: { kind: "bfloat16" } });
    expect(some.encodedBytes(described("gradient", 256))).toBe(64 + 4);
    expect(some.encodedBytes(described("activation", 2, 12))).toBe(2 * (16 + 2));
    expect(some.encodedBytes(described("activation-gradient", 2, 12))).toBe(48);
    expect(some.encodedBytes(described("parameter", 5))).toBe(10);
    expect(create({ kind: "by-role", gradient: twoBits }).encodedBytes(described("parameter", 5))).toBe(20);
  });

  it("has the constraint of its subspaces, which must agree", () => {
    const both = { kind: "by-role", activation: subspace, "activation-gradient": { ...subspace, values: "bfloat16" } };
    expect(create(both).constraint?.rank).toBe(4);
    expect(create({ kind: "by-role", gradient: topK }).constraint).toBeUndefined();
    for (const other of [
      { ...subspace, rank: 5 },
      { ...subspace, frozenDeviation: 2 },
    ]) {
      expect(messagesOf({ ...both, "activation-gradient": other })[0]).toContain("one rank");
    }
  });

  it("keeps a memory for each stream, and has none where its part has none", () => {
    const compressor = create({ kind: "by-role", gradient: { kind: "error-feedback", inner: topK } });
    expect(compressor.encoder(described("gradient", 9)).memory()).toEqual(new Float32Array(9));
    expect(compressor.encoder(described("parameter", 9)).memory()).toBeUndefined();
  });
});

describe("compressorSpec", () => {
  it("knows eight kinds", () => {
    expect([...compressorKinds].sort()).toEqual([
      "bfloat16",
      "by-role",
      "chain",
      "error-feedback",
      "identity",
      "subspace",
      "top-k",
      "uniform-quantization",
    ]);
  });

  it("names the kinds there are, and misspelt parameters, at any depth", () => {
    for (const kind of compressorKinds) expect(messagesOf({ kind: "topk" })[0]).toContain(kind);
    expect(messagesOf({ kind: "error-feedback", inner: { kind: "topk" } })[0]).toContain("top-k");
    expect(messagesOf({ kind: "error-feedback", inner: { ...topK, shar: 1 } })[0]).toContain("shar");
    expect(messagesOf({ kind: "error-feedback", decays: 1, inner: topK })[0]).toContain("decays");
  });

  it("draws nothing to count bytes of the largest models", () => {
    const large = { width: 16_384, vocabulary: 65_536, seed: 1 };
    const compressor = createCompressor(compressorSpec.parse({ kind: "subspace", rank: 4096 }), large);
    expect(compressor.encodedBytes(described("activation", 8192, 16_384))).toBe(8192 * (4 * 4096 + 2));
  });
});
