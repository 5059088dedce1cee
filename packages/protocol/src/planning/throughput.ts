/** How fast a grid is: as fast as its weakest stage. */

/** @property speed FLOP per second, or NaN where it was not measured yet. */
export interface MeasuredSpeed {
  readonly speed: number;
}

/** Speeds with the mean of the measured ones, or 1, in the place of those that are not known. */
export function knownSpeeds(members: readonly MeasuredSpeed[]): Float64Array {
  let sum = 0;
  let measured = 0;
  for (const { speed } of members) {
    if (!(speed > 0)) continue;
    sum += speed;
    measured += 1;
  }
  const mean = measured === 0 ? 1 : sum / measured;
  return Float64Array.from(members, ({ speed }) => (speed > 0 ? speed : mean));
}

/**
 * Stage with the least throughput, among those that `isOpen` allows; of two, the one with fewer replicas, then the first.
 * @returns -1 where no stage is allowed
 */
export function weakestStage(
  rates: Float64Array,
  replicas: Int32Array,
  isOpen: (stage: number) => boolean = () => true,
): number {
  let weakest = -1;
  for (let stage = 0; stage < rates.length; stage++) {
    if (!isOpen(stage)) continue;
    if (weakest < 0 || rates[stage] < rates[weakest]) weakest = stage;
    else if (rates[stage] === rates[weakest] && replicas[stage] < replicas[weakest]) weakest = stage;
  }
  return weakest;
}

/**
 * Microbatches per second of the best grid that the greedy rule finds: the fastest worker goes to the weakest stage, and so
 * on (as Petals estimates what could be: Borzunov et al., "Distributed inference and fine-tuning of large language models
 * over the internet", NeurIPS 2023).
 * @param speeds FLOP per second of each worker
 * @param stageFlop FLOP of one microbatch at each stage
 */
export function potentialThroughput(speeds: Float64Array, stageFlop: Float64Array, maximumReplicas: number): number {
  const rates = new Float64Array(stageFlop.length);
  const replicas = new Int32Array(stageFlop.length);
  for (const speed of speeds.toSorted().toReversed()) {
    const stage = weakestStage(rates, replicas, (s) => replicas[s] < maximumReplicas);
    if (stage < 0) break;
    rates[stage] += speed / stageFlop[stage];
    replicas[stage] += 1;
  }
  return rates.reduce((least, rate) => Math.min(least, rate), Number.POSITIVE_INFINITY);
}
