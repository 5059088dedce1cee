/** What a scenario says of learning: the model (`modelSpec`), the data and the optimiser. Loads no tensor library. */
import { z } from "zod";
import { dataSpec } from "./data/registry.ts";
import { optimizerSpec } from "./optimizers/registry.ts";
import { tokenizerSpec } from "./tokenizers/registry.ts";

export { type DataKind, type DataSpec, dataKinds, dataSpec } from "./data/registry.ts";
export { type ModelKind, type ModelSpec, modelKinds, modelSpec, planModel } from "./models/registry.ts";
export { type OptimizerKind, type OptimizerSpec, optimizerKinds, optimizerSpec } from "./optimizers/registry.ts";
export { type TokenizerKind, type TokenizerSpec, tokenizerKinds, tokenizerSpec } from "./tokenizers/registry.ts";

/** The part of `training` that learning defines. */
export const learningFields = {
  data: dataSpec.prefault({ kind: "markov" }),
  tokenizer: tokenizerSpec.prefault({ kind: "bytes" }).describe("of texts; symbols of other data are tokens already"),
  microbatchSize: z
    .number()
    .int()
    .min(1)
    .max(65_536)
    .default(4)
    .describe("sequences, or vectors, that pass through a stage at a time"),
  optimizer: optimizerSpec.prefault({ kind: "adam-w" }),
  recompute: z
    .boolean()
    .optional()
    .describe(
      "whether passes back compute the forward passes anew, for a third more products and far less memory; no by default",
    ),
} as const;

const learningSpec = z.strictObject(learningFields);
export type LearningSpec = z.output<typeof learningSpec>;
