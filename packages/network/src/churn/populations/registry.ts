/** The populations that a scenario can name; a missing factory does not compile. */
import { z } from "zod";
import { availabilityTrace, availabilityTraceSpec } from "./availability-trace.ts";
import { dailyCycle, dailyCycleSpec } from "./daily-cycle.ts";
import { fixedPopulation, fixedPopulationSpec } from "./fixed-population.ts";
import { poisson, poissonSpec } from "./poisson.ts";
import type { Population, PopulationContext } from "./population.ts";

export const populationSpec = z.discriminatedUnion("kind", [
  availabilityTraceSpec,
  dailyCycleSpec,
  fixedPopulationSpec,
  poissonSpec,
]);
export type PopulationSpec = z.output<typeof populationSpec>;
export type PopulationKind = PopulationSpec["kind"];

const factories: {
  [K in PopulationKind]: (spec: Extract<PopulationSpec, { kind: K }>, context: PopulationContext) => Population;
} = {
  "availability-trace": availabilityTrace,
  "daily-cycle": dailyCycle,
  "fixed-population": fixedPopulation,
  poisson,
};

export const populationKinds = Object.keys(factories) as readonly PopulationKind[];

/** Makes the population that `spec` describes. */
export function createPopulation<K extends PopulationKind>(
  spec: Extract<PopulationSpec, { kind: K }>,
  context: PopulationContext,
): Population {
  const create: (spec: Extract<PopulationSpec, { kind: K }>, context: PopulationContext) => Population =
    factories[spec.kind as K];
  return create(spec, context);
}
