/** `shardlab compare`: every measure of every pair of arms, judged together. */
import { alternatives } from "@shardlab/contracts";
import type { Coordinate } from "@shardlab/results";
import { type ComparisonVerdict, compareSamples, intervalOf, type SampleComparison, verdictOf } from "./compare.ts";
import { type SettingDifference, settingDifferences } from "./compare-settings.ts";
import type { MatchedArms, StoredExperiment } from "./compare-sides.ts";
import { ExperimentError } from "./experiment-error.ts";
import { confidence, type Limits } from "./interval.ts";
import { adjustPValues, type Correction } from "./multiple-comparisons.ts";

/**
 * One measure of one pair of arms.
 *
 * @property at sweep coordinates that the arms share, where several pairs are compared.
 * @property adjustedP p-value corrected for all rows of the report; null where nothing is tested.
 * @property simultaneous95 intervals that hold together with 95 % (Bonferroni over the rows that are tested).
 */
export interface ComparisonRow extends SampleComparison {
  readonly measure: string;
  readonly unit: string;
  readonly leftArm: string;
  readonly rightArm: string;
  readonly at: Readonly<Record<string, Coordinate>>;
  readonly adjustedP: number | null;
  readonly simultaneous95: Limits | null;
  readonly verdict: ComparisonVerdict;
}

/** A measure of a pair that could not be compared, and why. */
export interface SkippedMeasure {
  readonly measure: string;
  readonly arms: string;
  readonly reason: string;
}

/**
 * @property tested how many rows have a p-value; the correction is over these.
 * @property settings what differs between the scenarios, over all pairs: a path that takes several values shows the first.
 */
export interface ComparisonReport {
  readonly correction: Correction;
  readonly tested: number;
  readonly modelHashes: { readonly left: string; readonly right: string };
  readonly settings: readonly SettingDifference[];
  readonly rows: readonly ComparisonRow[];
  readonly skipped: readonly SkippedMeasure[];
  readonly onlyLeft: readonly string[];
  readonly onlyRight: readonly string[];
}

export interface ComparisonOptions {
  readonly correction: Correction;
  /** Names of measures, all of which have to exist on one side at least. */
  readonly measures: readonly string[];
}

/** The measures of both sides, in the order in which runs give them. */
export function measuresOfBoth(left: StoredExperiment, right: StoredExperiment): string[] {
  return [...new Set([...left.units.keys(), ...right.units.keys()])];
}

/**
 * Compares matched arms in each measure.
 *
 * @throws ExperimentError `unknown measure` with those there are; `nothing to compare` where no arms meet.
 */
export function compareExperiments(
  left: StoredExperiment,
  right: StoredExperiment,
  { pairs, onlyLeft, onlyRight }: MatchedArms,
  { correction, measures }: ComparisonOptions,
): ComparisonReport {
  const known = measuresOfBoth(left, right);
  for (const name of measures) {
    if (!known.includes(name)) throw new ExperimentError(`unknown measure: ${name}${alternatives(name, known)}`);
  }
  if (pairs.length === 0) {
    throw new ExperimentError(
      `nothing to compare: no sweep point of one side is also on the other (left: ${onlyLeft.join("; ")}; right: ${onlyRight.join("; ")})`,
    );
  }
  const rows: DraftRow[] = [];
  const skipped: SkippedMeasure[] = [];
  for (const pair of pairs) {
    for (const measure of measures) {
      const row = draftRow({ left, right, measure, ...{ leftArm: pair.left.label, rightArm: pair.right.label } });
      if ("reason" in row) skipped.push(row);
      else rows.push({ ...row, at: pairs.length > 1 ? pair.at : {} });
    }
  }
  return {
    correction,
    tested: rows.filter(({ pValue }) => pValue !== null).length,
    modelHashes: { left: left.design.modelHash, right: right.design.modelHash },
    settings: settingsOf(left, right, pairs),
    rows: judge(rows, correction),
    ...{ skipped, onlyLeft, onlyRight },
  };
}

type DraftRow = Omit<ComparisonRow, "adjustedP" | "simultaneous95" | "verdict">;

interface DraftPlace {
  readonly left: StoredExperiment;
  readonly right: StoredExperiment;
  readonly measure: string;
  readonly leftArm: string;
  readonly rightArm: string;
}

function draftRow({ left, right, measure, leftArm, rightArm }: DraftPlace): Omit<DraftRow, "at"> | SkippedMeasure {
  const skip = (reason: string): SkippedMeasure => ({ measure, arms: `${leftArm} and ${rightArm}`, reason });
  const [ours, theirs] = [left.units.get(measure), right.units.get(measure)];
  if (ours === undefined || theirs === undefined) {
    return skip(`only ${ours === undefined ? right.name : left.name} has it`);
  }
  if (ours !== theirs) return skip(`its units differ: ${ours || "none"} and ${theirs || "none"}`);
  const sides = [left.bySeed(leftArm, measure), right.bySeed(rightArm, measure)] as const;
  const compared = compareSamples(...sides);
  if (!compared) {
    const empty = sides[0].size === 0 ? leftArm : rightArm;
    return skip(`it has no finite value in any run of ${empty}`);
  }
  const absent = [
    [leftArm, left.seedsOf(leftArm).length, sides[0].size] as const,
    [rightArm, right.seedsOf(rightArm).length, sides[1].size] as const,
  ].flatMap(([arm, runs, values]) =>
    values < runs ? [`no value in ${runs - values} of ${runs} runs of ${arm}, which are left out`] : [],
  );
  return { measure, unit: ours, leftArm, rightArm, ...compared, cautions: [...absent, ...compared.cautions] };
}

function judge(rows: readonly DraftRow[], correction: Correction): ComparisonRow[] {
  const tested = rows.filter(({ pValue }) => pValue !== null);
  const adjusted = adjustPValues(
    tested.map(({ pValue }) => pValue as number),
    correction,
  );
  const adjustedOf = new Map(tested.map((row, index) => [row, adjusted[index]]));
  const level = 1 - (1 - confidence) / Math.max(1, tested.length);
  return rows.map((row) => {
    const adjustedP = adjustedOf.get(row) ?? null;
    return { ...row, adjustedP, simultaneous95: intervalOf(row, level), verdict: verdictOf(row, adjustedP) };
  });
}

function settingsOf(left: StoredExperiment, right: StoredExperiment, pairs: MatchedArms["pairs"]): SettingDifference[] {
  const found = new Map<string, SettingDifference>();
  for (const pair of pairs) {
    const [ours, theirs] = [left.scenarioOf(pair.left.label), right.scenarioOf(pair.right.label)];
    if (ours === undefined || theirs === undefined) continue;
    for (const setting of settingDifferences(ours, theirs)) {
      if (!found.has(setting.path)) found.set(setting.path, setting);
    }
  }
  return [...found.values()];
}
