/** The cosine. */
import { cosOfReduced, reduceAngle, sinOfReduced } from "./trigonometric-reduction.ts";

const remainder = new Float64Array(2);

/** cos x for x in radians, error below 0.8 ulp at any magnitude; NaN at infinities. */
export function cos(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  const quadrant = reduceAngle(x, remainder);
  const r = remainder[0];
  const tail = remainder[1];
  const magnitude = (quadrant & 1) === 0 ? cosOfReduced(r, tail) : sinOfReduced(r, tail);
  return quadrant === 0 || quadrant === 3 ? magnitude : -magnitude;
}
