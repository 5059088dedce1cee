/**
 * Device-hours of published training runs, predicted from runs that are not the one predicted.
 *
 *   device-hours = FLOP / (goodput x peak x 3600)
 *
 * Goodput is useful FLOP per device-second over the device's dense 16-bit peak, over the whole run: restarts, stalls and
 * idle devices included. FLOP is *model* FLOP, 6 N D for N active parameters and D tokens, or *hardware* FLOP, 8 N D
 * where all activations were recomputed. Goodput is taken as lognormal: its mean is fitted on the other runs.
 *
 * Runs of one report share a cluster and its code; leaving only one of them out flatters. `leaveOneOut` can hold out the
 * whole family, and that is the figure for a run by somebody new.
 */

import { device } from "@shardlab/devices";
import { exp, log } from "@shardlab/numerics";
import { secondsPerHour } from "../tables/figure.ts";
import { type TrainingRun, trainingRuns } from "../tables/training-runs.ts";
import { median, studentQuantile95 } from "./quantile.ts";

/** Which operations count: the model's own, or also those that recompute activations. */
export type FlopAccounting = "model" | "hardware";
/** Which runs share a mean goodput: all, or those on one generation of devices. */
export type GoodputGrouping = "all" | "generation";

/** A way to predict goodput. */
export interface GoodputModel {
  readonly accounting: FlopAccounting;
  readonly grouping: GoodputGrouping;
}

/** The candidates, the simplest first. */
export const goodputModels: readonly GoodputModel[] = [
  { accounting: "model", grouping: "all" },
  { accounting: "hardware", grouping: "all" },
  { accounting: "model", grouping: "generation" },
  { accounting: "hardware", grouping: "generation" },
];

/** A run whose hours were published. */
export type TimedRun = TrainingRun & { readonly deviceHours: number };

/** The runs that can judge a prediction: hours published, by somebody who knew them. */
export const judgingRuns = (runs: readonly TrainingRun[] = trainingRuns): TimedRun[] =>
  runs.filter((run): run is TimedRun => run.deviceHours !== undefined && run.leftOutBecause === undefined);

/** Floating-point operations of a run: 6 N D, or 8 N D where hardware FLOP count and everything was recomputed. */
export function trainingFlop(run: TrainingRun, accounting: FlopAccounting): number {
  const perParameterToken = accounting === "hardware" && run.recomputation === "full" ? 8 : 6;
  return perParameterToken * run.activeParameters * run.tokens;
}

/** Operations per device-second as a share of the device's peak, over the published hours. */
export function goodput(run: TimedRun, accounting: FlopAccounting): number {
  const peakFlop = device(run.device).bf16FlopPerSecond * secondsPerHour * run.deviceHours;
  return trainingFlop(run, accounting) / peakFlop;
}

/** A lognormal goodput as fitted to `count` runs. */
export interface GoodputFit {
  readonly logMean: number;
  /** Sample standard deviation of the logarithms. */
  readonly logDeviation: number;
  readonly count: number;
}

/**
 * The goodput to expect on devices of the generation of `kind`. A generation with fewer than three runs borrows all.
 *
 * @throws Error `too few training runs: N` below three.
 */
export function fitGoodput(runs: readonly TimedRun[], model: GoodputModel, kind: string): GoodputFit {
  const { generation } = device(kind);
  const peers = runs.filter((run) => device(run.device).generation === generation);
  const chosen = model.grouping === "generation" && peers.length >= 3 ? peers : runs;
  const count = chosen.length;
  if (count < 3) throw new Error(`too few training runs: ${count}`);
  const logs = chosen.map((run) => log(goodput(run, model.accounting)));
  const logMean = logs.reduce((sum, value) => sum + value, 0) / count;
  const squares = logs.reduce((sum, value) => sum + (value - logMean) * (value - logMean), 0);
  return { logMean, logDeviation: Math.sqrt(squares / (count - 1)), count };
}

/** Predicted device-hours, with an interval that should hold nine new runs in ten (Student's t). */
export interface HoursPrediction {
  readonly hours: number;
  readonly low: number;
  readonly high: number;
}

/** Device-hours of `run`, whose own published hours are not looked at, from the goodput of `others`. */
export function predictDeviceHours(
  others: readonly TimedRun[],
  run: TrainingRun,
  model: GoodputModel,
): HoursPrediction {
  const fit = fitGoodput(others, model, run.device);
  const peakPerHour = device(run.device).bf16FlopPerSecond * secondsPerHour;
  const hours = trainingFlop(run, model.accounting) / (peakPerHour * exp(fit.logMean));
  const half = studentQuantile95(fit.count - 1) * fit.logDeviation * Math.sqrt(1 + 1 / fit.count);
  return { hours, low: hours * exp(-half), high: hours * exp(half) };
}

/** One run, held out and predicted. */
export interface HeldOutRun {
  readonly run: string;
  readonly publishedDeviceHours: number;
  readonly predicted: HoursPrediction;
  /** Predicted over published. */
  readonly ratio: number;
  readonly logError: number;
  readonly insideInterval: boolean;
}

/** Every run but `run`, or every run but those of its family. */
function othersThan(runs: readonly TimedRun[], run: TimedRun, hold: "run" | "family"): TimedRun[] {
  return runs.filter((other) => (hold === "run" ? other.kind !== run.kind : other.family !== run.family));
}

function heldOut(run: TimedRun, predicted: HoursPrediction): HeldOutRun {
  const ratio = predicted.hours / run.deviceHours;
  const insideInterval = run.deviceHours >= predicted.low && run.deviceHours <= predicted.high;
  return {
    run: run.kind,
    publishedDeviceHours: run.deviceHours,
    predicted,
    ratio,
    logError: log(ratio),
    insideInterval,
  };
}

/** Predicts every run from the others; `hold` says whether its family is held out with it. */
export function leaveOneOut(
  runs: readonly TimedRun[],
  model: GoodputModel,
  hold: "run" | "family" = "run",
): HeldOutRun[] {
  return runs.map((run) => heldOut(run, predictDeviceHours(othersThan(runs, run, hold), run, model)));
}

/** Errors over all held-out runs. */
export interface ErrorSummary {
  readonly count: number;
  readonly medianAbsoluteLogError: number;
  readonly meanAbsoluteLogError: number;
  /** Standard error of that mean, runs taken as independent. */
  readonly standardError: number;
  readonly worst: HeldOutRun;
  /** Share of the published hours that lie inside their 90 % interval. */
  readonly coverage: number;
}

/** @throws Error `no held-out runs: 0` */
export function summarizeErrors(rows: readonly HeldOutRun[]): ErrorSummary {
  const [first] = rows;
  if (!first) throw new Error("no held-out runs: 0");
  const errors = rows.map((row) => Math.abs(row.logError));
  const { mean, standardError } = meanWithError(errors);
  const count = rows.length;
  return {
    count,
    medianAbsoluteLogError: median(errors),
    meanAbsoluteLogError: mean,
    standardError,
    worst: rows.reduce((worst, row) => (Math.abs(row.logError) > Math.abs(worst.logError) ? row : worst), first),
    coverage: rows.filter((row) => row.insideInterval).length / count,
  };
}

/** Mean of `values` and the standard error of it. */
function meanWithError(values: readonly number[]): { readonly mean: number; readonly standardError: number } {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return { mean, standardError: Math.sqrt(squares / (count * Math.max(1, count - 1))) };
}

/**
 * The simplest candidate that the best one does not beat, held out, by more than a standard error of the paired
 * difference (the one-standard-error rule of Breiman et al. 1984, on pairs because all predict the same runs).
 * It looks at every run: fix the choice before judging it by the same runs.
 */
export function chooseGoodputModel(runs: readonly TimedRun[], hold: "run" | "family" = "family"): GoodputModel {
  const scored = goodputModels.map((model) => {
    const errors = leaveOneOut(runs, model, hold).map((row) => Math.abs(row.logError));
    return { model, errors, mean: meanWithError(errors).mean };
  });
  const best = scored.reduce((least, entry) => (entry.mean < least.mean ? entry : least));
  const asGood = scored.find(({ errors }) => {
    const difference = meanWithError(errors.map((error, run) => error - (best.errors[run] as number)));
    return difference.mean <= difference.standardError;
  });
  return (asGood ?? best).model;
}

/**
 * What `chooseGoodputModel` picks when families are held out, written down so that no run takes part in choosing the
 * model that predicts it from here on. The test beside this file checks that it is still the choice. That hardware FLOP
 * count is chosen whatever run is held out; that generations differ rests on the Hopper runs of two families, so that the
 * error to quote for a new run is that of `leaveOneOutWithChoice`.
 */
export const chosenGoodputModel: GoodputModel = { accounting: "hardware", grouping: "generation" };

/** Predicts every run by the model that the other runs choose: the error of choosing and fitting together. */
export function leaveOneOutWithChoice(runs: readonly TimedRun[], hold: "run" | "family" = "family"): HeldOutRun[] {
  return runs.map((run) => {
    const others = othersThan(runs, run, hold);
    return heldOut(run, predictDeviceHours(others, run, chooseGoodputModel(others, hold)));
  });
}

/** What a run cost as published, and what predicted hours cost at the same rate and at today's rent. */
export interface CostComparison {
  readonly run: string;
  /** For the stage that the table's device-hours cover. */
  readonly publishedDollars: number;
  readonly publishedDollarsPerDeviceHour: number;
  readonly predictedDollars: number;
  readonly predictedDollarsAtRent: number;
  readonly ratio: number;
}

/** Published costs against predicted ones; each run is held out of its own prediction. */
export function compareCosts(runs: readonly TimedRun[], model: GoodputModel): CostComparison[] {
  return leaveOneOut(runs, model).flatMap((row) => {
    const run = runs.find((candidate) => candidate.kind === row.run);
    const cost = run?.publishedCost;
    if (!run || !cost) return [];
    const rate = cost.dollarsPerDeviceHour ?? cost.dollars / (cost.deviceHours ?? run.deviceHours);
    return [
      {
        run: run.kind,
        publishedDollars: cost.dollars * (cost.deviceHours === undefined ? 1 : run.deviceHours / cost.deviceHours),
        publishedDollarsPerDeviceHour: rate,
        predictedDollars: row.predicted.hours * rate,
        predictedDollarsAtRent: row.predicted.hours * device(run.device).rentalDollarsPerHour,
        ratio: row.ratio,
      },
    ];
  });
}
