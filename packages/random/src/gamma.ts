/** Gamma and beta variates. */
import { exp, log, logistic } from "@shardlab/numerics";
import type { UniformSource } from "./uniform-source.ts";

/**
 * A gamma variate with mean shape * scale (Marsaglia and Tsang, "A simple method for generating gamma variables", ACM
 * TOMS 26, 2000): two draws or more, and one more below a shape of 1.
 * @throws `invalid shape`, `invalid scale` unless both are positive and finite
 */
export function gamma(source: UniformSource, shape: number, scale: number): number {
  if (!(scale > 0 && scale < Number.POSITIVE_INFINITY)) throw new Error(`invalid scale: ${scale}`);
  checkShape(shape);
  return shape < 1 ? scale * exp(logOfGamma(source, shape)) : scale * gammaFromOne(source, shape);
}

/**
 * A beta variate, from two gamma variates kept as logarithms so that tiny shapes do not end in 0 / 0.
 * @throws `invalid shape` unless both are positive and finite
 */
export function beta(source: UniformSource, a: number, b: number): number {
  checkShape(a);
  checkShape(b);
  const first = logOfGamma(source, a);
  return logistic(first - logOfGamma(source, b));
}

function checkShape(shape: number): void {
  if (!(shape > 0 && shape < Number.POSITIVE_INFINITY)) throw new Error(`invalid shape: ${shape}`);
}

/** The logarithm of a gamma variate of scale 1: below shape 1, G(shape + 1) * U^(1 / shape). */
function logOfGamma(source: UniformSource, shape: number): number {
  if (shape >= 1) return log(gammaFromOne(source, shape));
  const larger = log(gammaFromOne(source, shape + 1));
  return larger + log(source.uniformOpen()) / shape;
}

/** A gamma variate of scale 1 and shape >= 1. */
function gammaFromOne(source: UniformSource, shape: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = source.normal();
    const root = 1 + c * x;
    const u = source.uniformOpen();
    if (root <= 0) continue;
    const v = root * root * root;
    if (log(u) < 0.5 * x * x + d * (1 - v + log(v))) return d * v;
  }
}
