/** The distributions of slow-down factors that a scenario can name; a missing factory does not compile. */
import { z } from "zod";
import type { FactorDistribution } from "./factor-distribution.ts";
import { fixedFactor, fixedFactorSpec } from "./fixed-factor.ts";
import { paretoTail, paretoTailSpec } from "./pareto-tail.ts";
import { shiftedExponential, shiftedExponentialSpec } from "./shifted-exponential.ts";

export const factorSpec = z.discriminatedUnion("kind", [fixedFactorSpec, paretoTailSpec, shiftedExponentialSpec]);
export type FactorSpec = z.output<typeof factorSpec>;
export type FactorKind = FactorSpec["kind"];

const factories: { [K in FactorKind]: (spec: Extract<FactorSpec, { kind: K }>) => FactorDistribution } = {
  "fixed-factor": fixedFactor,
  "pareto-tail": paretoTail,
  "shifted-exponential": shiftedExponential,
};

export const factorKinds = Object.keys(factories) as readonly FactorKind[];

/** Makes the distribution that `spec` describes. */
export function createFactor<K extends FactorKind>(spec: Extract<FactorSpec, { kind: K }>): FactorDistribution {
  const create: (spec: Extract<FactorSpec, { kind: K }>) => FactorDistribution = factories[spec.kind as K];
  return create(spec);
}
