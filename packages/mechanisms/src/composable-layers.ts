/**
 * Composable layers: contributors stack private layers on a base model and earn royalties from what the stack earns.
 *
 * Revenue R (net of serving) is shared as
 *
 *   base owner: R baseShare; compute: R computeShare, by verified work on the base; layers: the rest L, of which layer i gets L s_i.
 *
 * `shapley`: s_i = phi_i / v(N), the mean of what layer i adds over all orders of stacking (Shapley 1953), exact up to
 * 12 layers, sampled beyond with an interval. `leave-one-out`: s_i = (v(N) - v(N - i)) / v(N). `declared`: what was
 * written down. v(S) is the quality of the base with the layers S, less that of the base alone. Negative contributions
 * earn nothing; nobody pays in. Where the positive ones exceed v(N), all are cut alike; what is not paid to layers is
 * the base owner's.
 *
 * **What each holder sees.** A contributor serves its layer: it sees the hidden states of whoever asks, and nothing of
 * other layers. Who serves the base sees the answers, and no weights. This rule sees the 2^n numbers v(S) and nothing
 * else. Answers are enough for the base to train a copy of a layer in time: the royalty is what speaks against it.
 *
 * **What holds, and what does not.** Shapley pays all of L, equal layers alike, and nothing to a layer that never adds
 * anything; with negative values clipped, layers that help get less than their value. Leave-one-out leaves L - sum to
 * the base owner among substitutes, two equal layers get nothing each, and complements would get more than there is,
 * which the cut prevents. A declared split is not strategy-proof: who declares more gets more, whatever the layer is
 * worth. None is proof against several names: a copy at a place of its own joins the game. The offer promises an
 * average per token of private text, because what a layer is worth shows only once it is there.
 *
 * Sources: Bagel names royalties for stacked private layers (bagel.com; ZKLoRA, Roy et al., arXiv 2501.13965, proves
 * that a layer fits without revealing it) and publishes no rule of division: the three here are ours. The default
 * values are measured on small transformers with 8 layers (see `tables/private-layers.ts`); that they carry over to
 * large models is not shown. Two of those layers are trained on one text.
 */
import { quantity, share } from "@shardlab/contracts";
import { z } from "zod";
import {
  type ContributionSplit,
  contributionFields,
  contributionTableKinds,
  contributionValues,
  contributionValuesFault,
  contributorsOf,
  sharesFault,
} from "./contribution-game.ts";
import { royaltyMechanism } from "./contribution-royalties.ts";

export const composableLayersSpec = z
  .strictObject({
    kind: z.literal("composable-layers"),
    baseShare: share().prefault(0.3).describe("share of revenue (net of serving) of the owner of the base model"),
    computeShare: share()
      .prefault(0.3)
      .describe("share of revenue for the compute behind the base model; layers get the rest"),
    split: z.enum(["declared", "leave-one-out", "shapley"]).default("shapley").describe("of the layers' part"),
    table: z.enum(contributionTableKinds).default("private-layers").describe("measured values of coalitions"),
    ...contributionFields,
    declared: z
      .array(z.number().min(0))
      .max(16)
      .optional()
      .describe("weight of each contributor in a declared split; alike by default"),
    settlement: quantity("duration", { min: "1 d" }).prefault("30 d").describe("how often revenue is paid out"),
    matchOutlay: z
      .boolean()
      .default(true)
      .describe("cut the shares of compute and layers so that their expected value is the outlay"),
  })
  .superRefine((spec, context) => {
    const refuse = (key: string, message: string) => context.addIssue({ code: "custom", path: [key], message });
    const excess = sharesFault(spec.baseShare + spec.computeShare, "base and compute; layers get the rest");
    if (excess !== undefined) refuse("computeShare", excess);
    const fault = contributionValuesFault(spec.values);
    if (fault !== undefined) return refuse("values", fault);
    const contributors = contributorsOf(spec);
    const { declared } = spec;
    if (declared === undefined) return;
    if (declared.length < contributors)
      refuse("declared", `missing contributor: ${declared.length} weights (expected ${contributors}, one for each)`);
    if (declared.length > contributors)
      refuse("declared", `unknown contributor: ${declared.length} weights (expected ${contributors}, one for each)`);
    if (!declared.some((weight) => weight > 0)) refuse("declared", "expected a weight above 0");
  });
export type ComposableLayersSpec = z.output<typeof composableLayersSpec>;

export function composableLayers(spec: ComposableLayersSpec) {
  const places = contributorsOf(spec);
  const declarations = Float64Array.from(spec.declared ?? new Array<number>(places).fill(1));
  return royaltyMechanism({
    kind: spec.kind,
    values: contributionValues(spec),
    places,
    computeShare: spec.computeShare,
    contributorShare: Math.max(0, 1 - spec.baseShare - spec.computeShare),
    settlementSeconds: spec.settlement,
    matchOutlay: spec.matchOutlay,
    royaltyReason: "royalty of a layer",
    splitFor: ({ uniform }): ContributionSplit => {
      if (spec.split === "declared") return { by: "declared", declarations };
      return spec.split === "shapley" ? { by: "shapley", pairs: spec.pairs, uniform } : { by: "leave-one-out" };
    },
  });
}
