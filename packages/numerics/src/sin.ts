/** The sine. */
import { cosOfReduced, reduceAngle, sinOfReduced } from "./trigonometric-reduction.ts";

const remainder = new Float64Array(2);

/** sin x for x in radians, error below 0.8 ulp at any magnitude; signed zeros kept, NaN at infinities. */
export function sin(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  // Below this x^3 / 6 is beyond the last bit, and -0 must stay.
  if (Math.abs(x) < 1e-8) return x;
  const quadrant = reduceAngle(x, remainder);
  const r = remainder[0];
  const tail = remainder[1];
  const magnitude = (quadrant & 1) === 0 ? sinOfReduced(r, tail) : cosOfReduced(r, tail);
  return quadrant < 2 ? magnitude : -magnitude;
}
