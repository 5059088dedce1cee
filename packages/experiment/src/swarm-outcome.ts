/** What a run of the swarm yields, on whichever engine it ran. */
import { accessSync, constants } from "node:fs";
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

/** Whether training went as far as it was to. */
export function isComplete({ measures }: Pick<SwarmResult, "measures">, { training }: SwarmScenario): boolean {
  return (measures.find(({ name }) => name === "updates")?.value ?? 0) >= training.updates;
}

/** The failure of a run that its coordinator gave up. */
export function givenUp({ measures }: Pick<SwarmResult, "measures">, scenario: SwarmScenario, reason?: string): Error {
  const updates = measures.find(({ name }) => name === "updates")?.value ?? 0;
  const because = reason === undefined ? "" : `: ${reason}`;
  return new Error(`training given up after ${updates} of ${scenario.training.updates} updates${because}`);
}

/** A text of the user's own is read before anything starts. @throws Error `unreadable text: ...` */
export function checkData({ training }: SwarmScenario): void {
  const { data } = training;
  if (data.kind !== "local-text") return;
  try {
    accessSync(data.path, constants.R_OK);
  } catch (error) {
    throw new Error(`unreadable text: ${data.path} (${(error as NodeJS.ErrnoException).code})`);
  }
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
