/** What does not change while an economy runs: people, plans, market, rates. Built once for a seed. */

import { exp } from "@shardlab/numerics";
import { createStreams, type Streams } from "@shardlab/random";
import { buildConduct, type Conduct, type ConductFamilies } from "./conduct/conduct.ts";
import { buildDataPopulation, type DataPopulation } from "./data-population.ts";
import { epochSeconds, epochsOf } from "./epoch.ts";
import { type MarketPath, marketPath } from "./market.ts";
import { type ModelTerms, modelTerms, scalingLawOf } from "./model-plan.ts";
import { choiceDraws, type DecisionRule } from "./participation.ts";
import { buildPopulation, type Population } from "./population.ts";
import type { EconomySpec } from "./spec.ts";
import type { LossLaw } from "./tables/scaling-laws.ts";
import type { DiscountRates } from "./valuation.ts";

export interface EconomyWorld {
  readonly spec: EconomySpec;
  readonly streams: Streams;
  readonly horizonEpochs: number;
  readonly population: Population;
  readonly data: DataPopulation;
  readonly terms: readonly ModelTerms[];
  readonly law: LossLaw;
  readonly market: MarketPath;
  readonly rates: DiscountRates;
  readonly rule: DecisionRule;
  /** Every provider's draw for its decision of a turn. */
  readonly draws: (turn: number) => Float64Array;
  /** Share of verified work that trains, after churn and bad work. */
  readonly usefulShare: number;
  /** Dollars per PFLOP at which the providers' compute rents, and what it costs them in electricity. */
  readonly marketPricePerWork: number;
  readonly electricityPerWork: number;
  /** How providers may behave, where the scenario says so. */
  readonly conduct?: Conduct;
}

/** @param families make what the scenario says of strategies, attacks and verification; needed only where it does */
export function buildWorld(spec: EconomySpec, seed: number, families?: ConductFamilies): EconomyWorld {
  const streams = createStreams(seed);
  const conduct = buildConduct(spec, streams, families);
  const horizonEpochs = epochsOf(spec.horizon);
  const revisionEpochs = epochsOf(spec.participation.revision);
  const population = buildPopulation(spec, streams, revisionEpochs);
  const data = buildDataPopulation(spec, streams);
  const terms = spec.models.map((plan) => modelTerms(spec, plan));
  const sum = (column: Float64Array) => column.reduce((total, value) => total + value, 0);
  const work = sum(population.workPerEpoch);
  const dataRates = Float64Array.from(data.discountRate).sort();
  const sigma = spec.market.revenueUncertainty;
  return {
    spec,
    streams,
    horizonEpochs,
    population,
    data,
    terms,
    law: scalingLawOf(spec),
    market: marketPath(spec, terms, horizonEpochs),
    rates: {
      providers: population.discountRates,
      data: dataRates.length > 0 ? dataRates[dataRates.length >> 1] : 0,
      sponsor: spec.sponsorDiscount * epochSeconds,
      hazard: Float64Array.from(terms, (model) => model.hazardPerEpoch),
    },
    draws: choiceDraws(population, streams, Math.ceil(horizonEpochs / revisionEpochs)),
    rule: {
      revisionEpochs,
      temperature: spec.participation.temperature,
      inertia: spec.participation.inertia,
      // A log-normal of standard deviation sigma in the logarithm has this squared coefficient of variation.
      revenueVariance: exp(sigma * sigma) - 1,
    },
    usefulShare: (1 - spec.training.churnLoss) * (1 - spec.training.badWork),
    marketPricePerWork: sum(population.rentalValue) / work,
    electricityPerWork: sum(population.electricity) / work,
    ...(conduct && { conduct }),
  };
}

/** What happens to the projects: when each ends, and how its revenue differs from what could be expected. */
export interface Shocks {
  /** Epoch at which the project ends worthless; Infinity for never. */
  readonly failureEpoch: Float64Array;
  readonly revenueFactor: Float64Array;
}

/** No failures and revenue as expected: the path that forecasts are about. */
export function noShocks(models: number): Shocks {
  return {
    failureEpoch: new Float64Array(models).fill(Number.POSITIVE_INFINITY),
    revenueFactor: new Float64Array(models).fill(1),
  };
}

/** Exponential failure times and log-normal revenue of mean 1, one stream per model. */
export function drawShocks(world: EconomyWorld): Shocks {
  const sigma = world.spec.market.revenueUncertainty;
  const { terms, streams } = world;
  return {
    failureEpoch: Float64Array.from(terms, (model) =>
      model.hazardPerEpoch > 0
        ? streams.stream(`failure/${model.name}`).exponential(model.hazardPerEpoch)
        : Number.POSITIVE_INFINITY,
    ),
    revenueFactor: Float64Array.from(terms, (model) =>
      sigma > 0 ? streams.stream(`revenue/${model.name}`).logNormal((-sigma * sigma) / 2, sigma) : 1,
    ),
  };
}
