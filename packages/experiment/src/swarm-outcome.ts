/** What a run of the swarm yields, on whichever engine it ran. */
import type { Assumption, DeterminismClass, Measure, RunOutcome, Table } from "@shardlab/contracts";
import { lossFloorMeasure, type SwarmScenario } from "@shardlab/scenario";
import { lossFloorOf } from "./loss-floor.ts";

export interface SwarmResult {
  readonly measures: readonly Measure[];
  readonly tables: readonly Table[];
  readonly assumptions: readonly Assumption[];
  readonly traceHash: string;
  readonly determinism: DeterminismClass;
}

/** Adds what is known of the data, where it is. */
export function outcomeOf(result: SwarmResult, scenario: SwarmScenario, seed: number): RunOutcome {
  const floor = lossFloorOf(scenario, seed);
  if (floor === undefined) return result;
  const measure = { name: lossFloorMeasure, unit: "nat/token", value: floor };
  return { ...result, measures: [...result.measures, measure] };
}

/** The group of the population that a worker's place belongs to; places count from 0. */
export function groupAt({ population }: SwarmScenario, place: number): string {
  let end = 0;
  for (const { group, count } of population) {
    end += count;
    if (place < end) return group;
  }
  return "";
}
