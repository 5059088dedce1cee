/** Tells what experiments found: as text with a report, as one JSON document, or as a line for each run. */
import { type Findings, gatherFindings } from "./findings.ts";
import { findingsLines } from "./findings-text.ts";
import { runLines } from "./run-lines.ts";
import type { Matrix } from "./run-matrix.ts";
import type { RunOptions } from "./run-options.ts";
import type { Terminal } from "./terminal.ts";

/** The findings as other programs read them; this shape is a promise. */
const findingsDocument = ({ experiment, scenarioHash, arms }: Findings): object => ({
  scenario: experiment,
  hash: scenarioHash,
  points: arms.map(({ coordinates, seeds, measures }) => ({
    sweep: coordinates,
    seeds,
    measures: Object.fromEntries(
      Object.entries(measures).map(([name, { mean, ci95, n, mdd, unit }]) => [name, { mean, ci95, n, mdd, unit }]),
    ),
  })),
});

/** Prints the findings of finished experiments in the form asked for, and writes their reports. */
export async function writeFindings(
  matrices: readonly Matrix[],
  options: RunOptions,
  terminal: Terminal,
): Promise<void> {
  const documents: object[] = [];
  for (const { plan, directory } of matrices) {
    const findings = await gatherFindings(plan, directory);
    if (options.format === "text") for (const line of findingsLines(findings)) terminal.print(line);
    if (options.format === "json") documents.push(findingsDocument(findings));
    if (options.format === "jsonl") for (const line of await runLines(plan, directory)) terminal.print(line);
    if (options.report) {
      const { keepExperiment, rebuildReport } = await import("./experiment-report.ts");
      await keepExperiment(plan, findings, directory);
      const page = await rebuildReport(directory);
      if (options.format === "text") terminal.print(`\nreport: ${page}`);
      else terminal.note(`report: ${page}`);
    }
  }
  if (options.format === "json")
    terminal.print(JSON.stringify(documents.length === 1 ? documents[0] : documents, null, 2));
  terminal.note(
    `next: shardlab sql "select coordinates, name, avg(value) from measures join runs using (run) group by all" --out ${options.out}`,
  );
}
