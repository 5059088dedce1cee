/** The distributions of lengths that a scenario can name; a missing factory does not compile. */
import { z } from "zod";
import { constant, constantSpec } from "./constant.ts";
import type { DurationDistribution } from "./duration-distribution.ts";
import { exponential, exponentialSpec } from "./exponential.ts";
import { logNormal, logNormalSpec } from "./log-normal.ts";
import { pareto, paretoSpec } from "./pareto.ts";
import { weibull, weibullSpec } from "./weibull.ts";

export const durationSpec = z.discriminatedUnion("kind", [
  constantSpec,
  exponentialSpec,
  logNormalSpec,
  paretoSpec,
  weibullSpec,
]);
export type DurationSpec = z.output<typeof durationSpec>;
export type DurationKind = DurationSpec["kind"];

const factories: { [K in DurationKind]: (spec: Extract<DurationSpec, { kind: K }>) => DurationDistribution } = {
  constant,
  exponential,
  "log-normal": logNormal,
  pareto,
  weibull,
};

export const durationKinds = Object.keys(factories) as readonly DurationKind[];

/** Makes the distribution that `spec` describes. */
export function createDuration<K extends DurationKind>(spec: Extract<DurationSpec, { kind: K }>): DurationDistribution {
  const create: (spec: Extract<DurationSpec, { kind: K }>) => DurationDistribution = factories[spec.kind as K];
  return create(spec);
}
