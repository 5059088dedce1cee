/** Entry point of the `shardlab` command. */
import { CommanderError } from "commander";
import { InputError } from "./input-error.ts";
import { createProgram } from "./program.ts";
import { exitCodes, processTerminal, type Terminal } from "./terminal.ts";

/** Errors that packages raise for a person to act on; told apart by name, so that no package is loaded for it. */
const actionable = new Set([
  "ResultsError",
  "ScenarioError",
  "ExperimentError",
  "ExpressionError",
  "ReportError",
  "PluginError",
  "BackendError",
]);

/** Whether `error` says what the person should do, rather than what we did wrong. */
const isForPerson = (error: unknown): error is Error =>
  error instanceof InputError || (error instanceof Error && actionable.has(error.name));

function report(error: unknown, terminal: Terminal): void {
  if (error instanceof CommanderError) {
    terminal.exitWith(error.exitCode === 0 ? exitCodes.ok : exitCodes.badInput);
    return;
  }
  if (terminal.interrupted.aborted) {
    terminal.exitWith(exitCodes.interrupted);
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  if (isForPerson(error)) {
    terminal.note(`error: ${message}`);
    terminal.exitWith(exitCodes.badInput);
    return;
  }
  terminal.note(`internal error: ${message.split("\n")[0]} (set SHARDLAB_DEBUG=1 to see where)`);
  if (process.env.SHARDLAB_DEBUG === "1" && error instanceof Error) terminal.note(error.stack ?? "");
  terminal.exitWith(exitCodes.runFailed);
}

const terminal = processTerminal();
try {
  await createProgram(terminal).parseAsync(process.argv);
} catch (error) {
  report(error, terminal);
}
