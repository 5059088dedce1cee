/** Units of ownership that a mechanism's present rule will issue. */
import type { PathState } from "./path-state.ts";

/** Pieces of Simpson's rule. */
const pieces = 8;

/** Units that the present rule will issue for the next `work` (PFLOP per model, of useful work): Simpson's rule over it. */
export function unitsOverWork(state: PathState, work: Float64Array): Float64Array {
  const { world, mechanism, situation } = state;
  const start = Float64Array.from(state.cumulativeWork);
  const units = new Float64Array(work.length);
  if (!work.some((missing) => missing > 0) || !state.offer.claimPerWork.some((rate) => rate > 0)) return units;
  for (let piece = 0; piece <= pieces; piece++) {
    const weight = (piece === 0 || piece === pieces ? 1 : piece % 2 === 1 ? 4 : 2) / (3 * pieces);
    const cumulativeWork = start.map((done, model) => done + (work[model] * piece) / pieces);
    const offer = mechanism.quote(state.mechanismState, { ...situation, cumulativeWork });
    for (let model = 0; model < units.length; model++) {
      // Verified work is what is owned; more of it is needed than of the work that trains.
      units[model] += (weight * work[model] * offer.claimPerWork[model]) / world.usefulShare;
    }
  }
  return units;
}

/** Useful work that models in training still lack to their targets, PFLOP. */
export function missingWork({ world, cumulativeWork, training }: PathState): Float64Array {
  return Float64Array.from(world.terms, (model, index) =>
    training[index] === 1 ? Math.max(0, model.targetWork - cumulativeWork[index]) : 0,
  );
}

/** Units of ownership that the present rule will issue until the target. */
export const unitsToCome = (state: PathState): Float64Array => unitsOverWork(state, missingWork(state));
