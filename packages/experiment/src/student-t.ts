/** Student's t distribution: its cumulative probability and its quantiles. */
import { exp, log, log1p } from "@shardlab/numerics";
import { gammaln } from "simple-statistics";

const tiny = 1e-300;
const fractionTerms = 500;

/** Continued fraction of the incomplete beta function by Lentz's method (Press et al., Numerical Recipes, section 6.4). */
function betaFraction(a: number, b: number, x: number): number {
  const nonzero = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / nonzero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= fractionTerms; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonzero(1 + even * d);
    c = nonzero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonzero(1 + odd * d);
    c = nonzero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return fraction;
}

/**
 * The regularised incomplete beta function I_x(a, b), with `complement` = 1 - x given apart so that neither end loses
 * its digits.
 */
function incompleteBeta(a: number, b: number, x: number, complement: number): number {
  if (x <= 0) return 0;
  if (complement <= 0) return 1;
  const logX = x < 0.5 ? log(x) : log1p(-complement);
  const logComplement = complement < 0.5 ? log(complement) : log1p(-x);
  const front = exp(gammaln(a + b) - gammaln(a) - gammaln(b) + a * logX + b * logComplement);
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(a, b, x)) / a;
  return 1 - (front * betaFraction(b, a, complement)) / b;
}

function checkDegrees(degreesOfFreedom: number): void {
  if (!(degreesOfFreedom > 0)) throw new Error(`invalid degrees of freedom: ${degreesOfFreedom}`);
}

/** P(T > t) for t >= 0. */
function upperTail(t: number, degreesOfFreedom: number): number {
  const square = t * t;
  const whole = degreesOfFreedom + square;
  if (whole === Number.POSITIVE_INFINITY) return 0;
  return incompleteBeta(degreesOfFreedom / 2, 0.5, degreesOfFreedom / whole, square / whole) / 2;
}

/**
 * P(T <= t) for a Student-t variable with `degreesOfFreedom` > 0, which need not be whole.
 *
 * @throws `invalid degrees of freedom` unless they are positive.
 */
export function studentTProbability(t: number, degreesOfFreedom: number): number {
  checkDegrees(degreesOfFreedom);
  return t < 0 ? upperTail(-t, degreesOfFreedom) : 1 - upperTail(t, degreesOfFreedom);
}

/**
 * The t with P(T <= t) = `probability`, relative error about 1e-12.
 *
 * @throws `invalid probability` outside (0, 1); `invalid degrees of freedom` unless they are positive.
 */
export function studentTQuantile(probability: number, degreesOfFreedom: number): number {
  if (!(probability > 0 && probability < 1)) throw new Error(`invalid probability: ${probability}`);
  checkDegrees(degreesOfFreedom);
  if (probability < 0.5) return -quantileOfTail(probability, degreesOfFreedom);
  return probability === 0.5 ? 0 : quantileOfTail(1 - probability, degreesOfFreedom);
}

/** The density at t. */
function density(t: number, degreesOfFreedom: number): number {
  const half = (degreesOfFreedom + 1) / 2;
  const logDensity = gammaln(half) - gammaln(degreesOfFreedom / 2) - half * log1p((t * t) / degreesOfFreedom);
  return exp(logDensity) / Math.sqrt(degreesOfFreedom * Math.PI);
}

/** Newton's method within a bracket; a step that leaves the bracket is replaced by halving it. */
function quantileOfTail(tail: number, degreesOfFreedom: number): number {
  let low = 0;
  let high = 1;
  while (upperTail(high, degreesOfFreedom) > tail) {
    low = high;
    high *= 2;
  }
  let t = (low + high) / 2;
  for (let step = 0; step < 100; step++) {
    const excess = upperTail(t, degreesOfFreedom) - tail;
    if (excess > 0) low = t;
    else high = t;
    const newton = t + excess / density(t, degreesOfFreedom);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - t) <= 1e-15 * t) return next;
    t = next;
  }
  return t;
}
