import type { Assumption, DeterminismClass } from "@shardlab/contracts";
import type { FigureSpec } from "./figures.ts";
import { formatNumber } from "./text.ts";

/** What an experiment found, in one sentence. */
export interface Answer {
  /** A full sentence that answers the question, with its interval in it. */
  readonly sentence: string;
  /** How firm that is: number of seeds, level of the interval, what it does not cover. */
  readonly basis?: string;
}

/** A finding worth a paragraph, such as where ownership does not win. */
export interface Finding {
  readonly heading: string;
  readonly text: string;
  /** Particulars, one a line, below the text. */
  readonly items?: readonly string[];
}

/** A figure on the page; `id` is its file name and its anchor. */
export interface ReportFigure {
  readonly id: string;
  readonly caption: string;
  readonly spec: FigureSpec;
}

/** A number is right-aligned and formatted, text is left as it is, null is a dash. */
export type Cell = string | number | null;

/** @property group rows with the same group stand under one heading, in the order given. */
export interface ReportRow {
  readonly group?: string;
  readonly cells: readonly Cell[];
}

export interface ReportTable {
  readonly title: string;
  readonly note?: string;
  readonly columns: readonly { readonly label: string; readonly numeric: boolean }[];
  readonly rows: readonly ReportRow[];
}

/** Enough to run the experiment again. */
export interface Provenance {
  readonly experiment: string;
  readonly scenarioHash: string;
  readonly modelHash: string;
  /** Null outside a git checkout. */
  readonly commit: string | null;
  readonly dirty: boolean | null;
  readonly runs: number;
  /** Such as "1 to 20". */
  readonly seeds: string;
  readonly determinism: DeterminismClass;
  readonly node: string;
  readonly wallSeconds: number;
  /** Absent where only the clock was read. */
  readonly cpuSeconds?: number | undefined;
}

/** Everything that a report shows. All text is plain text; the page escapes it. */
export interface ReportContent {
  readonly title: string;
  readonly question: string;
  readonly expectation?: string;
  /** The paper or text behind the question. */
  readonly reference?: string;
  readonly answer: Answer;
  readonly findings: readonly Finding[];
  readonly figures: readonly ReportFigure[];
  readonly tables: readonly ReportTable[];
  readonly assumptions: readonly Assumption[];
  /** Left out where nothing was run. */
  readonly provenance?: Provenance;
}

/**
 * One measure in one arm.
 *
 * @property minimalDetectableDifference the least true difference between two arms that this many seeds would show.
 */
export interface MeasureSummary {
  readonly measure: string;
  readonly unit: string;
  readonly arm: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly minimalDetectableDifference?: number;
}

/** The table of measures: a heading for each measure with its unit, and below it one row for each arm. */
export function measureTable(title: string, measures: readonly MeasureSummary[], note?: string): ReportTable {
  const rows = measures.map(({ measure, unit, arm, mean, low, high, count, minimalDetectableDifference }) => ({
    group: unit === "" || unit === "1" ? measure : `${measure} (${unit})`,
    cells: [
      arm,
      ...[mean, low, high].map((value) => formatNumber(value, 4, "keep")),
      count,
      minimalDetectableDifference === undefined ? null : formatNumber(minimalDetectableDifference, 2),
    ],
  }));
  const numeric = ["mean", "95\u00a0% from", "to", "n", "detectable difference"].map((label) => ({
    label,
    numeric: true,
  }));
  return {
    title,
    ...(note === undefined ? {} : { note }),
    columns: [{ label: "arm", numeric: false }, ...numeric],
    rows: [...rows].sort((a, b) => firstOf(rows, a.group) - firstOf(rows, b.group)),
  };
}

const firstOf = (rows: readonly { group: string }[], group: string): number =>
  rows.findIndex((row) => row.group === group);
