/** The data providers, one column per attribute. A data provider delivers what it has to a model once, or never. */
import type { Streams } from "@shardlab/random";
import { epochSeconds } from "./epoch.ts";
import { openingMicros } from "./population.ts";
import type { EconomySpec } from "./spec.ts";
import { logNormalDraws } from "./spread-draws.ts";

/** Columns have one row per data provider. */
export interface DataPopulation {
  readonly count: number;
  readonly groupOf: Uint8Array;
  /** Training tokens, weighted by quality. */
  readonly tokens: Float64Array;
  /** Least accepted for all of them, dollars. */
  readonly reservation: Float64Array;
  /** Share of the reservation waived for a project that asks for gifts. */
  readonly warmGlow: Float64Array;
  readonly riskPerDollar: Float64Array;
  readonly discountRate: Float64Array;
  readonly wealthMicros: Float64Array;
  /** Uniform on (0, 1): a lasting reluctance, so that being asked again changes nothing by itself. */
  readonly reluctance: Float64Array;
}

export function buildDataPopulation(spec: EconomySpec, streams: Streams): DataPopulation {
  const count = spec.data.reduce((sum, group) => sum + group.count, 0);
  const column = () => new Float64Array(count);
  const population = {
    count,
    groupOf: new Uint8Array(count),
    tokens: column(),
    reservation: column(),
    warmGlow: column(),
    riskPerDollar: column(),
    discountRate: column(),
    wealthMicros: column(),
    reluctance: column(),
  };
  let first = 0;
  for (const [index, group] of spec.data.entries()) {
    population.groupOf.fill(index, first, first + group.count);
    const draw = (attribute: string, median: number, spread: number): Float64Array =>
      logNormalDraws(streams, `data/${group.group}/${attribute}`, { count: group.count, median, spread });
    const tokens = draw("tokens", group.tokens, group.tokensSpread);
    const reservation = draw("reservation", group.reservation, group.reservationSpread);
    streams.uniformsAcross(
      `data/${group.group}/reluctance`,
      0,
      0,
      population.reluctance.subarray(first, first + group.count),
    );
    for (let member = 0; member < group.count; member++) {
      const i = first + member;
      population.tokens[i] = tokens[member] * group.quality;
      population.reservation[i] = reservation[member] * tokens[member];
      population.warmGlow[i] = group.warmGlow;
      population.riskPerDollar[i] = group.riskAversion / (2 * Math.max(1, group.wealth));
      population.discountRate[i] = group.discountRate * epochSeconds;
      population.wealthMicros[i] = openingMicros(group.wealth);
    }
    first += group.count;
  }
  return population;
}
