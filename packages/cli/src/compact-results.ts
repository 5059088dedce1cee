/** Puts the runs of experiments together, and says how it went. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Compaction, CompactOptions } from "@shardlab/results";
import { InputError } from "./input-error.ts";
import { createProgress } from "./progress.ts";
import { shellQuote } from "./shell-quote.ts";
import { exitCodes, type Terminal } from "./terminal.ts";

/** From so many runs in folders of their own on, `shardlab run` puts them together. */
const manyLooseRuns = 500;

/** Runs that cannot be read are named up to this number. */
const leftShown = 5;

async function compactOne(directory: string, terminal: Terminal, options: CompactOptions = {}): Promise<Compaction> {
  const { compactExperiment } = await import("@shardlab/results");
  const progress = createProgress(terminal, "runs put together");
  const start = performance.now();
  try {
    return await compactExperiment(directory, {
      ...options,
      signal: terminal.interrupted,
      onProgress: ({ done, total }) => {
        const seconds = (performance.now() - start) / 1000;
        progress.update({ done, total, secondsLeft: (seconds / done) * (total - done) });
      },
    });
  } finally {
    progress.finish();
  }
}

function noteLeft(experiment: string, { left }: Compaction, terminal: Terminal): void {
  for (const { run, reason } of left.slice(0, leftShown))
    terminal.note(`${experiment}: left ${run} as it is: ${reason}`);
  if (left.length > leftShown) terminal.note(`${experiment}: left ${left.length} runs as they are`);
}

/** Puts an experiment's runs together where there are many, so that what reads them next is fast. */
export async function compactManyRuns(directory: string, terminal: Terminal): Promise<void> {
  const compaction = await compactOne(directory, terminal, { minimumRuns: manyLooseRuns });
  noteLeft(directory, compaction, terminal);
}

/**
 * Puts together the runs of the named experiments below `out`, or of all.
 *
 * @throws InputError when there is no experiment of that name.
 */
export async function compactResults(names: readonly string[], out: string, terminal: Terminal): Promise<void> {
  const { overviewResults } = await import("@shardlab/results");
  for (const name of names) {
    if (existsSync(join(out, name))) continue;
    const known = overviewResults(out).map(({ experiment }) => experiment);
    throw new InputError(`unknown experiment: ${name} (expected one of ${known.join(", ") || "none"} in ${out})`);
  }
  const experiments = names.length > 0 ? names : overviewResults(out).map(({ experiment }) => experiment);
  if (experiments.length === 0) terminal.note(`no results in: ${out}`);
  for (const experiment of experiments) {
    const compaction = await compactOne(join(out, experiment), terminal);
    const { runs, segments, merged, left } = compaction;
    const into = segments === 1 ? "a segment" : `${segments} segments`;
    const others = merged === 0 ? "" : `, with the runs of ${merged} smaller`;
    const done = runs === 0 ? "nothing to put together" : `${runs} runs put together in ${into}${others}`;
    terminal.print(`${experiment}: ${done}`);
    noteLeft(experiment, compaction, terminal);
    if (left.length > 0) terminal.exitWith(exitCodes.runFailed);
    if (terminal.interrupted.aborted) {
      terminal.note("interrupted: what is put together stays; the same command goes on from there");
      terminal.exitWith(exitCodes.interrupted);
      return;
    }
  }
  terminal.note(`next: shardlab list --long --out ${shellQuote(out)}`);
}
