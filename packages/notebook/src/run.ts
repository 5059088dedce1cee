/** Runs a scenario from a cell, and hands its results back. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import {
  type ExperimentSummary,
  executePlan,
  type MeasureEstimate,
  modelHashOf,
  planExperiment,
  provenance,
  recordExperiment,
  summarizePlan,
} from "@shardlab/experiment";
import { openResults, type QueryValue } from "@shardlab/results";
import { NotebookError, type NotebookScenario } from "./scenario.ts";

export interface RunOptions {
  /** Folder of results; `results` beside the notebook unless given. */
  readonly out?: string;
  /** Runs at the same time; every core unless given. */
  readonly jobs?: number;
  /** Told now and then how far the runs are; prints a line every few seconds unless given. */
  readonly onProgress?: (line: string) => void;
  /** Makes the runs in this thread, which blocks the notebook; on worker threads unless given. */
  readonly inProcess?: boolean;
}

/** One row of a query's answer, by column. */
export type Row = Readonly<Record<string, QueryValue>>;

/**
 * An experiment whose runs are stored.
 *
 * @property made, cached how many runs this call made, and how many were there before.
 */
export interface FinishedExperiment {
  readonly name: string;
  readonly out: string;
  readonly directory: string;
  readonly made: number;
  readonly cached: number;
  readonly arms: readonly string[];
  readonly measures: readonly string[];
  readonly summary: ExperimentSummary;
  /** Mean, interval and single values of a measure in an arm. @throws NotebookError for a name that is not there. */
  estimate(measure: string, arm?: string): MeasureEstimate;
  /** Rows of a query in DuckDB's SQL over everything in the folder of results, as `shardlab sql` sees it. */
  sql(query: string): Promise<Row[]>;
}

const secondsBetweenLines = 5;
const secondsNow = (): number => performance.now() / 1000;

/**
 * Makes the runs of the main design that are not stored yet, every arm with every seed, and summarises them.
 *
 * @throws NotebookError when runs fail; those that did not are stored.
 */
export async function runScenario(scenario: NotebookScenario, options: RunOptions = {}): Promise<FinishedExperiment> {
  const { out = "results", jobs = availableParallelism(), onProgress = console.log, inProcess = false } = options;
  const plan = planExperiment(scenario.loaded, { modelHash: modelHashOf(scenario.loaded.resolved), designs: ["main"] });
  const directory = join(out, plan.experiment);
  let lastLine = secondsNow();
  const execution = await executePlan(plan, {
    directory,
    jobs,
    provenance: provenance(),
    now: secondsNow,
    ...(inProcess && { backend: "in-process" as const }),
    onProgress: ({ done, total, secondsLeft }) => {
      if (secondsNow() - lastLine < secondsBetweenLines) return;
      lastLine = secondsNow();
      onProgress(`${done} of ${total} runs, about ${Math.ceil(secondsLeft)} s left`);
    },
  });
  const [failure] = execution.failed;
  if (failure)
    throw new NotebookError(`${execution.failed.length} of ${execution.total} runs failed: ${failure.message}`);
  const summary = await summarizePlan(plan, directory);
  recordExperiment(directory, plan, summary);
  const { made, cached } = execution;
  return finished(summary, { name: plan.experiment, out, directory, made, cached });
}

type Stored = Pick<FinishedExperiment, "name" | "out" | "directory" | "made" | "cached">;

function finished(summary: ExperimentSummary, stored: Stored): FinishedExperiment {
  const arms = summary.points.map(({ arm }) => arm);
  return {
    ...stored,
    arms,
    measures: summary.measures,
    summary,
    estimate: (measure, arm = arms[0]) => {
      const point = summary.points.find((candidate) => candidate.arm === arm);
      if (!point) throw new NotebookError(`no such arm: ${arm} (expected one of ${arms.join(", ")})`);
      const estimate = point.measures[measure];
      if (estimate) return estimate;
      throw new NotebookError(
        `no such measure: ${measure} (expected one of ${Object.keys(point.measures).join(", ")})`,
      );
    },
    sql: (query) => sql(query, stored.out),
  };
}

/**
 * Rows of a query over a folder of results: `runs` has a row for each run, and every kind of table is a view.
 *
 * @throws ResultsError with DuckDB's complaint, or when the folder holds no results.
 */
export async function sql(query: string, out = "results"): Promise<Row[]> {
  const results = await openResults(out);
  try {
    const { columns, rows } = await results.query(query);
    return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])));
  } finally {
    results.close();
  }
}
