/** The log of an experiment: what was started, made, found, failed and interrupted, one line of JSON each. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Coordinate, Design } from "@shardlab/results";
import { makeFolder } from "@shardlab/results";

/** The version of the lines that this code writes. Readers keep fields that they do not know. */
export const logVersion = 1;
export const logFile = "log.jsonl";

/** @property command as it was typed, without the path of the program. */
export interface StartEvent {
  readonly event: "experiment-start";
  readonly experiment: string;
  readonly command: readonly string[];
  readonly node: string;
  readonly commit: string | null;
  readonly dirty: boolean | null;
  readonly modelHash: string;
  readonly scenarioHash: string;
  /** Runs of the plan, and how many are made at the same time. */
  readonly total: number;
  readonly jobs: number;
  readonly host: string;
}

/** Which run a line is about; `run` is its id, and `worker` counts from 1 (0 is the main thread). */
export interface RunPlace {
  readonly run: string;
  readonly design: Design;
  readonly arm: string;
  readonly coordinates: Readonly<Record<string, Coordinate>>;
  readonly seed: number;
  readonly worker: number;
}

/**
 * What a line says, by its `event`.
 *
 * - `run-start`, `run-end`, `run-failed`: one run; why it is made, how long it took by the wall clock, why it failed.
 * - `runs-cached`: `count` runs were there, and why.
 * - `interrupt`: no further runs are started; `reason` is a signal's or the first failure.
 * - `experiment-end`: how it went. Without this line the process was killed.
 */
export type LogEvent =
  | StartEvent
  | ({ readonly event: "run-start"; readonly reason: string } & RunPlace)
  | ({ readonly event: "run-end"; readonly seconds: number } & RunPlace)
  | ({ readonly event: "run-failed"; readonly seconds: number; readonly reason: string } & RunPlace)
  | { readonly event: "runs-cached"; readonly count: number; readonly reason: string }
  | { readonly event: "interrupt"; readonly reason: string }
  | {
      readonly event: "experiment-end";
      readonly made: number;
      readonly cached: number;
      readonly failed: number;
      readonly seconds: number;
      readonly isComplete: boolean;
    };

/**
 * A line of the log.
 *
 * @property time ISO 8601, from the clock of the machine that wrote it.
 * @property process number of the process; lines of two processes may alternate.
 */
export type LoggedEvent = LogEvent & { readonly version: number; readonly time: string; readonly process: number };

export interface EventLog {
  append(event: LogEvent): void;
  close(): void;
}

const newline = "\n".charCodeAt(0);

/**
 * Opens the log of an experiment for appending; the file comes into being with the first line. A line is one `write` at
 * the end of the file, so that lines of several processes do not mix. Where a killed process left half a line, the next
 * line begins on a line of its own.
 *
 * @param timestamp the time of day, ISO 8601.
 */
export function openEventLog(experimentDirectory: string, timestamp: () => string): EventLog {
  const path = join(experimentDirectory, logFile);
  let descriptor: number | undefined;
  return {
    append: (event) => {
      if (descriptor === undefined) {
        makeFolder(dirname(path));
        descriptor = openSync(path, "a+");
      }
      const line = JSON.stringify({ version: logVersion, time: timestamp(), process: process.pid, ...event });
      writeSync(descriptor, `${endsInsideLine(descriptor) ? "\n" : ""}${line}\n`);
    },
    close: () => {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

function endsInsideLine(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  const last = new Uint8Array(1);
  return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== newline;
}

/**
 * The events of an experiment's log, oldest first; none without a log.
 *
 * @property damagedLines lines that a killed process left unfinished.
 */
export function readEventLog(experimentDirectory: string): {
  readonly events: readonly LoggedEvent[];
  readonly damagedLines: number;
} {
  let text: string;
  try {
    text = readFileSync(join(experimentDirectory, logFile), "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (code === "ENOENT" || code === "ENOTDIR") return { events: [], damagedLines: 0 };
    throw error;
  }
  const lines = text.split("\n").filter((line) => line !== "");
  const events = lines.flatMap((line) => parseLine(line) ?? []);
  return { events, damagedLines: lines.length - events.length };
}

function parseLine(line: string): LoggedEvent | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    const isEvent = typeof parsed === "object" && parsed !== null && "event" in parsed;
    return isEvent ? (parsed as LoggedEvent) : undefined;
  } catch {
    return undefined;
  }
}

/** Why runs failed the last time that they were tried and that have not been made since, by run id. */
export function lastFailures(events: readonly LoggedEvent[]): ReadonlyMap<string, string> {
  const failures = new Map<string, string>();
  for (const event of events) {
    if (event.event === "run-failed") failures.set(event.run, event.reason);
    if (event.event === "run-end") failures.delete(event.run);
  }
  return failures;
}
