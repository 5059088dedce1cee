import { readFileSync } from "node:fs";
import type { ScenarioPlugins } from "@shardlab/experiment";
import type { LoadedScenario } from "@shardlab/scenario";
import { InputError } from "./input-error.ts";

const readFaults: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ENOENT: "no such file",
  ENOTDIR: "part of the path is not a folder",
};

/** The bytes of a file that a person named. @throws InputError when it cannot be read. */
export function readInput(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    throw new InputError(`cannot read ${file}: ${readFaults[code] ?? code}`);
  }
}

export interface ScenarioFile {
  readonly file: string;
  readonly scenario: LoadedScenario;
}

export interface LoadedFiles {
  readonly scenarios: readonly ScenarioFile[];
  /** One formatted fault each, over all files. */
  readonly faults: readonly string[];
}

/** What a scenario's plugins hold. Without any, nothing is loaded that could load them. */
async function pluginsOf(source: Uint8Array, file: string): Promise<ScenarioPlugins> {
  const { pluginPathsIn } = await import("@shardlab/scenario");
  if (pluginPathsIn(source).length === 0) return { mechanisms: [], faults: [] };
  const { loadPluginsOf } = await import("@shardlab/experiment");
  return loadPluginsOf(source, file);
}

/** Loads every file, so that a person sees all faults of all files at once. */
export async function loadScenarios(files: readonly string[], overrides: readonly string[]): Promise<LoadedFiles> {
  const { formatFault, loadScenario } = await import("@shardlab/scenario");
  const scenarios: ScenarioFile[] = [];
  const faults: string[] = [];
  for (const file of files) {
    try {
      const source = readInput(file);
      const { mechanisms, faults: ofPlugins } = await pluginsOf(source, file);
      if (ofPlugins.length > 0) {
        faults.push(...ofPlugins.map((fault) => formatFault(file, fault)));
        continue;
      }
      const loaded = loadScenario(source, { file, overrides, mechanisms });
      if (loaded.ok) scenarios.push({ file, scenario: loaded.scenario });
      else faults.push(...loaded.faults.map((fault) => formatFault(file, fault)));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      faults.push(error.message);
    }
  }
  return { scenarios, faults };
}
