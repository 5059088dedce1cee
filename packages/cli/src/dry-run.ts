/** `shardlab run --dry-run`: what would be run and why, as text, as one JSON document, or as a line for each run. */
import { costLine, type Matrix, matrixLines, reasonLines } from "./run-matrix.ts";
import type { RunFormat } from "./run-options.ts";
import type { Terminal } from "./terminal.ts";

/** Prints what the experiments would run. */
export async function printDryRun(matrices: readonly Matrix[], format: RunFormat, terminal: Terminal): Promise<void> {
  const documents = await Promise.all(matrices.map(dryRunDocument));
  if (format === "json") {
    terminal.print(JSON.stringify(documents.length === 1 ? documents[0] : documents, null, 2));
  } else if (format === "jsonl") {
    for (const { scenario, runs } of documents) {
      for (const run of runs) terminal.print(JSON.stringify({ scenario, ...run }));
    }
  } else {
    for (const matrix of matrices) {
      terminal.print(`${matrix.plan.experiment}: ${matrix.plan.scenario.question}`);
      for (const line of [...(await sweepSizeLines(matrix)), ...matrixLines(matrix)]) terminal.print(line);
      for (const line of await reasonLines(matrix)) terminal.print(line);
      terminal.print(costLine(matrix));
    }
  }
}

/** What each part of a sweep gives, where there is more than one list of arms to see in the table anyway. */
async function sweepSizeLines({ scenario: { size } }: Matrix): Promise<readonly string[]> {
  if (size.parts.length < 2 && size.conditions.length === 0) return [];
  const { sweepLines } = await import("@shardlab/scenario");
  return sweepLines(size);
}

/** The matrix as other programs read it; this shape is a promise. */
async function dryRunDocument({ plan, runs, cost, jobs, directory, measuredRuns }: Matrix) {
  const { runIdOf } = await import("@shardlab/results");
  return {
    scenario: plan.experiment,
    directory,
    modelHash: plan.modelHash,
    estimate: {
      seconds: cost.seconds,
      memoryBytes: cost.memoryBytes,
      workers: Math.min(jobs, cost.runs),
      basis: measuredRuns > 0 ? "stored-runs" : "formula",
      storedRuns: measuredRuns,
    },
    runs: runs.map(({ task: { runHash, design, arm, coordinates, seed }, state, reason }) => ({
      ...{ run: runIdOf(runHash), design, arm, coordinates, seed, state, reason },
    })),
  };
}
