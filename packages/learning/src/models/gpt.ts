/**
 * A decoder-only transformer with pre-normalisation and without biases in its matrices: Radford et al., "Language models are
 * unsupervised multitask learners" (2019), with the options of later models: RMS normalisation (Zhang and Sennrich,
 * NeurIPS 2019), rotary positions (Su et al., arXiv 2104.09864), grouped queries (Ainslie et al., EMNLP 2023) and SwiGLU
 * (Shazeer, arXiv 2002.05202).
 *
 * Matrices begin with standard deviation 1 / sqrt(inputs), those that write to the residual stream smaller by
 * sqrt(2 layers), embeddings and heads with 0.02.
 */
import { z } from "zod";
import { type ModelPlan, type ParameterPlan, type PartPlan, parameterPlan } from "./model-plan.ts";

export const gptSpec = z
  .strictObject({
    kind: z.literal("gpt"),
    layers: z.number().int().min(1).max(1024).default(4).describe("blocks of attention and feed-forward network"),
    width: z.number().int().min(1).max(65_536).default(128).describe("of the residual stream"),
    heads: z.number().int().min(1).max(1024).default(4).describe("of attention; they divide the width"),
    keyValueHeads: z
      .number()
      .int()
      .min(1)
      .max(1024)
      .optional()
      .describe("heads of keys and values, each shared by equally many query heads; as many as heads by default"),
    feedForwardWidth: z
      .number()
      .int()
      .min(1)
      .max(1_048_576)
      .optional()
      .describe("inner width of the feed-forward network; by default 4 widths, or 8/3 with swiglu"),
    vocabulary: z.number().int().min(2).max(65_536).default(256).describe("tokens that the model knows"),
    context: z.number().int().min(1).max(65_536).default(128).describe("tokens of a sequence"),
    norm: z.enum(["rms", "layer"]).default("rms"),
    positions: z.enum(["rotary", "learned"]).default("rotary"),
    head: z.enum(["tied", "untied"]).default("untied").describe("whether the head is the token embedding"),
    activation: z.enum(["gelu", "silu", "swiglu"]).default("gelu").describe("gelu in its tanh form"),
  })
  .superRefine(({ width, heads, keyValueHeads = heads, positions }, context) => {
    const refuse = (key: string, message: string) => context.addIssue({ code: "custom", path: [key], message });
    if (width % heads !== 0) refuse("heads", `expected a divisor of the width, ${width}`);
    if (heads % keyValueHeads !== 0) refuse("keyValueHeads", `expected a divisor of the heads, ${heads}`);
    if (positions === "rotary" && (width / heads) % 2 !== 0)
      refuse("heads", `expected an even width per head for rotary positions, found ${width / heads}`);
  })
  .describe("a decoder-only transformer");
export type GptSpec = z.output<typeof gptSpec>;

/** Sizes that the spec leaves open, filled in. */
export interface GptSizes {
  readonly width: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headWidth: number;
  readonly feedForwardWidth: number;
  /** Columns of the first matrix of the feed-forward network: twice its width with swiglu, whose gate comes first. */
  readonly feedForwardInputs: number;
}

export function gptSizes(spec: GptSpec): GptSizes {
  const { width, heads, activation, keyValueHeads = heads } = spec;
  const isGated = activation === "swiglu";
  const { feedForwardWidth = isGated ? Math.round((8 * width) / 3) : 4 * width } = spec;
  const feedForwardInputs = isGated ? 2 * feedForwardWidth : feedForwardWidth;
  return { width, heads, keyValueHeads, headWidth: width / heads, feedForwardWidth, feedForwardInputs };
}

const embeddingDeviation = 0.02;

function normParameters(spec: GptSpec, name: string): ParameterPlan[] {
  const gain = parameterPlan(`${name}.gain`, [spec.width], { initial: { constant: 1 } });
  return spec.norm === "rms"
    ? [gain]
    : [gain, parameterPlan(`${name}.bias`, [spec.width], { initial: { constant: 0 } })];
}

function inputPart(spec: GptSpec): PartPlan {
  const initial = { standardDeviation: embeddingDeviation };
  const tokens = parameterPlan("embedding.tokens", [spec.vocabulary, spec.width], {
    ...{ initial, writesToResidual: true, isTied: spec.head === "tied" },
  });
  const positions = parameterPlan("embedding.positions", [spec.context, spec.width], {
    initial,
    writesToResidual: true,
  });
  const parameters = spec.positions === "learned" ? [tokens, positions] : [tokens];
  return { name: "embedding", parameters, forwardFlop: 0, backwardFlop: 0 };
}

function blockPart(spec: GptSpec, block: number): PartPlan {
  const { width, heads, keyValueHeads, headWidth, feedForwardWidth, feedForwardInputs } = gptSizes(spec);
  const matrix = (name: string, shape: readonly [number, number], writesToResidual = false) => {
    const shrink = writesToResidual ? 2 * spec.layers : 1;
    const initial = { standardDeviation: 1 / Math.sqrt(shape[0] * shrink) };
    return parameterPlan(`blocks.${block}.${name}`, shape, { initial, writesToResidual });
  };
  const matrices = {
    queryKeyValue: matrix("attention.query-key-value", [width, (heads + 2 * keyValueHeads) * headWidth]),
    attentionOut: matrix("attention.out", [heads * headWidth, width], true),
    feedForwardIn: matrix("feed-forward.in", [width, feedForwardInputs]),
    feedForwardOut: matrix("feed-forward.out", [feedForwardWidth, width], true),
  };
  const matrixElements = Object.values(matrices).reduce((sum, { shape }) => sum + shape[0] * shape[1], 0);
  const attentionElements = 2 * spec.context * spec.context * heads * headWidth;
  const forwardFlop = 2 * (spec.context * matrixElements + attentionElements);
  return {
    name: `blocks.${block}`,
    parameters: [
      ...normParameters(spec, `blocks.${block}.attention.norm`),
      matrices.queryKeyValue,
      matrices.attentionOut,
      ...normParameters(spec, `blocks.${block}.feed-forward.norm`),
      matrices.feedForwardIn,
      matrices.feedForwardOut,
    ],
    forwardFlop,
    backwardFlop: 2 * forwardFlop,
  };
}

function outputPart(spec: GptSpec, input: PartPlan): PartPlan {
  const own = parameterPlan("head.weights", [spec.vocabulary, spec.width], {
    initial: { standardDeviation: embeddingDeviation },
  });
  const forwardFlop = 2 * spec.context * spec.vocabulary * spec.width;
  return {
    name: "head",
    parameters: [...normParameters(spec, "head.norm"), spec.head === "tied" ? input.parameters[0] : own],
    forwardFlop,
    backwardFlop: 2 * forwardFlop,
  };
}

export function gpt(spec: GptSpec): ModelPlan {
  const input = inputPart(spec);
  const blocks = Array.from({ length: spec.layers }, (_, block) => blockPart(spec, block));
  return {
    parts: [input, ...blocks, outputPart(spec, input)],
    blocks: spec.layers,
    boundaryWidth: spec.width,
    rowsPerExample: spec.context,
    vocabulary: spec.vocabulary,
    features: 0,
  };
}
