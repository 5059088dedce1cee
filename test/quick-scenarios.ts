/** Every scenario of the repository, with few seeds, as the tests of determinism run it. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "./architecture/sources.ts";
import { type Finished, type ProcessOptions, shardlab, temporaryFolder } from "./shardlab.ts";

/** Few seeds of the comparison alone: what differs between machines or schedules differs in every run. */
const quick = ["--only", "main", "--seeds", "2"];

/** Paths of the scenarios, relative to the root, the smallest one last. */
export const scenarioFiles: readonly string[] = [
  ...readdirSync(join(root, "scenarios"))
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .map((name) => `scenarios/${name}`),
  "test/fixtures/tiny.yaml",
];

/**
 * What is measured on hardware leaves no trace that could be expected: of a scenario of both engines the simulated arm is
 * run, and few updates of it.
 */
function simulatedAlone(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  if (!/^\s*engine: \[.*\bhardware\b.*\]/m.test(text)) return [];
  return ["--set", "sweep.engine=[simulation]", "--set", "training.updates=6"];
}

export const scenarioName = (file: string): string => basename(file, ".yaml");

/** One line of `run --format jsonl`, as far as these tests read it; lines with an `event` tell of runs that go on. */
export interface RunLine {
  readonly arm: string;
  readonly seed: number;
  readonly traceHash: string;
}

/** Trace hashes by arm and seed, sorted, so that the order in which runs finish does not matter. */
export function traceHashes({ code, stdout, stderr }: Finished): Record<string, string> {
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line): RunLine & { readonly event?: string } => JSON.parse(line))
    .filter(({ event }) => event === undefined);
  const entries = lines.map(({ arm, seed, traceHash }) => [`${arm} seed ${seed}`, traceHash] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Runs a scenario, with few seeds, into a folder of its own, and returns its trace hashes. */
export async function quickTraceHashes(
  file: string,
  jobs: number,
  options: ProcessOptions = {},
): Promise<Record<string, string>> {
  const args = [
    "run",
    file,
    ...quick,
    ...simulatedAlone(file),
    "--jobs",
    String(jobs),
    "--format",
    "jsonl",
    "--no-report",
    "--out",
    temporaryFolder(),
  ];
  return traceHashes(await shardlab(args, options));
}
