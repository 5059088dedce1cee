/** Many tests at once: p-values that keep their promise over all of them. */

/** `holm` bounds the chance of any false finding, `benjamini-hochberg` the expected share of false ones among the findings. */
export const corrections = ["holm", "benjamini-hochberg", "none"] as const;
export type Correction = (typeof corrections)[number];

/** Indices of `values` from the smallest to the largest. */
const ascending = (values: readonly number[]): number[] =>
  values.map((_, index) => index).sort((a, b) => values[a] - values[b]);

/** Holm, "A simple sequentially rejective multiple test procedure" (Scandinavian Journal of Statistics 6, 1979). */
function holm(pValues: readonly number[]): number[] {
  const adjusted = [...pValues];
  let largest = 0;
  for (const [rank, index] of ascending(pValues).entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]));
    adjusted[index] = largest;
  }
  return adjusted;
}

/**
 * Benjamini and Hochberg, "Controlling the false discovery rate" (Journal of the Royal Statistical Society B 57, 1995).
 * It holds for independent tests and for those that are positively dependent.
 */
function benjaminiHochberg(pValues: readonly number[]): number[] {
  const adjusted = [...pValues];
  let smallest = 1;
  for (const [fromTop, index] of ascending(pValues).reverse().entries()) {
    smallest = Math.min(smallest, (pValues.length / (pValues.length - fromTop)) * pValues[index]);
    adjusted[index] = smallest;
  }
  return adjusted;
}

const adjusters: { readonly [K in Correction]: (pValues: readonly number[]) => number[] } = {
  holm,
  "benjamini-hochberg": benjaminiHochberg,
  none: (pValues) => [...pValues],
};

/**
 * P-values adjusted for there being `pValues.length` of them, in the same order: a test is a finding at level alpha exactly
 * where its adjusted value is at most alpha.
 *
 * @throws `invalid p-value` outside 0 to 1.
 */
export function adjustPValues(pValues: readonly number[], correction: Correction): number[] {
  for (const value of pValues) if (!(value >= 0 && value <= 1)) throw new Error(`invalid p-value: ${value}`);
  return adjusters[correction](pValues);
}
