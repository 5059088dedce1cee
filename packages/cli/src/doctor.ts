/** The steps of `shardlab doctor`: check, print, and where asked write everything into one file. */
import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, freemem, platform, release, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { backendChecks } from "./doctor-backends.ts";
import { type Check, checkInstallation } from "./doctor-checks.ts";
import { exitCodes, type Terminal } from "./terminal.ts";
import { formatTable } from "./text-table.ts";

export interface DoctorOptions {
  readonly out: string;
  /** File to write; true for the usual name. */
  readonly bundle?: string | true;
  readonly format: "text" | "json";
}

const marks = { ok: "ok", absent: "-", warning: "warning", failed: "FAILED" } as const;

export async function examine(options: DoctorOptions, terminal: Terminal): Promise<void> {
  const checks = [...(await checkInstallation(options.out)), ...(await backendChecks())];
  if (options.format === "json") terminal.print(JSON.stringify({ machine: machine(), checks }, null, 2));
  else {
    const rows = checks.map(({ name, state, detail }) => [name, marks[state], detail]);
    for (const line of formatTable(rows, ["left", "left", "left"])) terminal.print(line);
  }
  const advice = checks.flatMap(({ name, advice }) => (advice === undefined ? [] : [`${name}: ${advice}`]));
  for (const line of advice) terminal.note(line);
  if (options.bundle !== undefined) await writeBundle(options, checks, terminal);
  if (checks.some(({ state }) => state === "failed")) terminal.exitWith(exitCodes.runFailed);
  else if (options.bundle === undefined) terminal.note("next: shardlab run scenarios/resource-problem.yaml");
}

/** What of this machine may matter to a run; nothing that tells whose it is. */
function machine(): Record<string, string | number> {
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    system: `${platform()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
  };
}

const bundleVersion = 1;
const logLines = 200;
const latestExperiments = 5;

async function writeBundle(
  { out, bundle }: DoctorOptions,
  checks: readonly Check[],
  terminal: Terminal,
): Promise<void> {
  const { provenance } = await import("@shardlab/experiment");
  const { replaceFile } = await import("@shardlab/results");
  const { latestLogs } = await import("./experiment-logs.ts");
  const hide = (text: string): string => withoutOwnPaths(text, out);
  const logs = latestLogs(out, latestExperiments).map(({ experiment, file }) => ({
    experiment,
    lines: readFileSync(file, "utf8").trimEnd().split("\n").slice(-logLines).map(hide),
  }));
  const told = checks.map((check) => ({ ...check, detail: hide(check.detail) }));
  const content = { bundleVersion, machine: machine(), code: provenance(), checks: told, logs };
  const path = typeof bundle === "string" ? bundle : join(".", "shardlab-doctor.json");
  replaceFile(path, `${JSON.stringify(content, null, 2)}\n`);
  terminal.print(`bundle: ${path}`);
  terminal.note("next: read it, then attach it to your report");
}

/** Text in which the folders of the person who runs this are called `results`, `.` and `~`. */
function withoutOwnPaths(text: string, out: string): string {
  const folders = [
    [resolve(out), "results"],
    [process.cwd(), "."],
    [process.env.HOME ?? "", "~"],
  ] as const;
  return folders.reduce((told, [path, name]) => (path.length > 1 ? told.replaceAll(path, name) : told), text);
}
