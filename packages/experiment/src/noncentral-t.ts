/** The noncentral t distribution, which an observed t statistic follows where there is a true difference. */
import { exp, log } from "@shardlab/numerics";
import { gammaln } from "simple-statistics";
import { findRoot } from "./root.ts";

const logSqrtTwoPi = 0.9189385332046727;
/** Beyond this the tail of the normal distribution is below 1e-16. */
const farTail = 8.3;

/**
 * P(Z <= x) for a standard normal Z, absolute error about 1e-15: the series of Marsaglia, "Evaluating the normal
 * distribution" (Journal of Statistical Software 11, 2004).
 */
export function normalProbability(x: number): number {
  if (x > farTail) return 1;
  if (x < -farTail) return 0;
  const size = Math.abs(x);
  let term = size;
  let sum = size;
  for (let odd = 3; sum + term !== sum; odd += 2) {
    term *= (size * size) / odd;
    sum += term;
  }
  const above = sum * exp(-0.5 * size * size - logSqrtTwoPi);
  return x < 0 ? 0.5 - above : 0.5 + above;
}

/** Coarsest step of the integral, in the logarithm of the scale; finer where the integrand turns faster. */
const coarsestStep = 0.05;
/** The integral ends where the density has fallen by exp(-42). */
const negligibleLog = 42;

/** Points and weights of the integral over the scale sqrt(X / degreesOfFreedom). */
interface ScaleNodes {
  readonly scales: Float64Array;
  readonly weights: Float64Array;
}

/**
 * The trapezoid rule over y = ln(sqrt(X / n)), X chi-squared with n degrees of freedom. Its error falls exponentially in the
 * number of points because the integrand is analytic and vanishes at both ends (Trefethen and Weideman, SIAM Review 56, 2014).
 */
function scaleNodes(degreesOfFreedom: number, largestNoncentrality: number): ScaleNodes {
  if (!(degreesOfFreedom > 0)) throw new Error(`invalid degrees of freedom: ${degreesOfFreedom}`);
  const half = degreesOfFreedom / 2;
  // The density of y is exp(constant + n (y - e^{2y} / 2)), which is greatest at y = 0.
  const constant = Math.LN2 + half * log(half) - gammaln(half);
  const step = Math.min(coarsestStep, 0.3 / (1 + largestNoncentrality), 0.3 / Math.sqrt(degreesOfFreedom));
  const scales: number[] = [];
  const weights: number[] = [];
  for (const direction of [-1, 1]) {
    for (let index = direction < 0 ? 1 : 0; ; index++) {
      const y = direction * index * step;
      const scale = exp(y);
      const exponent = degreesOfFreedom * (y - (scale * scale) / 2);
      if (exponent < -half - negligibleLog) break;
      scales.push(scale);
      weights.push(step * exp(constant + exponent));
    }
  }
  return { scales: Float64Array.from(scales), weights: Float64Array.from(weights) };
}

/** The probability given the scale is normal; its mean over the scale. */
function probabilityOver({ scales, weights }: ScaleNodes, t: number, noncentrality: number): number {
  let sum = 0;
  for (let index = 0; index < scales.length; index++) {
    sum += weights[index] * normalProbability(t * scales[index] - noncentrality);
  }
  return Math.min(1, Math.max(0, sum));
}

/**
 * P(T <= t) for T = (Z + noncentrality) / sqrt(X / degreesOfFreedom), Z standard normal and X chi-squared. Absolute error
 * about 1e-12.
 *
 * @throws `invalid degrees of freedom` unless they are positive.
 */
export function noncentralTProbability(t: number, degreesOfFreedom: number, noncentrality: number): number {
  return probabilityOver(scaleNodes(degreesOfFreedom, Math.abs(noncentrality)), t, noncentrality);
}

/** From this t on, the noise of the numerator is nothing beside that of the denominator. */
const largestInverted = 100;
const relativeTolerance = 1e-9;

/**
 * The noncentrality at which a variable of the distribution is at most `t` with probability `probability`; it falls as
 * `probability` rises. Beyond |t| = 100 the ratio of noncentrality to t is taken to be what it is there, which is off by
 * less than `degreesOfFreedom` / 100 per cent of the half-width of an interval.
 */
export function noncentralityAt(t: number, degreesOfFreedom: number, probability: number): number {
  if (Math.abs(t) > largestInverted) {
    const scale = Math.abs(t) / largestInverted;
    return scale * noncentralityAt(t / scale, degreesOfFreedom, probability);
  }
  for (let reach = 4 + Math.abs(t); ; reach *= 2) {
    const [low, high] = [t - reach, t + reach];
    const nodes = scaleNodes(degreesOfFreedom, Math.max(Math.abs(low), Math.abs(high)));
    const excess = (candidate: number): number => probabilityOver(nodes, t, candidate) - probability;
    const [atLow, atHigh] = [excess(low), excess(high)];
    if (atLow > 0 && atHigh < 0) return findRoot(excess, { low, high, atLow, atHigh }, relativeTolerance * reach);
  }
}
