/** What the economy takes for granted, and where each was checked. */
import type { Assumption } from "@shardlab/contracts";
import { conductAssumptions } from "./conduct/conduct-assumptions.ts";
import { scalingLaws } from "./scaling-law.ts";
import type { EconomySpec } from "./spec.ts";
import { extensionsOf } from "./stages.ts";

export function economyAssumptions(spec: EconomySpec): Assumption[] {
  return [
    {
      statement: `Loss follows ${scalingLaws[spec.scalingLaw].source.citation}; constants of one fit are never varied one by one.`,
      checkedAgainst: "the published constants; the law's own error is not part of the intervals",
    },
    {
      statement:
        "Repeated text counts for less, as Muennighoff et al. 2023 found for models up to 9 billion parameters.",
      checkedAgainst: "the limits of their equation 5 (no repetition, endless repetition)",
    },
    {
      statement:
        "Effective compute is peak x utilisation / (1 + transfer time / compute time) x availability x (1 - churn) x (1 - bad work).",
      checkedAgainst:
        "published training runs, left out one at a time, for datacentre utilisation; consumer links are not checked",
    },
    {
      statement:
        "Entry follows expected utility, with logit noise where a group has no strategy of its own; ownership is valued by its certainty equivalent.",
      checkedAgainst: "free entry and n best-responders under V = A C^eta, in closed form",
    },
    {
      statement: `Beliefs are ${spec.beliefs.kind}; what happens beyond the horizon is worth nothing to anybody.`,
      ...(spec.beliefs.kind === "rational" ? { checkedAgainst: "the measure belief-residual of each run" } : {}),
    },
    {
      statement:
        "Inference demand is a logit in loss and price against one closed competitor whose loss falls steadily.",
    },
    {
      statement: "Providers' opportunity costs, wealth, patience and warm glow are log-normal around assumed medians.",
    },
    { statement: "Projects end at a constant hazard, independent of the institution." },
    ...conductAssumptions(spec),
    ...(spec.market.leak === undefined
      ? []
      : [{ statement: "A copy of every served model is sold from a given day on; how it got out is not modelled." }]),
    ...extensionsOf(spec).flatMap((extension) => extension.assumptions(spec)),
  ];
}
