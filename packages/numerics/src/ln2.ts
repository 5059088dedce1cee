/** ln 2 for reducing exponents. */

/** ln 2 in two parts: the first has 33 bits, so its product with an exponent is exact. */
export const ln2High = 0.6931471803691238;
export const ln2Low = 1.9082149292705877e-10;
/** 1 / ln 2, spelt out because bits must not depend on the engine's Math. */
// biome-ignore lint/suspicious/noApproximativeNumericConstant: the literal is the point.
export const inverseLn2 = 1.4426950408889634;
/** 1.5 * 2^52: adding and subtracting it rounds to the nearest integer. */
export const roundingShift = 6755399441055744;
