import type { Estimate } from "@shardlab/experiment/interval";
import type { PairedDifference } from "@shardlab/experiment/paired";
import { type MeasureMeaning, meaningOf } from "./measure-meaning.ts";

/** @property values one per seed, in the order of the seeds. */
export interface MeasuredEstimate extends Estimate {
  readonly unit: string;
  readonly values: readonly number[];
}

/** One arm: its label, and each measure over its seeds. */
export interface ArmResult {
  readonly arm: string;
  readonly measures: Readonly<Record<string, MeasuredEstimate>>;
}

/** The challenger minus another arm, in one measure, over the seeds that both have. */
export interface Contrast {
  readonly measure: string;
  readonly against: string;
  readonly difference: PairedDifference;
}

export type Outcome = "better" | "worse" | "different" | "level" | "unknown";

/** What a contrast says of the challenger. */
export interface Verdict extends Contrast {
  readonly meaning: MeasureMeaning;
  readonly unit: string;
  readonly own: number;
  readonly other: number;
  readonly outcome: Outcome;
}

/** What is compared, from the challenger's side. */
export interface Comparison {
  readonly challenger: string;
  readonly arms: readonly ArmResult[];
  readonly contrasts: readonly Contrast[];
}

function outcomeOf({ verdict }: PairedDifference, { better }: MeasureMeaning): Outcome {
  if (verdict === "no power") return "unknown";
  if (verdict === "no difference") return "level";
  if (better === undefined) return "different";
  return verdict === better ? "better" : "worse";
}

/** Every contrast judged, in the order given; contrasts with values missing on a side are left out. */
export function judge({ challenger, arms, contrasts }: Comparison): Verdict[] {
  const estimate = (arm: string, measure: string): MeasuredEstimate | undefined =>
    arms.find((candidate) => candidate.arm === arm)?.measures[measure];
  return contrasts.flatMap((contrast) => {
    const own = estimate(challenger, contrast.measure);
    const other = estimate(contrast.against, contrast.measure);
    if (own === undefined || other === undefined) return [];
    const meaning = meaningOf(contrast.measure);
    const outcome = outcomeOf(contrast.difference, meaning);
    return [{ ...contrast, meaning, unit: own.unit, own: own.mean, other: other.mean, outcome }];
  });
}
