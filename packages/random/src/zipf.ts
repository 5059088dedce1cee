/** Zipf variates on a finite range. */
import { exp, expm1, log, log1p } from "@shardlab/numerics";
import type { UniformSource } from "./uniform-source.ts";

/**
 * A sampler of ranks 1 to n with P(k) proportional to k^-exponent, in constant time: rejection-inversion (Hörmann and
 * Derflinger, ACM TOMACS 6, 1996). One draw, and another one for each rejection (few).
 * @throws `invalid rank count` unless n is a positive safe integer, `invalid exponent` unless 0 <= exponent < Infinity
 */
export function createZipf(n: number, exponent: number): (source: UniformSource) => number {
  if (!(Number.isSafeInteger(n) && n >= 1)) throw new Error(`invalid rank count: ${n}`);
  if (!(exponent >= 0 && exponent < Number.POSITIVE_INFINITY)) throw new Error(`invalid exponent: ${exponent}`);
  const start = densityIntegral(1.5, exponent) - 1;
  const end = densityIntegral(n + 0.5, exponent);
  const width = 2 - inverseIntegral(densityIntegral(2.5, exponent) - density(2, exponent), exponent);
  return (source) => {
    for (;;) {
      const area = end + source.uniform() * (start - end);
      const x = inverseIntegral(area, exponent);
      const rank = Math.min(n, Math.max(1, Math.floor(x + 0.5)));
      if (rank - x <= width || area >= densityIntegral(rank + 0.5, exponent) - density(rank, exponent)) return rank;
    }
  };
}

function density(x: number, exponent: number): number {
  return exp(-exponent * log(x));
}

/** The integral of t^-exponent from 1 to x; (x^(1 - exponent) - 1) / (1 - exponent), continuous at exponent 1. */
function densityIntegral(x: number, exponent: number): number {
  const logX = log(x);
  const power = (1 - exponent) * logX;
  return power === 0 ? logX : (expm1(power) / power) * logX;
}

function inverseIntegral(area: number, exponent: number): number {
  // Rounding may carry the argument past the pole.
  const product = Math.max(-1, area * (1 - exponent));
  return product === 0 ? exp(area) : exp((log1p(product) / product) * area);
}
