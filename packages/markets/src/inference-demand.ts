/**
 * Inference demand: a logit in quality and price over several models, a closed competitor, rivals at given prices and
 * doing without.
 *
 * Utilities are u_m = beta (L_c - L_m) - alpha ln(p_m / p_c) with L the loss and p the price of a token, u_c = 0 for
 * the competitor and a constant for doing without; shares s are shares of *spending* ("constant expenditure" logit;
 * Bjornerstedt and Verboven 2016, AEJ Applied 8(3), eq. 5). The quantity s S / p then has the own-price elasticity -(1
 * + alpha (1 - s)), and a seller with unit cost c sets p = c (1 + 1 / (alpha (1 - s))): revenue net of serving is s S /
 * (1 + alpha (1 - s)). Prices and shares solve each other (Bertrand-Nash in prices; the competitor's price is given).
 * Rivals who sell at a given price, such as those who serve a leaked copy, are further options of the same logit.
 *
 * Limits: shares are held to 1 - 1e-9, because the price of a seller without rivals has no bound. Revenue there is right to
 * 1e-8, but the price is too low where the true share is larger; short of it prices are right to 1e-12 / (1 - s).
 *
 * Checked: Lerner's margin, elasticities by finite differences, no profitable deviation, and the closed form of n alike
 * models where nobody does without: s = 1 / n, p = c (1 + n / (alpha (n - 1))). Not modelled: customers who stay out of
 * habit, and sellers of several models who set their prices together.
 */
import { quantity, share } from "@shardlab/contracts";
import { exp, log } from "@shardlab/numerics";
import { z } from "zod";

export const inferenceDemandSpec = z
  .strictObject({
    kind: z.literal("inference-demand"),
    spending: quantity("moneyRate", { above: "$0/y" }).describe("all spending on inference of this kind"),
    qualitySensitivity: z.number().min(0).max(200).default(12).describe("utility of a nat of loss"),
    priceElasticity: z.number().positive().max(20).default(1.5).describe("utility of the logarithm of price"),
    outsideAppeal: z.number().min(-20).max(20).default(-1).describe("utility of doing without"),
    competitorLoss: z.number().positive().max(20).default(1.95).describe("loss of the closed competitor"),
    competitorPrice: quantity("tokenPrice", { above: "$0/token" }).prefault("$2/Mtoken"),
    servingUtilization: share({ min: 0.001 }).prefault(0.2).describe("share of peak FLOP/s that serving reaches"),
    peakRate: quantity("computeRate", { above: "0 FLOP/s" })
      .prefault("989.5 TFLOP/s")
      .describe("of a device that serves; the default is an H100's in bfloat16"),
    rental: quantity("moneyRate", { above: "$0/h" }).prefault("$2.10/h").describe("of a device that serves"),
  })
  .describe("a market for inference at one moment");
export type InferenceDemandSpec = z.output<typeof inferenceDemandSpec>;

/** A model on offer: its loss, and what serves a token of it. */
export interface ServedModel {
  readonly loss: number;
  readonly activeParameters: number;
}

export interface InferenceDemand {
  readonly kind: "inference-demand";
  /** Dollars that serving a token costs: 2 FLOP for each active parameter. */
  servingCost(activeParameters: number): number;
  /** Shares, prices and net revenue (dollars per second) of models against rivals at given prices. */
  solve(models: readonly ServedModel[], rivals?: readonly PricedRival[]): DemandSolution;
}

export function inferenceDemand(spec: InferenceDemandSpec): InferenceDemand {
  const costPerFlop = spec.rental / (spec.peakRate * spec.servingUtilization);
  const servingCost = (activeParameters: number) => 2 * activeParameters * costPerFlop;
  return {
    kind: spec.kind,
    servingCost,
    solve: (models, rivals = []) => {
      const losses = Float64Array.from(models, ({ loss }) => loss);
      const servingCosts = Float64Array.from(models, ({ activeParameters }) => servingCost(activeParameters));
      return solveDemand({ ...spec, losses, servingCosts, rivals }, emptyDemandSolution(models.length));
    },
  };
}

/** Somebody who sells inference at a price that does not answer to others. */
export interface PricedRival {
  /** Nats per token; Infinity where nothing is on offer. */
  readonly loss: number;
  /** Dollars per token. */
  readonly price: number;
}

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
  /** All spending, dollars in the time for which revenue is asked. */
  readonly spending: number;
  /** None unless given. */
  readonly rivals?: readonly PricedRival[];
}

/** Written into by `solveDemand`; columns have one row per model. */
export interface DemandSolution {
  /** Share of all spending. */
  readonly shares: Float64Array;
  /** Dollars per token. */
  readonly prices: Float64Array;
  /** Revenue net of serving cost, dollars in the time in which `spending` is spent. */
  readonly netRevenue: Float64Array;
}

export function emptyDemandSolution(models: number): DemandSolution {
  return { shares: new Float64Array(models), prices: new Float64Array(models), netRevenue: new Float64Array(models) };
}

/** A seller who leaves others a millionth takes some three hundred; most take ten. */
const mostIterations = 1000;
const tolerance = 1e-12;

/**
 * Solves prices and shares by Newton's steps, one share at a time, to 1e-12 in shares, starting from the shares that
 * `solution` holds: a market that changes little from day to day takes few steps.
 */
export function solveDemand(problem: DemandProblem, solution: DemandSolution): DemandSolution {
  const { losses, servingCosts, priceElasticity: alpha, competitorPrice } = problem;
  const { shares, prices, netRevenue } = solution;
  let outside = exp(problem.outsideAppeal);
  // Beyond this a weight would overflow, and the share is 1 to the last bit anyway.
  const weightOf = (appeal: number, price: number) => exp(Math.min(700, appeal - alpha * log(price / competitorPrice)));
  for (const { loss, price } of problem.rivals ?? []) outside += weightOf(appealOf(problem, loss), price);
  const appeal = losses.map((loss) => appealOf(problem, loss));
  const weights = new Float64Array(shares.length);
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    let total = 1 + outside;
    for (let model = 0; model < weights.length; model++) {
      prices[model] = servingCosts[model] * (1 + 1 / (alpha * (1 - shares[model])));
      weights[model] = weightOf(appeal[model], prices[model]);
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

/** Utility of quality; apart for models not on offer, because 0 x Infinity would be NaN where quality counts for nothing. */
function appealOf(problem: DemandProblem, loss: number): number {
  if (!Number.isFinite(loss)) return Number.NEGATIVE_INFINITY;
  return problem.qualitySensitivity * (problem.competitorLoss - loss);
}
