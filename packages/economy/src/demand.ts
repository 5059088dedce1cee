/**
 * Demand for inference: a logit in quality and price over the models, a closed competitor and doing without.
 *
 * Utilities are u_m = beta (L_c - L_m) - alpha ln(p_m / p_c) with L the loss and p the price of a token, u_c = 0 for the
 * competitor and a constant for doing without; shares s are shares of *spending* ("constant expenditure" logit; Bjornerstedt
 * and Verboven 2016, AEJ Applied 8(3), eq. 5). The quantity s S / p then has the own-price elasticity -(1 + alpha (1 - s)),
 * and a seller with unit cost c sets p = c (1 + 1 / (alpha (1 - s))): revenue net of serving is s S / (1 + alpha (1 - s)).
 * Prices and shares solve each other (Bertrand-Nash in prices; the competitor's price is given).
 */
import { exp, log } from "@shardlab/numerics";

export interface DemandProblem {
  /** Loss of each model on offer, nats per token; Infinity for one that is not. */
  readonly losses: Float64Array;
  /** Cost of serving a token, dollars. */
  readonly servingCosts: Float64Array;
  readonly competitorLoss: number;
  readonly competitorPrice: number;
  readonly qualitySensitivity: number;
  readonly priceElasticity: number;
  readonly outsideAppeal: number;
  /** All spending, dollars per epoch. */
  readonly spending: number;
}

/** Written into by `solveDemand`; columns have one row per model. */
export interface DemandSolution {
  /** Share of all spending. */
  readonly shares: Float64Array;
  /** Dollars per token. */
  readonly prices: Float64Array;
  /** Revenue net of serving cost, dollars per epoch. */
  readonly netRevenue: Float64Array;
}

export function emptyDemandSolution(models: number): DemandSolution {
  return { shares: new Float64Array(models), prices: new Float64Array(models), netRevenue: new Float64Array(models) };
}

const largestIterations = 200;
const tolerance = 1e-12;

/**
 * Solves prices and shares by Newton's steps, one share at a time, to 1e-12 in shares, starting from the shares that `solution` holds: a
 * market that changes little from day to day takes few steps.
 */
export function solveDemand(problem: DemandProblem, solution: DemandSolution): DemandSolution {
  const { losses, servingCosts, priceElasticity: alpha, competitorPrice } = problem;
  const { shares, prices, netRevenue } = solution;
  const outside = exp(problem.outsideAppeal);
  // Where quality counts for nothing, 0 x Infinity would be NaN.
  const appeal = losses.map((loss) =>
    Number.isFinite(loss) ? problem.qualitySensitivity * (problem.competitorLoss - loss) : Number.NEGATIVE_INFINITY,
  );
  const weights = new Float64Array(shares.length);
  for (let iteration = 0; iteration < largestIterations; iteration++) {
    let total = 1 + outside;
    for (let model = 0; model < weights.length; model++) {
      prices[model] = servingCosts[model] * (1 + 1 / (alpha * (1 - shares[model])));
      // Beyond this a weight would overflow, and the share is 1 to the last bit anyway.
      weights[model] = exp(Math.min(700, appeal[model] - alpha * log(prices[model] / competitorPrice)));
      total += weights[model];
    }
    let change = 0;
    for (let model = 0; model < shares.length; model++) {
      const step = Math.min(1 - 1e-9, weights[model] / total) - shares[model];
      change = Math.max(change, Math.abs(step));
      // Newton's step for this share alone: a higher share raises the price, which lowers the share.
      shares[model] += step / (1 + (alpha * shares[model]) / (1 + alpha * (1 - shares[model])));
    }
    if (change < tolerance) break;
  }
  for (let model = 0; model < shares.length; model++) {
    if (!Number.isFinite(losses[model])) shares[model] = 0;
    netRevenue[model] = (shares[model] * problem.spending) / (1 + alpha * (1 - shares[model]));
  }
  return solution;
}
