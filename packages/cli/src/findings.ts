/** What an experiment found, gathered from its stored runs. */
import type { Plan } from "@shardlab/experiment/plan";
import type { Coordinate, MeasureRow } from "@shardlab/results";
import type { ArmResult, Comparison, Contrast, MeasuredEstimate } from "./verdicts.ts";

/** @property seeds those that the arm was run with, in the order of the plan. */
export interface FoundArm extends ArmResult {
  readonly coordinates: Readonly<Record<string, Coordinate>>;
  readonly seeds: readonly number[];
}

/**
 * @property measures those to show, in order.
 * @property headline the measure that the answer is about.
 * @property comparison undefined when no arm is singled out.
 */
export interface Findings {
  readonly experiment: string;
  readonly scenarioHash: string;
  readonly arms: readonly FoundArm[];
  readonly measures: readonly string[];
  readonly headline: string;
  readonly comparison: Comparison | undefined;
}

type ValuesBySeed = ReadonlyMap<number, number>;

/** Values by arm, measure and seed, with the unit of each measure, from runs of the main design. */
class MeasuredValues {
  readonly units = new Map<string, string>();
  private readonly values = new Map<string, Map<number, number>>();

  constructor(rows: readonly MeasureRow[], armOf: (runId: string) => string | undefined) {
    for (const { run, name, unit, seed, value } of rows) {
      const arm = armOf(run);
      // A measure that does not exist in a run (the Gini coefficient of nothing) says nothing about the mean.
      if (arm === undefined || !Number.isFinite(value)) continue;
      this.units.set(name, unit);
      const key = JSON.stringify([arm, name]);
      const bySeed = this.values.get(key) ?? new Map<number, number>();
      this.values.set(key, bySeed.set(seed, value));
    }
  }

  of(arm: string, measure: string): ValuesBySeed {
    return this.values.get(JSON.stringify([arm, measure])) ?? new Map();
  }
}

/** The arm that the question is about: the frontier's challenger, or the arm that is the scenario without its sweep. */
function challengerOf({ scenario, arms }: Plan): string | undefined {
  if (arms.length < 2) return undefined;
  const named = scenario.frontier?.challenger;
  const own = arms.find(
    ({ scenario: { mechanism } }) => JSON.stringify(mechanism) === JSON.stringify(scenario.mechanism),
  );
  return named ?? own?.label;
}

/** Reads the runs of `plan` that are stored in `directory` and averages them. */
export async function gatherFindings(plan: Plan, directory: string): Promise<Findings> {
  const { readMeasures, runIdOf } = await import("@shardlab/results");
  const { estimateMean } = await import("@shardlab/experiment/interval");
  const { pairedDifference } = await import("@shardlab/experiment/paired");
  const tasks = plan.tasks.filter(({ design }) => design === "main");
  const armOfRun = new Map(tasks.map(({ runHash, arm }) => [runIdOf(runHash), arm]));
  const rows = (await readMeasures(directory)).filter(({ run }) => armOfRun.has(run));
  const values = new MeasuredValues(rows, (run) => armOfRun.get(run));
  const measures = plan.scenario.measure ?? [...values.units.keys()];
  const arms = plan.arms.map(({ label, coordinates }): FoundArm => {
    const estimates = measures.flatMap((measure): [string, MeasuredEstimate][] => {
      const found = [...values.of(label, measure).values()];
      return found.length === 0
        ? []
        : [[measure, { ...estimateMean(found), unit: values.units.get(measure) ?? "", values: found }]];
    });
    const seeds = tasks.filter(({ arm }) => arm === label).map(({ seed }) => seed);
    return { arm: label, coordinates, seeds, measures: Object.fromEntries(estimates) };
  });
  const challenger = challengerOf(plan);
  const contrasts = measures.flatMap((measure) =>
    arms.flatMap(({ arm }): Contrast[] => {
      if (challenger === undefined || arm === challenger) return [];
      const difference = pairedDifference(values.of(challenger, measure), values.of(arm, measure));
      return difference === undefined ? [] : [{ measure, against: arm, difference }];
    }),
  );
  return {
    experiment: plan.experiment,
    scenarioHash: plan.scenarioHash,
    arms,
    measures,
    headline: measures[0] ?? "",
    comparison: challenger === undefined ? undefined : { challenger, arms, contrasts },
  };
}
