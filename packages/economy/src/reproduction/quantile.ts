/** Quantiles that intervals over few runs need. */

/** The 95 % quantile of Student's t for 1 to 30 degrees of freedom (any statistical table), so 90 % two-sided. */
const student95 = [
  6.314, 2.92, 2.353, 2.132, 2.015, 1.943, 1.895, 1.86, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753, 1.746, 1.74,
  1.734, 1.729, 1.725, 1.721, 1.717, 1.714, 1.711, 1.708, 1.706, 1.703, 1.701, 1.699, 1.697,
] as const;
const normal95 = 1.645;

/**
 * The 95 % quantile of Student's t, to three decimals; above 30 degrees of freedom by the first term of its expansion.
 *
 * @throws Error `invalid degrees of freedom: D` below one.
 */
export function studentQuantile95(degreesOfFreedom: number): number {
  if (!Number.isInteger(degreesOfFreedom) || degreesOfFreedom < 1) {
    throw new Error(`invalid degrees of freedom: ${degreesOfFreedom}`);
  }
  const tabled = student95[degreesOfFreedom - 1];
  if (tabled !== undefined) return tabled;
  return normal95 + (normal95 * normal95 * normal95 + normal95) / (4 * degreesOfFreedom);
}

/**
 * The median: the middle value, or the mean of the two in the middle.
 *
 * @throws Error `no values: 0`
 */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error("no values: 0");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2;
}
