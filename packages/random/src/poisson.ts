/** Poisson variates. */
import { exp, log } from "@shardlab/numerics";
import type { UniformSource } from "./uniform-source.ts";

const smallestRejectionMean = 10;
const halfLogTwoPi = 0.9189385332046728;

/**
 * A Poisson variate. Below a mean of 10 by inversion, one draw; from there on by transformed rejection with squeeze
 * (Hörmann, "The transformed rejection method for generating Poisson random variables", 1993, algorithm PTRS), two draws
 * or more, about 2.4 on average. Results above 2^53 are rounded to doubles.
 * @throws `invalid mean` unless 0 <= mean < Infinity
 */
export function poisson(source: UniformSource, mean: number): number {
  if (!(mean >= 0 && mean < Number.POSITIVE_INFINITY)) throw new Error(`invalid mean: ${mean}`);
  return mean < smallestRejectionMean ? poissonByInversion(source.uniform(), mean) : poissonByRejection(source, mean);
}

function poissonByInversion(uniform: number, mean: number): number {
  let probability = exp(-mean);
  let cumulative = probability;
  let count = 0;
  while (uniform >= cumulative) {
    count++;
    probability *= mean / count;
    const next = cumulative + probability;
    // Rounding can leave the whole sum below a uniform next to 1.
    if (next === cumulative) return count;
    cumulative = next;
  }
  return count;
}

function poissonByRejection(source: UniformSource, mean: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const squeeze = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = source.uniform() - 0.5;
    const v = source.uniform();
    const distance = 0.5 - Math.abs(u);
    const count = Math.floor(((2 * a) / distance + b) * u + mean + 0.43);
    if (distance >= 0.07 && v <= squeeze) return count;
    if (count < 0 || (distance < 0.013 && v > distance)) continue;
    const hat = log((v * inverseAlpha) / (a / (distance * distance) + b));
    if (hat <= logPoissonProbability(count, mean)) return count;
  }
}

/** ln P(X = count), in the saddle-point form that does not cancel for large means (Loader 2000). */
function logPoissonProbability(count: number, mean: number): number {
  if (count === 0) return -mean;
  return -halfLogTwoPi - 0.5 * log(count) - stirlingError(count) - deviance(count, mean);
}

/** ln n! - (n + 1/2) ln n + n - ln(2 pi) / 2 for n >= 1. */
function stirlingError(n: number): number {
  if (n < 16) {
    let factorial = 1;
    for (let i = 2; i <= n; i++) factorial *= i;
    return log(factorial) - (n + 0.5) * log(n) + n - halfLogTwoPi;
  }
  const inverseSquare = 1 / (n * n);
  const tail = inverseSquare * (1 / 1260 - inverseSquare * (1 / 1680 - inverseSquare * (1 / 1188)));
  return (1 / 12 - inverseSquare * (1 / 360 - tail)) / n;
}

/** x ln(x / mean) + mean - x, by its series where the terms would cancel. */
function deviance(x: number, mean: number): number {
  const difference = x - mean;
  if (Math.abs(difference) >= 0.1 * (x + mean)) return x * log(x / mean) - difference;
  const ratio = difference / (x + mean);
  const square = ratio * ratio;
  let term = 2 * x * ratio;
  let sum = difference * ratio;
  for (let n = 3; ; n += 2) {
    term *= square;
    const next = sum + term / n;
    if (next === sum) return sum;
    sum = next;
  }
}
