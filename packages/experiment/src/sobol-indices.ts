/** Sobol' indices: which share of a measure's variance each parameter accounts for, alone and with its interactions. */
import { type Limits, studentTInterval } from "./interval.ts";

/**
 * Values of a measure over a Saltelli design of n rows.
 *
 * @property a, b at the rows of the two independent samples A and B.
 * @property mixed for each parameter, at the rows of A with that parameter taken from B.
 */
export interface SaltelliValues {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly mixed: readonly Float64Array[];
}

/** A share of variance, with a jackknife interval over the rows; the interval is null below three rows. */
export interface SobolIndex {
  readonly value: number;
  readonly ci95: Limits | null;
}

export interface SobolIndices {
  readonly first: SobolIndex;
  readonly total: SobolIndex;
}

/**
 * First-order and total indices of every parameter; undefined when the measure does not vary.
 *
 * First order: (1/n) sum f(B) (f(AB_i) - f(A)) / V, Saltelli et al. (Computer Physics Communications 181, 2010), table 2,
 * row b, with the mean taken off f(B), which leaves the expectation and lowers the variance. Total:
 * (1/2n) sum (f(A) - f(AB_i))^2 / V, Jansen (Computer Physics Communications 117, 1999). V is the variance over A and B
 * together. Intervals: delete-one-row jackknife with Student's t. Rows of a quasi-random sequence are more even than
 * independent ones, so that the intervals err on the wide side. Noise that A and AB_i share (a common seed per row)
 * enters V and no index: it is the share that first-order indices of an additive model leave open.
 */
export function sobolIndices(values: SaltelliValues): SobolIndices[] | undefined {
  const { a, b, mixed } = values;
  const n = a.length;
  const centre = (sum(a) + sum(b)) / (2 * n);
  const square = (row: number): number => (a[row] - centre) ** 2 + (b[row] - centre) ** 2;
  const offset = (row: number): number => a[row] + b[row] - 2 * centre;
  const whole: VarianceSums = { squares: 0, offsets: 0 };
  for (let row = 0; row < n; row++) {
    whole.squares += square(row);
    whole.offsets += offset(row);
  }
  if (!(varianceOf(whole, n) > 0)) return undefined;
  const varianceWithout = Float64Array.from({ length: n }, (_, row) =>
    varianceOf({ squares: whole.squares - square(row), offsets: whole.offsets - offset(row) }, n - 1),
  );
  const ratio = (numerators: Float64Array): SobolIndex => jackknife(numerators, varianceOf(whole, n), varianceWithout);
  return mixed.map((replaced) => ({
    first: ratio(replaced.map((value, row) => (b[row] - centre) * (value - a[row]))),
    total: ratio(replaced.map((value, row) => (a[row] - value) ** 2 / 2)),
  }));
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

/** Sums over A and B of squared and of plain distances from a fixed centre. */
interface VarianceSums {
  squares: number;
  offsets: number;
}

function varianceOf({ squares, offsets }: VarianceSums, rows: number): number {
  const count = 2 * rows;
  return (squares - (offsets * offsets) / count) / (count - 1);
}

/** The mean numerator over the variance, and its interval from leaving out one row at a time. */
function jackknife(numerators: Float64Array, variance: number, varianceWithout: Float64Array): SobolIndex {
  const n = numerators.length;
  const total = sum(numerators);
  const value = total / n / variance;
  if (n < 3) return { value, ci95: null };
  const without = numerators.map((numerator, row) => (total - numerator) / (n - 1) / varianceWithout[row]);
  const centre = sum(without) / n;
  const squares = without.reduce((acc, leftOut) => acc + (leftOut - centre) ** 2, 0);
  return { value, ci95: studentTInterval(value, Math.sqrt(((n - 1) / n) * squares), n - 1) };
}
