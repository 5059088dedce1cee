/** Makes the runs of a plan that are left, with progress, and says how they went. */
import type { RunLimits } from "@shardlab/experiment";
import { failureTeller, reportExecution, waitLine } from "./execution-report.ts";
import { createProgress } from "./progress.ts";
import { costLine, type Matrix, reasonLines } from "./run-matrix.ts";
import type { RunOptions } from "./run-options.ts";
import { watchRuns } from "./run-watch.ts";
import { shellQuote } from "./shell-quote.ts";
import type { Terminal } from "./terminal.ts";

/** What runs are made with. */
export interface Running {
  readonly options: Pick<RunOptions, "format" | "failFast">;
  readonly limits: RunLimits;
  readonly terminal: Terminal;
}

/** Makes the runs that are left, and says how they went; false when there is nothing more to tell of them. */
export async function executeMatrix(matrix: Matrix, { options, limits, terminal }: Running): Promise<boolean> {
  const { plan, runs, directory, jobs, secondsOf } = matrix;
  for (const line of await reasonLines(matrix)) terminal.note(line);
  terminal.note(costLine(matrix));
  const { executePlan, provenance } = await import("@shardlab/experiment");
  const progress = createProgress(terminal, "runs");
  const reasons = new Map(runs.map(({ task, reason }) => [task, reason]));
  try {
    const execution = await executePlan(plan, {
      ...{ directory, jobs, limits, provenance: provenance() },
      now: () => performance.now() / 1000,
      log: { command: process.argv.slice(2), timestamp: () => new Date().toISOString() },
      replayCommand: ({ seed }) => replayCommand(matrix, seed),
      reasonOf: (task) => reasons.get(task) || "not in the results",
      ...(secondsOf && { secondsOf }),
      onProgress: progress.update,
      onTask: failureTeller(terminal),
      onRunProgress: watchRuns(terminal, options.format),
      onWait: (foreign) => terminal.note(waitLine(foreign)),
      signal: terminal.interrupted,
      failFast: options.failFast ?? false,
    });
    return reportExecution(execution, directory, terminal);
  } finally {
    progress.finish();
  }
}

/** The command that makes the runs of one seed again, apart from the stored results. */
function replayCommand({ file, overrides }: Matrix, seed: number): string {
  const settings = [...overrides, `seeds.first=${seed}`].flatMap((override) => ["--set", override]);
  return ["shardlab", "run", file, ...settings, "--seeds", "1", "--out", "replay"].map(shellQuote).join(" ");
}
