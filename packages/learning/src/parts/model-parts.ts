/** How each model runs; a missing one does not compile. */
import type { Backend } from "../backends/backend.ts";
import type { ModelKind, ModelSpec } from "../models/registry.ts";
import { convolutionalParts } from "./convolutional-parts.ts";
import { gptParts } from "./gpt-parts.ts";
import { mlpParts } from "./mlp-parts.ts";
import type { Parts } from "./part.ts";

const builders: { [K in ModelKind]: (spec: Extract<ModelSpec, { kind: K }>, backend: Backend) => Parts } = {
  convolutional: convolutionalParts,
  gpt: gptParts,
  mlp: mlpParts,
};

/** The parts of a model, in the order of its plan. */
export function openParts<K extends ModelKind>(spec: Extract<ModelSpec, { kind: K }>, backend: Backend): Parts {
  const build: (spec: Extract<ModelSpec, { kind: K }>, backend: Backend) => Parts = builders[spec.kind as K];
  return build(spec, backend);
}
