/** The steps of `shardlab run`: check every file, say what will be run, run it, tell what was found. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Execution } from "@shardlab/experiment";
import { writeFindings } from "./findings-format.ts";
import { InputError } from "./input-error.ts";
import { createProgress } from "./progress.ts";
import { packagesRoot, provenance } from "./provenance.ts";
import { costLine, type Matrix, matrixLines } from "./run-matrix.ts";
import type { RunOptions } from "./run-options.ts";
import { loadScenarios, type ScenarioFile } from "./scenario-files.ts";
import { exitCodes, type Terminal } from "./terminal.ts";

/** Runs the experiments of all files, one after the other. Nothing runs when any file has a fault. */
export async function runExperiments(files: readonly string[], options: RunOptions, terminal: Terminal): Promise<void> {
  const overrides = [...(options.set ?? []), ...(options.seeds === undefined ? [] : [`seeds.count=${options.seeds}`])];
  const { scenarios, faults } = await loadScenarios(files, overrides);
  if (faults.length > 0) {
    for (const fault of faults) terminal.note(fault);
    terminal.exitWith(exitCodes.badInput);
    return;
  }
  refuseEqualNames(scenarios);
  const matrices: Matrix[] = [];
  for (const loaded of scenarios) matrices.push(await matrixOf(loaded, overrides, options));
  if (options.dryRun) {
    for (const matrix of matrices) printMatrix(matrix, terminal);
    terminal.note(`next: shardlab run ${files.join(" ")}`);
    return;
  }
  const finished: Matrix[] = [];
  for (const matrix of matrices) {
    const execution = await execute(matrix, terminal);
    if (!report(execution, terminal)) return;
    finished.push(matrix);
  }
  await writeFindings(finished, options, terminal);
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

async function matrixOf(
  { file, scenario }: ScenarioFile,
  overrides: readonly string[],
  options: RunOptions,
): Promise<Matrix> {
  const { estimateCost, planExperiment } = await import("@shardlab/experiment");
  const { findRun, modelHash } = await import("@shardlab/results");
  const plan = planExperiment(scenario, {
    modelHash: modelHash(packagesRoot()),
    ...(options.only && { designs: options.only }),
  });
  const directory = join(options.out, plan.experiment);
  const isStored = ({ runHash }: { runHash: string }): boolean => findRun(directory, runHash) !== undefined;
  const stored = new Set(plan.tasks.filter(isStored).map(({ runHash }) => runHash));
  const jobs = options.jobs ?? availableParallelism();
  const left = plan.tasks.filter(({ runHash }) => !stored.has(runHash));
  return { file, overrides, plan, stored, jobs, directory, cost: estimateCost(left, jobs) };
}

function printMatrix(matrix: Matrix, terminal: Terminal): void {
  terminal.print(`${matrix.plan.experiment}: ${matrix.plan.scenario.question}`);
  for (const line of matrixLines(matrix)) terminal.print(line);
  terminal.print(costLine(matrix));
}

const shellQuote = (text: string): string => (/^[\w./=:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

async function execute(matrix: Matrix, terminal: Terminal): Promise<Execution> {
  const { plan, directory, jobs } = matrix;
  terminal.note(`${plan.experiment}: ${plan.scenario.question}`);
  terminal.note(costLine(matrix));
  const { executePlan } = await import("@shardlab/experiment");
  const progress = createProgress(terminal, "runs");
  try {
    return await executePlan(plan, {
      directory,
      jobs,
      provenance: provenance(),
      now: () => performance.now() / 1000,
      replayCommand: ({ seed }) => replayCommand(matrix, seed),
      onProgress: progress.update,
      signal: terminal.interrupted,
    });
  } finally {
    progress.finish();
  }
}

/** The command that makes the runs of one seed again, apart from the stored results. */
function replayCommand({ file, overrides }: Matrix, seed: number): string {
  const settings = [...overrides, `seeds.first=${seed}`].flatMap((override) => ["--set", override]);
  return ["shardlab", "run", file, ...settings, "--seeds", "1", "--out", "replay"].map(shellQuote).join(" ");
}

const failuresShown = 5;

/** Says how the runs went; false when there is nothing to tell of them. */
function report({ total, made, cached, failed, isInterrupted }: Execution, terminal: Terminal): boolean {
  if (isInterrupted) {
    terminal.note(`interrupted: ${made + cached} of ${total} runs are stored; the same command goes on from there`);
    terminal.exitWith(exitCodes.interrupted);
    return false;
  }
  for (const { message } of failed.slice(0, failuresShown)) terminal.note(`failed: ${message}`);
  if (failed.length > 0) {
    const more = failed.length > failuresShown ? ` (the first ${failuresShown} are shown)` : "";
    terminal.note(`${failed.length} of ${total} runs failed${more}`);
    terminal.exitWith(exitCodes.runFailed);
  }
  return failed.length < total;
}
