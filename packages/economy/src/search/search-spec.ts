/** The section `search` of a scenario: the search for better architectures. */
import { count, quantity, share } from "@shardlab/contracts";
import { z } from "zod";
import type { Contradiction } from "../contradiction.ts";

export const searchSpec = z
  .strictObject({
    components: z.number().int().min(1).max(16).default(12).describe("N: choices of two that make an architecture"),
    interactions: z
      .number()
      .int()
      .min(0)
      .max(15)
      .default(3)
      .describe("K: how many other choices the worth of one depends on; more is more rugged"),
    searchers: count({ min: 1, max: 1000, isWhole: true })
      .prefault(4)
      .describe("labs or contributors who experiment in turn"),
    sharing: share().prefault(0).describe("chance that a result is published for everybody"),
    recombination: share()
      .prefault(0.1)
      .describe("chance that an experiment mixes what one has with something known, instead of changing one choice"),
    budget: share({ max: 0.9 }).prefault(0.1).describe("share of useful compute that goes into experiments"),
    experiment: quantity("compute", { above: "0 FLOP" }).prefault("0.1 ZFLOP").describe("what an experiment takes"),
    qualityGain: z
      .number()
      .min(1)
      .max(100)
      .default(1)
      .describe("revenue with the best of all architectures in that with an average one; 1 leaves revenue alone"),
  })
  .describe("the search for better architectures");

export type SearchSpec = z.output<typeof searchSpec>;

/** A choice can depend on all others, and on no more. */
export function searchContradictions({ search }: { readonly search?: SearchSpec | undefined }): Contradiction[] {
  if (search === undefined || search.interactions < search.components) return [];
  const { components, interactions } = search;
  const expected = `expected at most ${components - 1}, one less than components`;
  return [{ path: ["search", "interactions"], message: `too many interactions: ${interactions} (${expected})` }];
}
