/** Loads the world that makes runs, and only then: a main thread that has workers needs none. */
import type { PluginModule } from "./plugin-mechanism.ts";
import type { Simulate } from "./simulate.ts";

/**
 * @param plugins modules of the mechanisms that are not ours.
 * @param simulator URL of a module that exports `simulate`, in place of the economy's.
 */
export async function loadSimulate(plugins: readonly PluginModule[], simulator?: string): Promise<Simulate> {
  if (simulator !== undefined) return ((await import(simulator)) as { readonly simulate: Simulate }).simulate;
  const { createSimulate } = await import("./simulate.ts");
  if (plugins.length === 0) return createSimulate(new Map());
  const { mechanismFactories } = await import("./plugin-mechanism.ts");
  return createSimulate(await mechanismFactories(plugins));
}
