/** What a person is told while runs are made and after. */
import { join } from "node:path";
import type { Execution, ForeignRun, TaskReport } from "@shardlab/experiment";
import { plural } from "./run-matrix.ts";
import { exitCodes, type Terminal } from "./terminal.ts";

/** More failures than this are told as numbers alone, by reason, at the end. */
const failuresShown = 5;
const reasonsShown = 5;

/** Tells failures as they happen, until there are too many to read. */
export function failureTeller(terminal: Terminal): (report: TaskReport) => void {
  let told = 0;
  return ({ state, reason }) => {
    if (state !== "failed") return;
    told += 1;
    if (told <= failuresShown) terminal.note(`failed: ${reason}`);
    if (told === failuresShown) terminal.note("further failures are counted and told at the end");
  };
}

/** `waiting for 3 runs that others are making: process 4711 on workstation`. */
export function waitLine(foreign: readonly ForeignRun[]): string {
  const holders = foreign.map(({ holder }) => (holder ? `process ${holder.process} on ${holder.host}` : "unknown"));
  return `waiting for ${plural(foreign.length, "run")} that others are making: ${[...new Set(holders)].join(", ")}`;
}

/** Says how the runs went; false when there is nothing more to tell of them. */
export function reportExecution(execution: Execution, directory: string, terminal: Terminal): boolean {
  const { total, made, cached, failed, isInterrupted, isStoppedByFailure } = execution;
  if (failed.length > 0) {
    terminal.note(`${failed.length} of ${total} runs failed (reasons in ${join(directory, "log.jsonl")}):`);
    for (const line of reasonCounts(execution)) terminal.note(line);
    const isInput = made + cached === 0 && failed.every(({ isOfInput }) => isOfInput);
    terminal.exitWith(isInput ? exitCodes.badInput : exitCodes.runFailed);
  }
  if (isStoppedByFailure) {
    terminal.note(`stopped at the first failure: ${made + cached} of ${total} runs are stored`);
    return false;
  }
  if (isInterrupted) {
    terminal.note(`interrupted: ${made + cached} of ${total} runs are stored; the same command goes on from there`);
    terminal.exitWith(exitCodes.interrupted);
    return false;
  }
  return failed.length < total;
}

function reasonCounts({ failed }: Execution): string[] {
  const counts = new Map<string, number>();
  for (const { reason } of failed) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const lines = [...counts].sort(([, a], [, b]) => b - a).map(([reason, count]) => `  ${count} x ${reason}`);
  const more = lines.length - reasonsShown;
  return more > 0 ? [...lines.slice(0, reasonsShown), `  and ${plural(more, "other reason")}`] : lines;
}
