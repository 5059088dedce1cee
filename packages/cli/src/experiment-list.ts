/** The experiments of a results folder as a table or as JSON. */

import { join } from "node:path";
import type { Design, ExperimentOverview } from "@shardlab/results";
import { formatQuantity } from "./number-format.ts";
import { shellQuote } from "./shell-quote.ts";
import type { Terminal } from "./terminal.ts";
import { type Alignment, formatTable } from "./text-table.ts";

const designs: readonly Design[] = ["main", "sensitivity", "frontier", "claim"];

/** From so many runs in folders of their own on, reading them is slow enough to say so. */
const manyLooseRuns = 2000;

export interface ListOptions {
  readonly out: string;
  readonly long?: boolean;
  readonly format: "table" | "json";
}

/** Prints what is stored below `out`. */
export async function listExperiments({ out, long = false, format }: ListOptions, terminal: Terminal): Promise<void> {
  const { bytesOf, overviewResults } = await import("@shardlab/results");
  const experiments = overviewResults(out);
  const bytes = (experiment: ExperimentOverview): number => bytesOf(join(out, experiment.experiment));
  if (format === "json") {
    const documents = experiments.map((one) => (long ? { ...one, bytes: bytes(one) } : one));
    terminal.print(JSON.stringify(documents, null, 2));
  }
  if (experiments.length === 0) {
    terminal.note(`no results in: ${out}`);
    terminal.note("next: shardlab run scenarios/resource-problem.yaml");
    return;
  }
  if (format === "table") {
    const rows = experiments.map((one) => [...shortRow(one), ...(long ? longRow(one, bytes(one)) : [])]);
    const header = ["experiment", ...designs, ...(long ? ["points", "arms", "seeds", "models", "size"] : [])];
    const alignments = header.map((_, column): Alignment => (column === 0 ? "left" : "right"));
    for (const line of formatTable([header, ...rows], alignments)) terminal.print(line);
  }
  for (const one of experiments) for (const line of remarks(one, out)) terminal.note(line);
  terminal.note(
    `next: shardlab sql "select experiment, count(*) as runs from runs group by all" --out ${shellQuote(out)}`,
  );
}

const shortRow = ({ experiment, runs }: ExperimentOverview): string[] => [
  experiment,
  ...designs.map((design) => String(runs[design] ?? 0)),
];

const longRow = ({ points, arms, seeds, models }: ExperimentOverview, bytes: number): string[] => [
  ...[points, arms, seeds, Object.keys(models).length].map(String),
  formatQuantity(bytes, "B"),
];

function remarks({ experiment, models, looseRuns }: ExperimentOverview, out: string): string[] {
  const lines: string[] = [];
  const versions = Object.keys(models).length;
  if (versions > 1) lines.push(`${experiment}: runs of ${versions} model versions`);
  if (looseRuns >= manyLooseRuns) {
    lines.push(
      `${experiment}: ${looseRuns} runs in folders of their own; shardlab compact ${experiment} --out ${out} makes reading fast`,
    );
  }
  return lines;
}
