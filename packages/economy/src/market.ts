/** The market for inference over time: how much is spent, how good the competitor is, what the models plan to earn. */
import { flopPerWork } from "@shardlab/contracts";
import { type DemandProblem, emptyDemandSolution, leak, type PricedRival, solveDemand } from "@shardlab/markets";
import { exp, pow } from "@shardlab/numerics";
import { epochSeconds, epochsOf } from "./epoch.ts";
import { type ModelTerms, scalingLawOf, trainedLoss, untrainedLoss } from "./model-plan.ts";
import { presentValues } from "./present-value.ts";
import type { EconomySpec } from "./spec.ts";

const secondsPerYear = 365.25 * epochSeconds;

export interface MarketPath {
  /** Net revenue of every model, dollars per epoch, given what was released; valid until the next call. */
  revenueAt(epoch: number, released: Released): Float64Array;
  competitorLoss(epoch: number): number;
  readonly serviceEpochs: number;
  /** Net revenue of each model if everything goes as its designers announce, dollars per epoch. */
  readonly planned: readonly Float64Array[];
}

/** What is in service, per model: loss (Infinity where nothing is) and the work (PFLOP) that went into it. */
export interface Released {
  readonly loss: Float64Array;
  readonly work: Float64Array;
  /** Whether this is what happens: only then does what nobody foresees, such as a leak, tell. */
  readonly isActual?: boolean;
}

type Revenue = (epoch: number, released: Released) => Float64Array;

/** How many epochs one solution of demand stands for, where days differ little. */
export const demandStepEpochs = 7;

export function marketPath(spec: EconomySpec, terms: readonly ModelTerms[], horizonEpochs: number): MarketPath {
  const { market } = spec;
  const law = scalingLawOf(spec);
  const growth = market.growth * epochSeconds;
  const improvement = (market.competitorImprovement * epochSeconds) / secondsPerYear;
  const servingCosts = Float64Array.from(terms, (model) => model.servingCost);
  const solution = emptyDemandSolution(terms.length);
  // The best closed model stays above what its law calls irreducible.
  const competitorLoss = (epoch: number) => Math.max(law.irreducible, market.competitorLoss - improvement * epoch);
  const serviceEpochs = epochsOf(market.serviceLife);
  const rivalsAt = leakedCopies(spec, servingCosts);
  const revenueFor =
    (spendingAtStart: number): Revenue =>
    (epoch, released) => {
      const problem: DemandProblem = {
        losses: released.loss,
        servingCosts,
        competitorLoss: competitorLoss(epoch),
        competitorPrice: market.competitorPrice,
        qualitySensitivity: market.qualitySensitivity,
        priceElasticity: market.priceElasticity,
        outsideAppeal: market.outsideAppeal,
        spending: spendingAtStart * exp(growth * epoch),
        rivals: rivalsAt(epoch, released),
      };
      return solveDemand(problem, solution).netRevenue;
    };
  const plan = (spendingAtStart: number) =>
    plannedRevenue(spec, terms, horizonEpochs, serviceEpochs, revenueFor(spendingAtStart));
  if (market.valueLaw !== undefined) {
    const revenueAt = valueLawRevenue(market.valueLaw, serviceEpochs, terms.length);
    return {
      revenueAt,
      competitorLoss,
      serviceEpochs,
      planned: plannedRevenue(spec, terms, horizonEpochs, serviceEpochs, revenueAt),
    };
  }
  const spending =
    market.spending !== undefined ? market.spending * epochSeconds : calibratedSpending(spec, terms, plan(1)[0]);
  return { revenueAt: revenueFor(spending), competitorLoss, serviceEpochs, planned: plan(spending) };
}

/** The copies that compete with what is in service; none before a leak, or unless it is foreseen or happens. */
function leakedCopies(
  { market }: EconomySpec,
  servingCosts: Float64Array,
): (epoch: number, released: Released) => readonly PricedRival[] {
  if (market.leak === undefined) return () => [];
  const { isForeseen } = market.leak;
  const copies = leak(market.leak);
  return (epoch, { loss, isActual = false }) =>
    isForeseen || isActual ? copies.rivalsAt(epoch * epochSeconds, { losses: loss, servingCosts, untrainedLoss }) : [];
}

/** V = A C^eta over the service life, whatever the competition: the law of the closed forms. */
function valueLawRevenue(
  law: { coefficient: number; elasticity: number },
  serviceEpochs: number,
  models: number,
): Revenue {
  const revenue = new Float64Array(models);
  return (_epoch, released) => {
    for (let model = 0; model < models; model++) {
      const zflop = (released.work[model] * flopPerWork) / 1e21;
      const isServed = Number.isFinite(released.loss[model]) && zflop > 0;
      revenue[model] = isServed ? (law.coefficient * pow(zflop, law.elasticity)) / serviceEpochs : 0;
    }
    return revenue;
  };
}

/** Revenue if every model is released when planned, trained on its target with all public text and nothing beyond it. */
function plannedRevenue(
  spec: EconomySpec,
  terms: readonly ModelTerms[],
  horizonEpochs: number,
  serviceEpochs: number,
  revenueAt: Revenue,
): Float64Array[] {
  const law = scalingLawOf(spec);
  const planned = terms.map(() => new Float64Array(horizonEpochs));
  const targetLoss = terms.map((model) => trainedLoss(law, model, model.targetWork, model.publicTokens));
  for (let epoch = 0; epoch < horizonEpochs; epoch += demandStepEpochs) {
    const loss = Float64Array.from(terms, (model, index) => {
      const age = epoch - model.plannedRelease;
      return age >= 0 && age < serviceEpochs ? targetLoss[index] : Number.POSITIVE_INFINITY;
    });
    const revenue = revenueAt(epoch, { loss, work: Float64Array.from(terms, (model) => model.targetWork) });
    for (const [index, column] of planned.entries()) column.fill(revenue[index], epoch, epoch + demandStepEpochs);
  }
  return planned;
}

/** Spending at which the first model's plan is worth the given multiple of the outlay, at the sponsor's discount rate. */
function calibratedSpending(
  spec: EconomySpec,
  terms: readonly ModelTerms[],
  plannedAtUnitSpending: Float64Array,
): number {
  const worth = presentValues(plannedAtUnitSpending, spec.sponsorDiscount * epochSeconds)[0];
  if (!(worth > 0)) {
    throw new Error(
      `model without planned revenue: ${terms[0].name} (its service lies beyond the horizon, or its loss is too high)`,
    );
  }
  return ((spec.market.revenueMultiple ?? 1) * spec.outlay) / worth;
}
