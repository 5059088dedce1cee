/** The steps of `shardlab run`: check every file, say what will be run, run it, tell what was found. */
import { printDryRun } from "./dry-run.ts";
import { executeMatrix, type Running } from "./execute-matrix.ts";
import { writeFindings } from "./findings-format.ts";
import { InputError } from "./input-error.ts";
import { type Matrix, type MatrixSources, matrixOf } from "./run-matrix.ts";
import { precisionTarget, type RunOptions, runLimits } from "./run-options.ts";
import { loadScenarios, type ScenarioFile } from "./scenario-files.ts";
import { refuseUnknownMeasures, runSeedRounds } from "./seed-rounds.ts";
import { shellQuote } from "./shell-quote.ts";
import { exitCodes, type Terminal } from "./terminal.ts";

/** Runs the experiments of all files, one after the other. Nothing runs when any file has a fault. */
export async function runExperiments(files: readonly string[], options: RunOptions, terminal: Terminal): Promise<void> {
  const limits = await runLimits(options);
  if (options.ciTarget !== undefined) precisionTarget(options.ciTarget);
  else if (options.ciMeasure ?? options.maxSeeds) {
    throw new InputError(
      `${options.ciMeasure ? "--ci-measure" : "--max-seeds"}: nothing to aim at (expected --ci-target, too)`,
    );
  }
  const overrides = [...(options.set ?? []), ...(options.seeds === undefined ? [] : [`seeds.count=${options.seeds}`])];
  const { scenarios, faults } = await loadScenarios(files, overrides);
  if (faults.length > 0) {
    for (const fault of faults) terminal.note(fault);
    terminal.exitWith(exitCodes.badInput);
    return;
  }
  refuseEqualNames(scenarios);
  refuseMissingParts(scenarios, options);
  for (const { scenario } of scenarios) await refuseUnknownMeasures(scenario, options);
  const { out, jobs, only } = options;
  const sources = scenarios.map((loaded): MatrixSources => ({ ...loaded, overrides, out, jobs, designs: only }));
  if (options.dryRun) {
    await printDryRun(await Promise.all(sources.map(matrixOf)), options.format, terminal);
    const same = process.argv.slice(2).filter((word) => word !== "--dry-run");
    terminal.note(`next: shardlab ${same.map(shellQuote).join(" ")}`);
    return;
  }
  const finished: Matrix[] = [];
  for (const source of sources) {
    const matrix = await runOne(source, { options, limits, terminal });
    if (matrix === undefined) return;
    finished.push(matrix);
  }
  await writeFindings(finished, options, terminal);
}

/** `--only` names what a scenario has. */
function refuseMissingParts(scenarios: readonly ScenarioFile[], { only = [] }: RunOptions): void {
  for (const { file, scenario } of scenarios) {
    const { sensitivity, frontier, claim } = scenario.resolved;
    const analyses = { sensitivity, frontier, claim };
    const parts = ["main", ...Object.entries(analyses).flatMap(([name, analysis]) => (analysis ? [name] : []))];
    const missing = only.find((part) => !parts.includes(part));
    if (missing !== undefined) throw new InputError(`--only: ${file} has no ${missing} (it has ${parts.join(", ")})`);
  }
}

/** Runs one experiment; undefined when it was broken off, or none of its runs succeeded. */
async function runOne(
  sources: MatrixSources,
  running: Running & { readonly options: RunOptions },
): Promise<Matrix | undefined> {
  const { options, terminal } = running;
  const { scenario } = sources;
  terminal.note(`${scenario.name}: ${scenario.resolved.question}`);
  const run = (matrix: Matrix): Promise<boolean> => executeMatrix(matrix, running);
  const { ciTarget } = options;
  if (ciTarget === undefined) {
    const matrix = await matrixOf(sources);
    return (await run(matrix)) ? matrix : undefined;
  }
  const matrix = await runSeedRounds({ sources, options: { ...options, ciTarget }, terminal, execute: run });
  if (matrix === undefined) return undefined;
  // The rounds made the main design; the analyses, which have seeds of their own, come after it.
  const isComplete = matrix.runs.every(({ task, state }) => task.design === "main" || state === "cached");
  return isComplete || (await run(matrix)) ? matrix : undefined;
}

/** Experiments are stored under the name of their file. */
function refuseEqualNames(scenarios: readonly ScenarioFile[]): void {
  const seen = new Map<string, string>();
  for (const { file, scenario } of scenarios) {
    const other = seen.get(scenario.name);
    if (other !== undefined)
      throw new InputError(`two scenarios of one name: ${other} and ${file} (expected different file names)`);
    seen.set(scenario.name, file);
  }
}
