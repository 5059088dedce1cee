/** The models that a scenario can name; a missing factory does not compile. */
import { z } from "zod";
import { convolutional, convolutionalSpec } from "./convolutional.ts";
import { gpt, gptSpec } from "./gpt.ts";
import { mlp, mlpSpec } from "./mlp.ts";
import type { ModelPlan } from "./model-plan.ts";

export const modelSpec = z.discriminatedUnion("kind", [convolutionalSpec, gptSpec, mlpSpec]);
export type ModelSpec = z.output<typeof modelSpec>;
export type ModelKind = ModelSpec["kind"];

const factories: { [K in ModelKind]: (spec: Extract<ModelSpec, { kind: K }>) => ModelPlan } = {
  convolutional,
  gpt,
  mlp,
};

export const modelKinds = Object.keys(factories) as readonly ModelKind[];

/** What the model that `spec` describes is made of. */
export function planModel<K extends ModelKind>(spec: Extract<ModelSpec, { kind: K }>): ModelPlan {
  const create: (spec: Extract<ModelSpec, { kind: K }>) => ModelPlan = factories[spec.kind as K];
  return create(spec);
}
