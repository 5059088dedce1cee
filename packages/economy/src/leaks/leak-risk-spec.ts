/** The section `leakRisk` of a scenario: weights that may get out once a model is in service. */
import { quantity, share } from "@shardlab/contracts";
import { z } from "zod";
import type { Contradiction } from "../contradiction.ts";

export const leakRiskSpec = z
  .strictObject({
    hazard: quantity("annualRate", { min: "0 %/y" })
      .prefault("20 %/y")
      .describe("chance a year that the weights of a model in service get out"),
    qualityShare: share().prefault(1).describe("of what training brought, in nats, that a copy keeps"),
    markup: z.number().min(1).max(100).default(1).describe("price of a copy, in costs of serving it"),
    kept: share()
      .optional()
      .describe("instead of competition by the copy: share of its revenue that a leaked model keeps"),
  })
  .describe("models in service may leak; rational beliefs know the hazard");

export type LeakRisk = z.output<typeof leakRiskSpec>;

/** Values that contradict one another: where, and what is wrong. */
export function leakContradictions(spec: {
  readonly leakRisk?: { readonly kept?: number };
  readonly market: { readonly leak?: unknown; readonly valueLaw?: unknown };
}): Contradiction[] {
  if (spec.leakRisk === undefined) return [];
  const faults: Contradiction[] = [];
  if (spec.market.leak !== undefined)
    faults.push({ path: ["leakRisk"], message: "leakRisk beside market.leak (expected one of them)" });
  if (spec.market.valueLaw !== undefined && spec.leakRisk.kept === undefined)
    faults.push({ path: ["leakRisk", "kept"], message: "missing beside valueLaw, which knows no competition" });
  return faults;
}
