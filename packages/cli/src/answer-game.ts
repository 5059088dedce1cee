/** The steps of `shardlab game`: check the file, measure what is to be measured, answer, tell and store. */
import { mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Execution, GamePlan } from "@shardlab/experiment";
import type { LoadedScenario } from "@shardlab/scenario";
import { gameContent } from "./game-content.ts";
import type { GameDocument } from "./game-document.ts";
import type { GameCommandOptions } from "./game-options.ts";
import { gameLines } from "./game-text.ts";
import { InputError } from "./input-error.ts";
import { createProgress } from "./progress.ts";
import { loadScenarios, readInput } from "./scenario-files.ts";
import { shellQuote } from "./shell-quote.ts";
import { exitCodes, type Terminal } from "./terminal.ts";

/** Answers the game of one file. */
export async function answerGame(file: string, options: GameCommandOptions, terminal: Terminal): Promise<void> {
  const { isGameFile } = await import("@shardlab/scenario");
  const document = isGameFile(readInput(file))
    ? await answerWritten(file, options, terminal)
    : await answerScenario(file, options, terminal);
  if (document === undefined) return;
  const { replaceFile } = await import("@shardlab/results");
  const directory = join(options.out, document.experiment);
  if (options.format === "json") terminal.print(JSON.stringify(document, null, 2));
  else for (const line of gameLines(document)) terminal.print(line);
  mkdirSync(directory, { recursive: true });
  replaceFile(join(directory, "game.json"), `${JSON.stringify(document, null, 2)}\n`);
  terminal.note(`stored: ${join(directory, "game.json")}`);
  if (!options.report) return terminal.note(`next: ${again(file, options)}`);
  const { writeReport } = await import("@shardlab/report");
  const { page } = writeReport(directory, await gameContent(document, directory));
  terminal.note(`next: open ${join(directory, page)} in a browser; it needs no network`);
}

const again = (file: string, { out, set = [] }: GameCommandOptions): string =>
  [
    `shardlab game ${shellQuote(file)}`,
    ...set.map((setting) => `--set ${shellQuote(setting)}`),
    ...(out === "results" ? [] : [`--out ${shellQuote(out)}`]),
  ].join(" ");

function tellFaults(faults: readonly string[], terminal: Terminal): undefined {
  for (const fault of faults) terminal.note(fault);
  terminal.exitWith(exitCodes.badInput);
  return undefined;
}

/** A game whose payoffs stand in the file. */
async function answerWritten(
  file: string,
  { set, seeds }: GameCommandOptions,
  terminal: Terminal,
): Promise<GameDocument | undefined> {
  const { formatFault, loadGameFile } = await import("@shardlab/scenario");
  if (seeds !== undefined) throw new InputError(`nothing to run with seeds: ${file} says its payoffs itself`);
  const loaded = loadGameFile(readInput(file), { file, ...(set && { overrides: set }) });
  if (!loaded.ok)
    return tellFaults(
      loaded.faults.map((fault) => formatFault(file, fault)),
      terminal,
    );
  const { answerFile, gameExperimentName, packagesRoot } = await import("@shardlab/experiment");
  const { modelHash } = await import("@shardlab/results");
  const { game } = loaded;
  return {
    ...{ schemaVersion: 1, experiment: gameExperimentName(game), question: game.question, expect: game.expect },
    ...(game.reference !== undefined && { reference: game.reference }),
    ...{ scenarioHash: game.hash, modelHash: modelHash(packagesRoot()), seeds: String(game.seed) },
    ...{ runs: { total: 0, made: 0, cached: 0, wallSeconds: 0 }, games: [answerFile(game)] },
  };
}

/** A game whose payoffs are measured. */
async function answerScenario(
  file: string,
  options: GameCommandOptions,
  terminal: Terminal,
): Promise<GameDocument | undefined> {
  const overrides = [...(options.set ?? []), ...(options.seeds === undefined ? [] : [`game.seeds=${options.seeds}`])];
  const { scenarios, faults } = await loadScenarios([file], overrides);
  const [loaded] = scenarios;
  if (loaded === undefined) return tellFaults(faults, terminal);
  const { scenario } = loaded;
  const { game } = scenario.resolved;
  if (game === undefined)
    throw new InputError(
      `no game: ${file} has neither payoffs nor game (expected one of them; see shardlab help game)`,
    );
  const { answerMeasured, modelHashOf, planGame } = await import("@shardlab/experiment");
  const modelHash = modelHashOf(scenario.resolved);
  const planned = planGame(scenario, modelHash);
  const started = secondsNow();
  const measured = await measure(planned, { options, terminal });
  if (measured === undefined) return undefined;
  const { first } = scenario.resolved.seeds;
  const { total, made, cached } = measured.execution;
  const effort = { draws: game.draws, starts: game.starts, seed: first };
  return {
    ...{ schemaVersion: 1, experiment: planned.plan.experiment, ...cardOf(scenario) },
    ...{ scenarioHash: scenario.hash, modelHash, seeds: `${first} to ${first + game.seeds - 1}` },
    runs: { total, made, cached, wallSeconds: secondsNow() - started },
    games: measured.games.map((one) => answerMeasured(one, effort)),
  };
}

function cardOf({ resolved }: LoadedScenario): Pick<GameDocument, "question" | "expect" | "reference"> {
  const { question, expect, reference } = resolved;
  return { question, expect, ...(reference !== undefined && { reference }) };
}

const secondsNow = (): number => performance.now() / 1000;
const failuresShown = 5;

/** The payoffs, or undefined where runs failed or a person interrupted them, which is then told. */
async function measure(
  planned: GamePlan,
  { options, terminal }: { readonly options: GameCommandOptions; readonly terminal: Terminal },
): ReturnType<typeof tryMeasure> {
  const { GameStopped } = await import("@shardlab/experiment");
  const progress = createProgress(terminal, "runs");
  terminal.note(`${planned.arms.length} games of ${planned.plan.tasks.length / planned.arms.length} runs each`);
  try {
    return await tryMeasure(planned, { options, terminal, onProgress: progress.update });
  } catch (error) {
    if (!(error instanceof GameStopped)) throw error;
    progress.finish();
    return tellStopped(error.execution, terminal);
  } finally {
    progress.finish();
  }
}

async function tryMeasure(
  planned: GamePlan,
  given: {
    readonly options: GameCommandOptions;
    readonly terminal: Terminal;
    readonly onProgress: ReturnType<typeof createProgress>["update"];
  },
) {
  const { measureGame, provenance } = await import("@shardlab/experiment");
  const measured: Awaited<ReturnType<typeof measureGame>> | undefined = await measureGame(planned, {
    directory: join(given.options.out, planned.plan.experiment),
    jobs: given.options.jobs ?? availableParallelism(),
    provenance: provenance(),
    now: secondsNow,
    signal: given.terminal.interrupted,
    onProgress: given.onProgress,
  });
  return measured as typeof measured | undefined;
}

function tellStopped({ isInterrupted, failed }: Execution, terminal: Terminal): undefined {
  if (isInterrupted) {
    terminal.note("interrupted: finished runs are stored; the same command goes on from there");
    terminal.exitWith(exitCodes.interrupted);
    return undefined;
  }
  for (const { message } of failed.slice(0, failuresShown)) terminal.note(`failed: ${message}`);
  terminal.note(`${failed.length} runs failed, so that there is no answer`);
  terminal.exitWith(exitCodes.runFailed);
  return undefined;
}
