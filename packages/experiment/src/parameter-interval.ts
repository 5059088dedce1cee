/**
 * The second kind of uncertainty: how far a measure moves when the parameters do, beside how far it moves with the seed.
 * The two are never pooled into one interval.
 */
import { quantile } from "simple-statistics";
import type { Limits } from "./interval.ts";

/**
 * Percentiles over draws of the parameters.
 *
 * @property range95 the 2.5th and 97.5th percentile; null below 40 draws, where the sample has no such percentile.
 *   Each draw has one seed, so that this range holds that seed's noise as well.
 */
export interface ParameterInterval {
  readonly median: number;
  readonly range95: Limits | null;
  readonly draws: number;
}

/** @property shareAbove share of the draws in which the difference is above zero. */
export interface ParameterDifference extends ParameterInterval {
  readonly shareAbove: number;
}

const fewestDraws = 40;

/** Percentiles of a measure over draws; undefined without any. */
export function parameterInterval(values: readonly number[]): ParameterInterval | undefined {
  const draws = values.length;
  if (draws === 0) return undefined;
  const range95 = draws < fewestDraws ? null : ([quantile(values, 0.025), quantile(values, 0.975)] as const);
  return { median: quantile(values, 0.5), range95, draws };
}

/** Percentiles of `left - right` over the draws (keyed alike) that both have; undefined when they share none. */
export function parameterDifference(
  left: ReadonlyMap<string, number>,
  right: ReadonlyMap<string, number>,
): ParameterDifference | undefined {
  const differences = [...left].flatMap(([draw, value]) => {
    const other = right.get(draw);
    return other === undefined ? [] : [value - other];
  });
  const interval = parameterInterval(differences);
  return interval && { ...interval, shareAbove: differences.filter((value) => value > 0).length / interval.draws };
}
