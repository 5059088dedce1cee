/**
 * The regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz's method as modified by Thompson and
 * Barnett 1986; Abramowitz and Stegun 26.5.8), on whichever side of the mean converges.
 *
 * Checked against scipy.special.betainc, against finite binomial sums in exact fractions, and against I_x(a, b) + I_1-x(b, a) = 1.
 */
import { exp, log, log1p } from "@shardlab/numerics";

/** A number in [0, 1] with its complement, which the caller often knows without cancellation. */
export interface Proportion {
  readonly value: number;
  readonly complement: number;
}

/**
 * @param x between 0 and 1
 * @param a positive
 * @param b positive
 * @throws Error `invalid proportion: …`, `invalid shape: …`
 */
export function regularizedIncompleteBeta(x: Proportion, a: number, b: number): number {
  const { value, complement } = x;
  if (!(value >= 0 && complement >= 0 && Math.abs(value + complement - 1) < 1e-9)) {
    throw new Error(`invalid proportion: ${value} and ${complement} (expected two parts of 1)`);
  }
  for (const shape of [a, b]) {
    if (!(shape > 0 && shape < Number.POSITIVE_INFINITY)) throw new Error(`invalid shape: ${shape} (expected above 0)`);
  }
  if (value === 0) return 0;
  if (complement === 0) return 1;
  const logarithm = (small: number, rest: number): number => (small > 0.5 ? log1p(-rest) : log(small));
  const front = exp(a * logarithm(value, complement) + b * logarithm(complement, value) - logBeta(a, b));
  return value < (a + 1) / (a + b + 2)
    ? (front * continuedFraction(value, a, b)) / a
    : 1 - (front * continuedFraction(complement, b, a)) / b;
}

const mostTerms = 100_000;
const tiny = 1e-300;
const precision = 2 ** -50;

function continuedFraction(x: number, a: number, b: number): number {
  const guarded = (denominator: number): number => (Math.abs(denominator) < tiny ? tiny : denominator);
  let numerator = 1;
  let denominator = 1 / guarded(1 - ((a + b) * x) / (a + 1));
  let fraction = denominator;
  for (let term = 1; term <= mostTerms; term++) {
    const even = (term * (b - term) * x) / ((a + 2 * term - 1) * (a + 2 * term));
    denominator = 1 / guarded(1 + even * denominator);
    numerator = guarded(1 + even / numerator);
    fraction *= denominator * numerator;
    const odd = (-(a + term) * (a + b + term) * x) / ((a + 2 * term) * (a + 2 * term + 1));
    denominator = 1 / guarded(1 + odd * denominator);
    numerator = guarded(1 + odd / numerator);
    const change = denominator * numerator;
    fraction *= change;
    if (Math.abs(change - 1) <= precision) return fraction;
  }
  throw new Error(`no convergence: I_${x}(${a}, ${b}) after ${mostTerms} terms`);
}

/** ln B(a, b), with the cancellation between ln Gamma of large arguments taken out of Stirling's series. */
function logBeta(a: number, b: number): number {
  const [small, large] = a < b ? [a, b] : [b, a];
  if (large < stirlingFrom) return logGamma(small) + logGamma(large) - logGamma(small + large);
  // ln Gamma(large) - ln Gamma(large + small), with x = large: (x - 1/2) ln x - (x + s - 1/2) ln(x + s) + s + tails.
  const sum = large + small;
  const ratio = -(large - 0.5) * log1p(small / large) - small * log(sum) + small + tail(large) - tail(sum);
  return logGamma(small) + ratio;
}

const stirlingFrom = 12;
const halfLogTwoPi = 0.9189385332046727;

/** ln Gamma(x) for positive x: Stirling's series, after the recurrence has carried x far enough up. */
export function logGamma(x: number): number {
  let product = 1;
  let raised = x;
  while (raised < stirlingFrom) {
    product *= raised;
    raised += 1;
  }
  return (raised - 0.5) * log(raised) - raised + halfLogTwoPi + tail(raised) - log(product);
}

/** Stirling's series beyond its leading terms: sum of B_2k / (2k (2k - 1) x^(2k - 1)); below 1e-16 off from 12 on. */
function tail(x: number): number {
  const square = 1 / (x * x);
  const terms = [-1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360, 1 / 156, -3617 / 122_400];
  let sum = 0;
  for (let index = terms.length - 1; index >= 0; index--) sum = (sum + terms[index]) * square;
  return (1 / 12 + sum) / x;
}
