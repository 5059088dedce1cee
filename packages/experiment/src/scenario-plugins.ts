/** Loads the plugins that a scenario file names. */
import { dirname } from "node:path";
import { type Fault, pluginPathsIn } from "@shardlab/scenario";
import { PluginError } from "./plugin-bundle.ts";
import { loadMechanismPlugin, type MechanismPlugin } from "./plugin-mechanism.ts";

export interface ScenarioPlugins {
  readonly mechanisms: readonly MechanismPlugin[];
  /** What is wrong with plugins, each at the place in the scenario that names it. */
  readonly faults: readonly Fault[];
}

/**
 * Bundles and imports every plugin that a scenario names.
 *
 * @param source text or bytes of the scenario.
 * @param file its path, which relative paths of plugins start from.
 */
export async function loadPluginsOf(source: string | Uint8Array, file: string): Promise<ScenarioPlugins> {
  const mechanisms: MechanismPlugin[] = [];
  const faults: Fault[] = [];
  for (const { path, line, column } of pluginPathsIn(source)) {
    try {
      mechanisms.push(await loadMechanismPlugin(path, dirname(file)));
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      faults.push({ line, column, path: "plugins", message: error.message });
    }
  }
  return { mechanisms, faults };
}
