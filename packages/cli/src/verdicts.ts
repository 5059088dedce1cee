import type { DifferenceSummary, ExperimentSummary, PairedDifference } from "@shardlab/experiment";
import { type MeasureMeaning, meaningOf } from "./measure-meaning.ts";

export type Outcome = "better" | "worse" | "different" | "level" | "unknown";

/** What a difference says of the challenger; `own` and `other` are the means of the two arms. */
export interface Verdict extends DifferenceSummary {
  readonly meaning: MeasureMeaning;
  readonly own: number;
  readonly other: number;
  readonly outcome: Outcome;
}

function outcomeOf({ verdict }: PairedDifference, { better }: MeasureMeaning): Outcome {
  if (verdict === "no power") return "unknown";
  if (verdict === "no difference") return "level";
  if (better === undefined) return "different";
  return verdict === better ? "better" : "worse";
}

/** Every difference of the challenger judged, in the order given; those with a side missing are left out. */
export function judge({ challenger, points, differences }: ExperimentSummary): Verdict[] {
  const meanOf = (arm: string | null, measure: string): number | undefined =>
    points.find((point) => point.arm === arm)?.measures[measure]?.mean;
  return differences.flatMap((difference): Verdict[] => {
    const own = meanOf(challenger, difference.measure);
    const other = meanOf(difference.against, difference.measure);
    if (own === undefined || other === undefined) return [];
    const meaning = meaningOf(difference.measure);
    return [{ ...difference, meaning, own, other, outcome: outcomeOf(difference.difference, meaning) }];
  });
}
