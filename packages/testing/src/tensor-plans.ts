/** Arbitraries of tensors for compressors: a description and a seed, from which the values follow. */
import type { CompressorContext, TensorDescription } from "@shardlab/contracts";
import { createStreams } from "@shardlab/random";
import fc from "fast-check";

/** What a tensor is made from. Two tensors of one plan and number are the same, so that a failure replays from what it prints. */
export interface TensorPlan {
  readonly tensor: TensorDescription;
  readonly vocabulary: number;
  readonly seed: number;
  /** Values have magnitudes around 2^exponent. */
  readonly exponent: number;
  readonly content: "normal" | "sparse" | "tied" | "tiny";
}

/** Activations are [rows, width], other tensors of any shape; some are empty, most have odd sizes. */
export function tensorPlans({ width, vocabulary }: CompressorContext): fc.Arbitrary<TensorPlan> {
  const rows = fc.oneof(
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 9, arbitrary: fc.integer({ min: 1, max: 9 }) },
  );
  const ofModel = fc.record({
    name: fc.constantFrom("activation 1", "activation 2"),
    role: fc.constantFrom("activation" as const, "activation-gradient" as const),
    shape: rows.map((count) => [count, width]),
  });
  const free = fc.record({
    name: fc.constantFrom("blocks.0.attention", "head"),
    role: fc.constantFrom("gradient" as const, "parameter" as const),
    shape: fc.oneof(
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 3 }),
      fc.integer({ min: 1, max: 700 }).map((length) => [length]),
    ),
  });
  return fc.record({
    tensor: fc.oneof(ofModel, free),
    vocabulary: fc.constant(vocabulary),
    seed: fc.integer({ min: 0, max: 4_294_967_295 }),
    exponent: fc.integer({ min: -20, max: 20 }),
    content: fc.constantFrom("normal" as const, "sparse" as const, "tied" as const, "tiny" as const),
  });
}

export interface ExampleTensor {
  readonly values: Float32Array;
  readonly tokens: Int32Array;
}

/** The `number`-th tensor of a plan, with ids for the rows of an activation. */
export function exampleTensor(
  { tensor, vocabulary, seed, exponent, content }: TensorPlan,
  number: number,
): ExampleTensor {
  const stream = createStreams(seed).stream("example tensor", number);
  const { shape } = tensor;
  const elements = shape.reduce((product, length) => product * length, 1);
  let scale = 1;
  for (let i = 0; i < Math.abs(exponent); i++) scale *= exponent < 0 ? 0.5 : 2;
  const values = Float32Array.from({ length: elements }, () => {
    const value = stream.normal() * scale;
    if (content === "sparse") return stream.bernoulli(0.9) ? 0 * Math.sign(value) : value;
    if (content === "tied") return Math.sign(value) * scale;
    return content === "tiny" ? value * 2 ** -130 : value;
  });
  const tokens = Int32Array.from({ length: shape[0] ?? 0 }, () => stream.integer(vocabulary));
  return { values, tokens };
}
