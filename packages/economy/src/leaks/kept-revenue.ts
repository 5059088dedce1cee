/** What models keep of their revenue when copies of some of them are sold. */
import {
  type DemandProblem,
  type DemandSolution,
  emptyDemandSolution,
  leak,
  leakSpec,
  solveDemand,
} from "@shardlab/markets";
import { untrainedLoss } from "../model-plan.ts";
import type { EconomyWorld } from "../world.ts";

/** The leak of a scenario, whether its day is given or drawn: what a copy is like. */
export interface CopyTerms {
  readonly qualityShare: number;
  readonly markup: number;
}

/**
 * Share of its revenue that each model keeps when the models with `isLeaked` have copies beside them, by the demand of the
 * epoch. The share does not depend on how much is spent. 1 for a model that is not in service.
 */
export function keptRevenue(
  world: EconomyWorld,
  { qualityShare, markup }: CopyTerms,
): (epoch: number, losses: Float64Array, isLeaked: Uint8Array) => Float64Array {
  const { market } = world.spec;
  const servingCosts = Float64Array.from(world.terms, (model) => model.servingCost);
  const copies = leak(leakSpec.parse({ kind: "leak", day: "0 d", qualityShare, markup }));
  const [without, beside] = [emptyDemandSolution(servingCosts.length), emptyDemandSolution(servingCosts.length)];
  const solved = (problem: DemandProblem, solution: DemandSolution) => solveDemand(problem, solution).netRevenue;
  return (epoch, losses, isLeaked) => {
    if (!isLeaked.includes(1)) return new Float64Array(losses.length).fill(1);
    const problem: DemandProblem = {
      ...{ losses, servingCosts, competitorLoss: world.market.competitorLoss(epoch) },
      ...{ competitorPrice: market.competitorPrice, qualitySensitivity: market.qualitySensitivity },
      ...{ priceElasticity: market.priceElasticity, outsideAppeal: market.outsideAppeal, spending: 1 },
    };
    const rivals = copies
      .rivalsAt(0, { losses, servingCosts, untrainedLoss })
      .filter((_, model) => isLeaked[model] === 1);
    const [all, left] = [solved(problem, without), solved({ ...problem, rivals }, beside)];
    return all.map((revenue, model) => (revenue > 0 ? left[model] / revenue : 1));
  };
}
