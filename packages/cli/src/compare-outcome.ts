/** What a comparison is of, and whether a difference is for the better. */
import type { ComparisonRow } from "@shardlab/experiment";
import { meaningOf } from "./measure-meaning.ts";

/** A side as it is told: the experiment, what was chosen of it, and where it lies. */
export interface ComparedSide {
  readonly experiment: string;
  readonly arms: string;
  readonly directory: string;
}

export type Sides = { readonly left: ComparedSide; readonly right: ComparedSide };

/** Whether a row is for the better, as far as its measure says which way that is. */
export function outcomeOf({ verdict, measure }: ComparisonRow): "better" | "worse" | "different" | "not shown" {
  if (verdict !== "higher" && verdict !== "lower") return "not shown";
  const { better } = meaningOf(measure);
  if (better === undefined) return "different";
  return better === verdict ? "better" : "worse";
}
