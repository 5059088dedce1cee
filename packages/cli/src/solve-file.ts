/** The steps of `shardlab solve`: check the file and the question, search, tell and store the answer. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Solution, SolveOptions, SolveQuestion } from "@shardlab/experiment";
import type { LoadedScenario } from "@shardlab/scenario";
import { figureFile, writeFigure } from "./figure-file.ts";
import { InputError } from "./input-error.ts";
import { createProgress } from "./progress.ts";
import { loadScenarios } from "./scenario-files.ts";
import { type Notation, notationAt } from "./scenario-notation.ts";
import { crossingFigure } from "./solve-figure.ts";
import type { SolveCommandOptions } from "./solve-options.ts";
import { solveRange } from "./solve-range.ts";
import { solutionLines } from "./solve-text.ts";
import { exitCodes, type Terminal } from "./terminal.ts";

/** Seeds that a search begins with, where it may use more. */
const firstSeeds = 10;

/** Answers the question about one scenario file. */
export async function solveFile(file: string, options: SolveCommandOptions, terminal: Terminal): Promise<void> {
  const overrides = [...(options.set ?? []), ...(options.seeds === undefined ? [] : [`seeds.count=${options.seeds}`])];
  const { scenarios, faults } = await loadScenarios([file], overrides);
  const [loaded] = scenarios;
  if (loaded === undefined) {
    for (const fault of faults) terminal.note(fault);
    terminal.exitWith(exitCodes.badInput);
    return;
  }
  const figure = options.figure === undefined ? undefined : figureFile(options.figure);
  const { isSwarm, scenarioJsonSchema } = await import("@shardlab/scenario");
  if (isSwarm(loaded.scenario.resolved)) {
    throw new InputError(`nothing to solve: ${file} (expected a scenario of the economy; sweep a swarm instead)`);
  }
  const notation = notationAt(scenarioJsonSchema(), options.over);
  const question = questionOf(loaded.scenario, options, notation);
  const { solveExperimentName, storeSolution } = await import("@shardlab/experiment");
  const directory = join(options.out, solveExperimentName(loaded.scenario));
  terminal.note(`searching ${options.over} from ${notation.write(question.low)} to ${notation.write(question.high)}`);
  const solution = await search(loaded.scenario, question, { options, directory, terminal });
  if (solution === undefined) return;
  const stored = storeSolution(directory, solution);
  if (options.format === "json") terminal.print(JSON.stringify(solution, null, 2));
  else for (const line of solutionLines(solution, notation)) terminal.print(line);
  terminal.note(`stored: ${stored}`);
  if (figure !== undefined) {
    await writeFigure(figure, crossingFigure(solution, notation));
    terminal.note(`figure: ${figure.path}`);
  }
  terminal.note(`next: ${nextCommand(file, solution, notation)}`);
}

function questionOf(
  { resolved, ...loaded }: LoadedScenario,
  options: SolveCommandOptions,
  notation: Notation,
): SolveQuestion {
  const most = resolved.seeds.count;
  return {
    relation: options.for,
    path: options.over,
    ...solveRange({ resolved, ...loaded }, options, notation),
    gridPoints: options.points,
    seeds: { first: Math.min(firstSeeds, most), most },
    intervalTarget: options.ciTarget,
    mostRuns: options.maxRuns,
  };
}

interface Search {
  readonly options: SolveCommandOptions;
  readonly directory: string;
  readonly terminal: Terminal;
}

const failuresShown = 5;

/** The answer, or undefined where runs failed or a person interrupted them, which is then told. */
async function search(
  loaded: LoadedScenario,
  question: SolveQuestion,
  { options, directory, terminal }: Search,
): Promise<Solution | undefined> {
  const { expectedSeconds, packagesRoot, provenance, SolveStopped, solveScenario } = await import(
    "@shardlab/experiment"
  );
  const { modelHash } = await import("@shardlab/results");
  const progress = createProgress(terminal, "runs");
  try {
    return await solveScenario(loaded, question, {
      directory,
      jobs: options.jobs ?? availableParallelism(),
      ...backendFor(expectedSeconds(loaded.resolved)),
      provenance: provenance(),
      modelHash: modelHash(packagesRoot()),
      now: secondsNow,
      signal: terminal.interrupted,
      onProgress: timed(progress.update),
    });
  } catch (error) {
    if (!(error instanceof SolveStopped)) throw error;
    progress.finish();
    const { execution } = error;
    if (execution.isInterrupted) {
      terminal.note("interrupted: finished runs are stored; the same command goes on from there");
      terminal.exitWith(exitCodes.interrupted);
      return undefined;
    }
    for (const { message } of execution.failed.slice(0, failuresShown)) terminal.note(`failed: ${message}`);
    terminal.note(`${execution.failed.length} runs failed, so that there is no answer`);
    terminal.exitWith(exitCodes.runFailed);
    return undefined;
  } finally {
    progress.finish();
  }
}

const secondsNow = (): number => performance.now() / 1000;

/** A search makes few runs at a time; where each is quicker than a thread starts, threads cost more than they give. */
const quickRunSeconds = 0.03;
const backendFor = (seconds: number): Pick<SolveOptions, "backend"> =>
  seconds < quickRunSeconds ? { backend: "in-process" } : {};

/** Adds the time left to what a search tells: what is expected, at the speed so far. */
function timed(update: (state: { done: number; total: number; secondsLeft: number }) => void) {
  const start = secondsNow();
  return (done: number, expected: number): void => {
    const speed = done / Math.max(1e-3, secondsNow() - start);
    update({ done, total: expected, secondsLeft: done === 0 ? Number.NaN : (expected - done) / speed });
  };
}

const quoted = (text: string): string => (/^[\w./*=:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** Runs the scenario at the value found, or looks closer where nothing was. */
function nextCommand(file: string, { value, question, crossings }: Solution, notation: Notation): string {
  if (value !== null) {
    const at = `${question.path}=${notation.write(value).replace("−", "-").replaceAll(",", "")}`;
    return `shardlab run ${file} --set ${quoted(at)}`;
  }
  const hint =
    crossings.length > 1
      ? "the same with --from and --to around one crossing"
      : "the same with another --from and --to";
  return hint;
}
