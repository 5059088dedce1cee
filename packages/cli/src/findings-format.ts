/** Tells what experiments found: as text with a report, as one JSON document, or as a line for each run. */

import { findingsLines } from "./findings-text.ts";
import { betterOf } from "./measure-meaning.ts";
import { runLines } from "./run-lines.ts";
import type { Matrix } from "./run-matrix.ts";
import type { RunOptions } from "./run-options.ts";
import { shellQuote } from "./shell-quote.ts";
import type { Terminal } from "./terminal.ts";

/** Prints the findings of finished experiments in the form asked for, keeps them, and writes their reports. */
export async function writeFindings(
  matrices: readonly Matrix[],
  { format, report, out }: RunOptions,
  terminal: Terminal,
): Promise<void> {
  const { findingsDocument, recordExperiment, summarizePlan } = await import("@shardlab/experiment");
  const documents: object[] = [];
  const { compactManyRuns } = await import("./compact-results.ts");
  for (const { plan, directory } of matrices) {
    await compactManyRuns(directory, terminal);
    const summary = await summarizePlan(plan, directory, { betterOf });
    recordExperiment(directory, plan, summary);
    if (format === "text") for (const line of findingsLines(summary)) terminal.print(line);
    if (format === "json") documents.push(findingsDocument(summary));
    if (format === "jsonl") for (const line of await runLines(plan, directory)) terminal.print(line);
    if (report) {
      const { rebuildReport } = await import("./experiment-report.ts");
      const page = await rebuildReport(directory);
      if (format === "text") terminal.print(`\nreport: ${page}`);
      else terminal.note(`report: ${page}`);
    }
  }
  if (format === "json") terminal.print(JSON.stringify(documents.length === 1 ? documents[0] : documents, null, 2));
  const query = "select coordinates, name, avg(value) from measures join runs using (run) group by all";
  terminal.note(`next: shardlab sql "${query}" --out ${shellQuote(out)}`);
}
