/** Tells where a stored run came from, what it found and how to make it again. */

import type { Assumption } from "@shardlab/contracts";
import { meaningOf } from "./measure-meaning.ts";
import { formatDuration, formatQuantity } from "./number-format.ts";
import { shellQuote } from "./shell-quote.ts";
import { findStoredRun, type MeantRun } from "./stored-run.ts";
import type { Terminal } from "./terminal.ts";
import { formatTable } from "./text-table.ts";

export interface ExplainRunOptions {
  readonly out: string;
  readonly format: "text" | "json";
}

interface RunMeasure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
}

export async function explainRun(target: string, options: ExplainRunOptions, terminal: Terminal): Promise<void> {
  const meant = await findStoredRun(target, options.out);
  const measures = await measuresOf(meant);
  if (options.format === "json") {
    const { run, directory, manifest } = meant;
    terminal.print(JSON.stringify({ run, directory, ...manifest, measures }, null, 2));
  } else {
    for (const line of runLines(meant, measures)) terminal.print(line);
  }
  terminal.note(`next: shardlab replay ${meant.run} --out ${shellQuote(meant.out)}`);
}

async function measuresOf({ run, out }: MeantRun): Promise<RunMeasure[]> {
  const { openResults } = await import("@shardlab/results");
  const results = await openResults(out);
  try {
    const { rows } = await results.query(`select name, unit, value from measures where run = '${run}'`);
    return rows.map(([name, unit, value]) => ({ name: String(name), unit: String(unit), value: Number(value) }));
  } finally {
    results.close();
  }
}

function runLines({ run, directory, manifest }: MeantRun, measures: readonly RunMeasure[]): string[] {
  const { experiment, design, seed, coordinates, scenarioHash, runHash, modelHash, traceHash, phases } = manifest;
  const code = manifest.commit === null ? "outside a git checkout" : `commit ${manifest.commit.slice(0, 12)}`;
  const seconds = Object.values(phases).reduce((sum, { wallSeconds }) => sum + wallSeconds, 0);
  const facts = [
    ["experiment", experiment],
    ["design", `${design}, point ${manifest.point}`],
    ...Object.entries(coordinates).map(([path, value]) => [path, String(value)]),
    ["seed", String(seed)],
    ["scenario hash", scenarioHash],
    ["run hash", runHash],
    ["model code", modelHash],
    ["made with", `${code}${manifest.dirty ? ", with changes that are not in it" : ""}, Node.js ${manifest.node}`],
    ["took", formatDuration(seconds)],
    ["trace", `${traceHash} (${repeatability[manifest.determinism]})`],
    ["tables", manifest.tables.map(({ name, rows }) => `${name} (${rows} rows)`).join(", ")],
    ["folder", directory],
  ];
  const found = measures.map(({ name, unit, value }) => [name, formatQuantity(value, unit), meaningOf(name).label]);
  return [
    `run ${run}`,
    ...formatTable(facts, ["left", "left"]).map((line) => `  ${line}`),
    "",
    "what it found",
    ...formatTable(found, ["left", "right", "left"]).map((line) => `  ${line}`),
    "",
    "what it takes for granted",
    ...manifest.assumptions.map((assumption) => `  ${assumptionLine(assumption)}`),
  ];
}

const repeatability = {
  exact: "the same on any machine",
  "per-backend": "the same on one backend",
  measured: "measured, not repeatable",
} as const;

/** An assumption, and where it was checked. */
export const assumptionLine = ({ statement, checkedAgainst }: Assumption): string =>
  `- ${statement} ${checkedAgainst === undefined ? "Not checked." : `Checked: ${checkedAgainst}.`}`;
