/**
 * Units of ownership that a mechanism's present rule will issue.
 *
 * Work C to C + W brings the integral of (u + n v) / e over it, with u the units per PFLOP of verified work and v per name that
 * the rule would quote at each amount of work, e the share of verified work that trains, and n the names at work for each
 * verified PFLOP of the previous epoch: those of providers of mean size before there is any. Checked: the integral of an
 * exponential weight in closed form, and a rule that issues as much every day.
 */
import type { PathState } from "./path-state.ts";

/** Pieces of Simpson's rule. */
const pieces = 8;

/** Units that the present rule will issue for the next `work` (PFLOP per model, of useful work): Simpson's rule over it. */
export function unitsOverWork(state: PathState, work: Float64Array): Float64Array {
  const { world, mechanism, situation, offer: now } = state;
  const start = Float64Array.from(state.cumulativeWork);
  const units = new Float64Array(work.length);
  const isForNames = now.claimPerIdentity.some((rate) => rate > 0);
  const isGranted = isForNames || now.claimPerWork.some((rate) => rate > 0);
  if (!isGranted || !work.some((missing) => missing > 0)) return units;
  const names = isForNames ? namesPerWork(state) : undefined;
  for (let piece = 0; piece <= pieces; piece++) {
    const weight = (piece === 0 || piece === pieces ? 1 : piece % 2 === 1 ? 4 : 2) / (3 * pieces);
    const cumulativeWork = start.map((done, model) => done + (work[model] * piece) / pieces);
    const offer = mechanism.quote(state.mechanismState, { ...situation, cumulativeWork });
    for (let model = 0; model < units.length; model++) {
      const rate = offer.claimPerWork[model] + (names === undefined ? 0 : names[model] * offer.claimPerIdentity[model]);
      // Verified work is what is owned; more of it is needed than of the work that trains.
      units[model] += (weight * work[model] * rate) / world.usefulShare;
    }
  }
  return units;
}

/** Names at work for each verified PFLOP of the previous epoch, per model; of providers of mean size before there is any. */
export function namesPerWork({ world, workDone, recentWork }: PathState): Float64Array {
  const { count, workPerEpoch } = world.population;
  const names = new Float64Array(recentWork.length);
  for (let row = 0; row < workDone.count; row++) names[workDone.model[row]] += workDone.identities?.[row] ?? 1;
  const ofMeanSize = count / workPerEpoch.reduce((sum, work) => sum + work, 0);
  return names.map((atWork, model) => (recentWork[model] > 0 ? atWork / recentWork[model] : ofMeanSize));
}

/** Useful work that models in training still lack to their targets, PFLOP. */
export function missingWork({ world, cumulativeWork, training }: PathState): Float64Array {
  return Float64Array.from(world.terms, (model, index) =>
    training[index] === 1 ? Math.max(0, model.targetWork - cumulativeWork[index]) : 0,
  );
}

/** Units of ownership that the present rule will issue until the target; reckoned once for each offer, not to be written to. */
export function unitsToCome(state: PathState): Float64Array {
  const { ahead, epoch, offer } = state;
  if (ahead !== undefined && ahead.epoch === epoch && ahead.offer === offer) return ahead.units;
  const units = unitsOverWork(state, missingWork(state));
  state.ahead = { epoch, offer, units };
  return units;
}
