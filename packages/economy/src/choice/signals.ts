/**
 * What providers believe of a model's quality q: normal prior and normal signals of ln q, weighted by their precision
 * (DeGroot 1970, Optimal Statistical Decisions, section 9.5).
 *
 * ln q ~ N(-tau^2 / 2, tau^2), so that E q = 1. Everybody sees ln q + s_p e, each provider ln q + s_i e_i as well. Then
 * ln q given both is normal with precision 1 / tau^2 + 1 / s_p^2 + 1 / s_i^2, and a view is E q given both.
 */
import { exp, log } from "@shardlab/numerics";
import { normalDraws } from "../spread-draws.ts";
import type { EconomyWorld } from "../world.ts";

/** A signal of ln q; its noise is a standard deviation. */
export interface Signal {
  readonly value: number;
  readonly noise: number;
}

/** E q given the signals. A signal without noise is the truth; a prior without spread is 1. */
export function expectedQuality(spread: number, signals: readonly Signal[]): number {
  const exact = signals.find(({ noise }) => noise === 0);
  if (exact) return exp(exact.value);
  if (spread === 0) return 1;
  let precision = 1 / (spread * spread);
  let weighted = -0.5;
  for (const { value, noise } of signals) {
    precision += 1 / (noise * noise);
    weighted += value / (noise * noise);
  }
  return exp((weighted + 0.5) / precision);
}

/** Quality of each model: given, or log-normal of mean 1 from the model's own stream. */
export function qualitiesOf({ spec, streams }: EconomyWorld): Float64Array {
  const spread = spec.modelChoice?.qualitySpread ?? 0;
  return Float64Array.from(
    spec.models,
    ({ name, quality }) =>
      quality ?? (spread > 0 ? streams.stream(`quality/${name}`).logNormal((-spread * spread) / 2, spread) : 1),
  );
}

/** Views of every provider from what it sees itself, provider x models + model. */
export function ownViews(world: EconomyWorld, qualities: Float64Array): Float32Array {
  const { spec, streams, population } = world;
  const { qualitySpread = 0, signalNoise = 1, publicNoise } = spec.modelChoice ?? {};
  const models = qualities.length;
  const views = new Float32Array(population.count * models);
  for (const [model, { name }] of spec.models.entries()) {
    const truth = log(qualities[model]);
    const seenByAll: Signal[] =
      publicNoise === undefined
        ? []
        : [{ value: truth + publicNoise * streams.stream(`public-signal/${name}`).normal(), noise: publicNoise }];
    let first = 0;
    for (const { group, count, signalNoise: ofGroup } of spec.providers) {
      const noise = ofGroup ?? signalNoise;
      const errors = noise > 0 ? normalDraws(streams, `signal/${name}/${group}`, count) : new Float64Array(count);
      for (let member = 0; member < count; member++) {
        const seen = { value: truth + noise * errors[member], noise };
        views[(first + member) * models + model] = expectedQuality(qualitySpread, [...seenByAll, seen]);
      }
      first += count;
    }
  }
  return views;
}
