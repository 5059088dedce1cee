/** Finds the event logs of experiments. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

export interface ExperimentLog {
  readonly experiment: string;
  readonly file: string;
}

/** The event logs of the experiments below `out` that were run last, the latest first. */
export function latestLogs(out: string, count: number): ExperimentLog[] {
  if (!existsSync(out)) return [];
  return readdirSync(out, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => ({ experiment: name, file: join(out, name, "log.jsonl") }))
    .filter(({ file }) => existsSync(file))
    .sort((a, b) => statSync(b.file).mtimeMs - statSync(a.file).mtimeMs)
    .slice(0, count);
}
