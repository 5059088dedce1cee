/** What an experiment found, from its stored runs alone. */
import type { ModelCheck } from "@shardlab/contracts";
import { type Coordinate, readExperiment, readMeasureColumns } from "@shardlab/results";
import { designOf, type ExperimentDesign } from "./experiment-design.ts";
import type { Better } from "./frontier.ts";
import { type Estimate, estimateMean } from "./interval.ts";
import { MeasuredValues, unmetForecasts } from "./measured-values.ts";
import { type PairedDifference, pairedDifference } from "./paired.ts";
import type { Plan } from "./plan.ts";
import { type ClaimSummary, summarizeClaim } from "./summarize-claim.ts";
import { type FrontierSummary, summarizeFrontier } from "./summarize-frontier.ts";
import { type SensitivitySummary, summarizeSensitivity } from "./summarize-sensitivity.ts";

/** @property values one for each seed in which the measure exists, in the order of `seeds`. */
export interface MeasureEstimate extends Estimate {
  readonly unit: string;
  readonly seeds: readonly number[];
  readonly values: readonly number[];
}

/** @property seeds those of the arm's stored runs. */
export interface PointSummary {
  readonly arm: string;
  readonly coordinates: Readonly<Record<string, Coordinate>>;
  readonly seeds: readonly number[];
  readonly measures: Readonly<Record<string, MeasureEstimate>>;
  /** Runs in which the forecast that people acted on missed what came of it by more than a tenth. */
  readonly unmetForecasts: number;
}

/** The challenger minus another arm in one measure, over the seeds that both have. */
export interface DifferenceSummary {
  readonly measure: string;
  readonly unit: string;
  readonly against: string;
  readonly difference: PairedDifference;
}

/**
 * @property measures names of the measures to show, in order.
 * @property points one for each arm of the main design; their intervals are over seeds.
 * @property checks where the world's models were checked against published figures.
 * @property sensitivity intervals over draws of parameters, and Sobol' indices; null without such runs.
 */
export interface ExperimentSummary {
  readonly scenario: string;
  readonly hash: string;
  readonly challenger: string | null;
  readonly yesIf: ExperimentDesign["yesIf"];
  readonly measures: readonly string[];
  readonly points: readonly PointSummary[];
  readonly differences: readonly DifferenceSummary[];
  readonly sensitivity: SensitivitySummary | null;
  readonly frontier: FrontierSummary | null;
  readonly claim: ClaimSummary | null;
  readonly checks: readonly ModelCheck[];
}

export interface SummaryOptions {
  /** Which way the measure of a frontier is better; higher unless given. */
  readonly betterOf?: (measure: string) => Better;
}

/** Summarises the runs of `plan` that are stored in `directory`. */
export async function summarizePlan(
  plan: Plan,
  directory: string,
  options: SummaryOptions = {},
): Promise<ExperimentSummary> {
  return summarize(plan.experiment, designOf(plan), directory, options);
}

/**
 * Summarises an experiment by what lies in its folder.
 *
 * @throws ResultsError when `experiment.json` is missing or anything there is damaged or too new.
 */
export async function summarizeFromResults(
  directory: string,
  options: SummaryOptions = {},
): Promise<ExperimentSummary> {
  const { name, design } = readExperiment(directory);
  return summarize(name, design as unknown as ExperimentDesign, directory, options);
}

async function summarize(
  scenario: string,
  design: ExperimentDesign,
  directory: string,
  { betterOf = () => "higher" }: SummaryOptions,
): Promise<ExperimentSummary> {
  const measured = new MeasuredValues(await readMeasureColumns(directory), design);
  const measures = design.measures ?? [...measured.units.keys()];
  return {
    scenario,
    hash: design.scenarioHash,
    challenger: design.challenger,
    yesIf: design.yesIf,
    measures,
    points: pointsOf(design, measured, measures),
    differences: differencesOf(design, measured, measures),
    sensitivity: summarizeSensitivity(design, measured, measures),
    frontier: summarizeFrontier(design, measured, betterOf(design.frontier?.measure ?? "")),
    claim: summarizeClaim(design, measured),
    checks: design.checks,
  };
}

function pointsOf({ arms }: ExperimentDesign, measured: MeasuredValues, measures: readonly string[]): PointSummary[] {
  return arms.map(({ label, coordinates }) => {
    const estimates = measures.flatMap((measure): [string, MeasureEstimate][] => {
      const bySeed = measured.bySeed(label, measure);
      if (bySeed.size === 0) return [];
      const values = [...bySeed.values()];
      const unit = measured.units.get(measure) ?? "";
      return [[measure, { ...withinUnit(estimateMean(values), unit), unit, seeds: [...bySeed.keys()], values }]];
    });
    const runs = measured.runsOf("main", label);
    return {
      ...{ arm: label, coordinates, seeds: runs.map(({ seed }) => seed) },
      measures: Object.fromEntries(estimates),
      unmetForecasts: unmetForecasts(runs),
    };
  });
}

/** A share lies between 0 and 1, and so does what is said of it. */
function withinUnit(estimate: Estimate, unit: string): Estimate {
  if (unit !== "share" || estimate.ci95 === null) return estimate;
  const [low, high] = estimate.ci95;
  return { ...estimate, ci95: [Math.max(0, low), Math.min(1, high)] };
}

function differencesOf(
  { arms, challenger }: ExperimentDesign,
  measured: MeasuredValues,
  measures: readonly string[],
): DifferenceSummary[] {
  if (challenger === null) return [];
  return measures.flatMap((measure) =>
    arms.flatMap(({ label }): DifferenceSummary[] => {
      if (label === challenger) return [];
      const difference = pairedDifference(measured.bySeed(challenger, measure), measured.bySeed(label, measure));
      const unit = measured.units.get(measure) ?? "";
      return difference ? [{ measure, unit, against: label, difference }] : [];
    }),
  );
}

/** The findings as other programs read them (`--format json`); this shape is a promise. */
export interface FindingsDocument {
  readonly scenario: string;
  readonly hash: string;
  readonly points: readonly {
    readonly sweep: Readonly<Record<string, Coordinate>>;
    readonly seeds: readonly number[];
    readonly measures: Readonly<Record<string, Estimate & { readonly unit: string }>>;
  }[];
}

export function findingsDocument({ scenario, hash, points }: ExperimentSummary): FindingsDocument {
  const plain = ({ mean, ci95, n, mdd, unit }: MeasureEstimate) => ({ mean, ci95, n, mdd, unit });
  return {
    scenario,
    hash,
    points: points.map(({ coordinates, seeds, measures }) => ({
      sweep: coordinates,
      seeds,
      measures: Object.fromEntries(Object.entries(measures).map(([name, estimate]) => [name, plain(estimate)])),
    })),
  };
}
