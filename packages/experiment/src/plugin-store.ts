/** The code of plugins, kept beside the runs that were made with it, so that they can be made again anywhere. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { replaceFile } from "@shardlab/results";
import { keepModule, PluginError, pluginModulePath } from "./plugin-bundle.ts";
import type { PluginModule } from "./plugin-mechanism.ts";

const folder = "plugins";

/** Copies the modules into the folder of an experiment. */
export function keepPlugins(plugins: readonly PluginModule[], experimentDirectory: string): void {
  for (const { module } of plugins) {
    const copy = join(experimentDirectory, folder, basename(module));
    if (!existsSync(copy)) replaceFile(copy, readFileSync(module));
  }
}

/**
 * The module of a plugin that a stored run was made with, ready to be imported.
 *
 * @throws PluginError when the experiment does not hold it.
 */
export function storedPlugin(plugin: Omit<PluginModule, "module">, experimentDirectory: string): PluginModule {
  const { kind, hash } = plugin;
  const module = pluginModulePath(kind, hash);
  const copy = join(experimentDirectory, folder, basename(module));
  if (!existsSync(copy)) throw new PluginError(`plugin of the run is gone: ${copy}`);
  keepModule(module, readFileSync(copy, "utf8"));
  return { kind, hash, module };
}
