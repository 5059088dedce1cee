/** The optimisers that a scenario can name; a missing factory does not compile. */
import { z } from "zod";
import { adamW, adamWSpec } from "./adam-w.ts";
import { momentum, momentumSpec } from "./momentum.ts";
import type { Optimizer } from "./optimizer.ts";
import { sgd, sgdSpec } from "./sgd.ts";

export const optimizerSpec = z.discriminatedUnion("kind", [adamWSpec, momentumSpec, sgdSpec]);
export type OptimizerSpec = z.output<typeof optimizerSpec>;
export type OptimizerKind = OptimizerSpec["kind"];

const factories: { [K in OptimizerKind]: (spec: Extract<OptimizerSpec, { kind: K }>) => Optimizer } = {
  "adam-w": adamW,
  momentum,
  sgd,
};

export const optimizerKinds = Object.keys(factories) as readonly OptimizerKind[];

/** Makes the optimiser that `spec` describes. */
export function createOptimizer<K extends OptimizerKind>(spec: Extract<OptimizerSpec, { kind: K }>): Optimizer {
  const create: (spec: Extract<OptimizerSpec, { kind: K }>) => Optimizer = factories[spec.kind as K];
  return create(spec);
}
