/** Payoff tables as they might have been measured: draws around what was measured, from named streams. */
import { createStreams } from "@shardlab/random";

/** Tables that the payoffs may truly be; draw number `index` is the same whoever asks. */
export interface PayoffDraws {
  draw(index: number, out: Float64Array): void;
}

/** Each payoff by itself: normal, with its own standard error; 0 for a payoff that is known. */
export function independentDraws({
  values,
  errors,
  seed,
}: {
  readonly values: Float64Array;
  readonly errors: Float64Array;
  readonly seed: number;
}): PayoffDraws {
  const streams = createStreams(seed);
  return {
    draw: (index, out) => {
      const stream = streams.stream("payoffs", index);
      for (let i = 0; i < values.length; i++) out[i] = stream.normal(values[i], errors[i]);
    },
  };
}

/**
 * Payoffs measured with the same seeds: the mean over seeds plus a multivariate Student t with the covariance of that mean, as
 * sum over seeds of g_s (observed_s - mean) / sqrt(k (k - 1)) / sqrt(chi^2 / (k - 1)), the g_s standard normal. So each payoff
 * varies as its Student-t interval says, and payoffs that share the noise of their seeds vary together: a multiplier bootstrap
 * (Wiedenbeck, Cassell and Wellman, "Bootstrap statistics for empirical games", AAMAS 2014, resample the seeds instead).
 *
 * @property observations a table for each of at least 2 seeds.
 */
export function pairedDraws({
  observations,
  seed,
}: {
  readonly observations: readonly Float64Array[];
  readonly seed: number;
}): PayoffDraws {
  const count = observations.length;
  if (count < 2) throw new Error(`too few observations: ${count} (expected at least 2)`);
  const mean = meanOf(observations);
  const streams = createStreams(seed);
  const divisor = Math.sqrt(count * (count - 1));
  return {
    draw: (index, out) => {
      const stream = streams.stream("payoffs", index);
      const spread = Math.sqrt(stream.gamma((count - 1) / 2, 2) / (count - 1)) * divisor;
      out.set(mean);
      for (const observed of observations) {
        const weight = stream.normal() / spread;
        for (let i = 0; i < out.length; i++) out[i] += weight * (observed[i] - mean[i]);
      }
    },
  };
}

/** Mean of tables, payoff by payoff. */
export function meanOf(observations: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(observations[0].length);
  for (const observed of observations)
    for (let i = 0; i < mean.length; i++) mean[i] += observed[i] / observations.length;
  return mean;
}
