/** `--ci-target`: rounds of runs with more and more seeds, until the means are as precise as was asked. */
import type { ArmPrecision, MeasuredArm, PrecisionRound } from "@shardlab/experiment";
import type { LoadedScenario } from "@shardlab/scenario";
import { InputError } from "./input-error.ts";
import { formatQuantity } from "./number-format.ts";
import { type Matrix, type MatrixSources, matrixOf, plural } from "./run-matrix.ts";
import { precisionTarget, type RunOptions } from "./run-options.ts";
import type { Terminal } from "./terminal.ts";

const defaultMostSeeds = 1000;
const wideShown = 6;

/** The scenario with another number of seeds; the first stays, so that runs which are there are used again. */
const withSeeds = (scenario: LoadedScenario, count: number): LoadedScenario => ({
  ...scenario,
  resolved: { ...scenario.resolved, seeds: { ...scenario.resolved.seeds, count } },
});

/** Measures that are to be held to a target exist. @throws InputError with the nearest name. */
export async function refuseUnknownMeasures(
  { resolved }: LoadedScenario,
  { ciMeasure = [] }: RunOptions,
): Promise<void> {
  const { unknownName } = await import("@shardlab/contracts");
  const { measureNames } = await import("@shardlab/experiment");
  const known = measureNames(resolved);
  const unknown = ciMeasure.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new InputError(`--ci-measure: ${unknownName("measure", unknown, known)}`);
}

export interface SeedRounds {
  readonly sources: MatrixSources;
  readonly options: RunOptions & { readonly ciTarget: string };
  readonly terminal: Terminal;
  /** Makes the runs of a round; false ends the rounds. */
  readonly execute: (matrix: Matrix) => Promise<boolean>;
}

/**
 * Makes runs of the main design until every arm's interval is narrow enough in every measure. Arms are held to the target
 * and not their differences, because a share of a difference near 0 means nothing; all arms get the same seeds, so that
 * differences, being paired, come out narrower still.
 *
 * @returns the plan of the whole experiment with the seeds that it took; undefined when a round was broken off.
 * @throws InputError without a measure to hold to the target.
 */
export async function runSeedRounds({ sources, options, terminal, execute }: SeedRounds): Promise<Matrix | undefined> {
  const { reachPrecision } = await import("@shardlab/experiment");
  const target = precisionTarget(options.ciTarget);
  const { seeds, measure } = sources.scenario.resolved;
  const names = options.ciMeasure ?? measure;
  if (names === undefined || names.length === 0) {
    throw new InputError(
      "--ci-target: no measure to look at (expected --ci-measure NAME, or `measure` in the scenario)",
    );
  }
  if (options.only && !options.only.includes("main")) {
    throw new InputError(`--ci-target: nothing to add seeds to in ${options.only.join(", ")} (expected --only main)`);
  }
  const limits = { first: seeds.count, mostSeeds: options.maxSeeds ?? defaultMostSeeds };
  const units = new Map<string, string>();
  const measureRound = async (count: number): Promise<MeasuredArm[]> => {
    const matrix = await matrixOf({ ...sources, scenario: withSeeds(sources.scenario, count), designs: ["main"] });
    if (!(await execute(matrix))) throw new RoundsEnded();
    return measuredArms(matrix, names, units);
  };
  try {
    const last = await reachPrecision(target, limits, measureRound, (round) => {
      for (const line of roundLines(round, units)) terminal.note(line);
    });
    return await matrixOf({ ...sources, scenario: withSeeds(sources.scenario, last.seeds) });
  } catch (error) {
    if (error instanceof RoundsEnded) return undefined;
    throw error;
  }
}

/** A round that was interrupted, or of which no run succeeded. */
class RoundsEnded extends Error {
  override readonly name = "RoundsEnded";
}

async function measuredArms(
  { plan, directory }: Matrix,
  names: readonly string[],
  units: Map<string, string>,
): Promise<MeasuredArm[]> {
  const { summarizePlan } = await import("@shardlab/experiment");
  const { measure: _, ...scenario } = plan.scenario;
  const { points } = await summarizePlan({ ...plan, scenario }, directory);
  return points.flatMap(({ arm, measures: found }) =>
    names.map((measure): MeasuredArm => {
      units.set(measure, found[measure]?.unit ?? units.get(measure) ?? "");
      return { arm, measure, values: found[measure]?.values ?? [] };
    }),
  );
}

/** What is still wide after a round, the widest beside its target first, and what comes next. */
function roundLines({ seeds, arms, next }: PrecisionRound, units: ReadonlyMap<string, string>): string[] {
  const wide = arms
    .filter(({ isReached }) => !isReached)
    .sort((a, b) => b.halfWidth / b.wanted - a.halfWidth / a.wanted);
  if (wide.length === 0) {
    return [
      `${plural(seeds, "seed")}: every interval is as narrow as asked (stopping by the width makes intervals slightly optimistic)`,
    ];
  }
  const lines = wide.slice(0, wideShown).map((arm) => `  ${wideLine(arm, units.get(arm.measure) ?? "")}`);
  const more = wide.length > wideShown ? [`  and ${wide.length - wideShown} more`] : [];
  const then = next === null ? "the most seeds are reached (--max-seeds)" : `going on to ${next}`;
  return [`${plural(seeds, "seed")}: still too wide in ${wide.length} of ${arms.length}; ${then}`, ...lines, ...more];
}

function wideLine({ arm, measure, mean, halfWidth, wanted, seeds }: ArmPrecision, unit: string): string {
  const [at, by, target] = [mean, halfWidth, wanted].map((value) => formatQuantity(value, unit));
  const expected = Number.isFinite(seeds)
    ? `about ${plural(seeds, "seed")}`
    : "no number of seeds will do: the mean is 0";
  return `${arm}, ${measure}: ${at} ± ${by}, asked ± ${target}: ${expected}`;
}
