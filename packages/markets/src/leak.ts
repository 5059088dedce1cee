/**
 * Leak: from a day on, a copy of each served model competes with it at the marginal cost of serving.
 *
 * Whoever has the weights pays nothing for training, so that several who have them sell at what serving costs, times a
 * markup. A copy keeps `qualityShare` q of what training brought: its loss is L0 - q (L0 - L) with L0 the loss of an
 * untrained model. The copies of a model are alike to customers, and are one rival at a given price in the logit of
 * `inference-demand`.
 *
 * The share of quality and the day are parameters: how much a coalition of providers can get out, and when, is not
 * measured here. For a model and its full copy alone, s / (1 - s) = (p / (mu c))^-alpha with p = c (1 + 1 / (alpha (1 -
 * s))): at mu = 1 + 2 / alpha they split the market. As alpha grows, p goes to mu c, the price that undercuts the copies,
 * and at mu = 1 nothing is left of the margin (Bertrand 1883; Anderson, de Palma and Thisse, "Discrete Choice Theory of
 * Product Differentiation", 1992, chapter 7, for the logit).
 *
 * Checked: that closed form, and that revenue falls with q and rises with mu. Not modelled: customers who shun a copy,
 * and courts.
 */
import { quantity, share } from "@shardlab/contracts";
import { z } from "zod";
import type { PricedRival } from "./inference-demand.ts";

export const leakSpec = z
  .strictObject({
    kind: z.literal("leak"),
    day: quantity("duration", { min: "0 d" }).describe("from which a copy of every served model is sold"),
    qualityShare: share().prefault(1).describe("of what training brought, in nats, that a copy keeps"),
    markup: z.number().min(1).max(100).default(1).describe("price of a copy, in costs of serving it"),
    isForeseen: z.boolean().default(false).describe("whether forecasts and plans reckon with it"),
  })
  .describe("a leaked copy of the weights that competes with the model");
export type LeakSpec = z.output<typeof leakSpec>;

export interface Leak {
  readonly kind: "leak";
  /** Loss of the copy of a model with this loss; Infinity for what is not served. */
  copyLoss(loss: number, untrainedLoss: number): number;
  /** The copies that compete at a time, in seconds from the start. */
  rivalsAt(seconds: number, served: ServedColumns): PricedRival[];
}

/** Columns have one row per model. */
export interface ServedColumns {
  readonly losses: Float64Array;
  readonly servingCosts: Float64Array;
  readonly untrainedLoss: number;
}

export function leak(spec: LeakSpec): Leak {
  const copyLoss = (loss: number, untrainedLoss: number) =>
    Number.isFinite(loss) ? untrainedLoss - spec.qualityShare * (untrainedLoss - loss) : Number.POSITIVE_INFINITY;
  return {
    kind: spec.kind,
    copyLoss,
    rivalsAt: (seconds, { losses, servingCosts, untrainedLoss }) =>
      seconds < spec.day
        ? []
        : Array.from(losses, (loss, model) => ({
            loss: copyLoss(loss, untrainedLoss),
            price: spec.markup * servingCosts[model],
          })),
  };
}
