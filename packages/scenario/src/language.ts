/** What scenario files may say: the built-in kinds, and those of plugins beside them. */
import { mechanismSpecWith } from "@shardlab/mechanisms";
import type { z } from "zod";
import { economyScenarioSpec } from "./economy-scenario.ts";
import { type ScenarioForm, type ScenarioSpec, scenarioForms } from "./scenario-spec.ts";

/** A mechanism from outside the lab, as the file that holds it declares it. */
export interface PluginMechanism {
  /** Path of the file, as the scenario names it or resolved. */
  readonly file: string;
  readonly kind: string;
  /** A strict object whose `kind` is the literal above. */
  readonly spec: z.ZodType;
  /** Content hash of the bundled file. */
  readonly hash: string;
}

/** The schema that a scenario is checked with, and where its plugins stand. */
export interface Language {
  readonly form: ScenarioForm;
  readonly spec: ScenarioSpec;
  readonly plugins: readonly PluginMechanism[];
  /** Files that the scenario names and that nothing was loaded from. */
  readonly unloaded: readonly string[];
}

const builtInLanguages = {
  economy: { form: "economy", spec: scenarioForms.economy, plugins: [], unloaded: [] },
  swarm: { form: "swarm", spec: scenarioForms.swarm, plugins: [], unloaded: [] },
} as const satisfies Record<ScenarioForm, Language>;

const mostRemembered = 20;
const remembered = new Map<string, ScenarioSpec>();

/** The economy's schema with the kinds of `plugins` beside the built-in ones; the same object for plugins of the same content. */
function specFor(plugins: readonly PluginMechanism[]): ScenarioSpec {
  if (plugins.length === 0) return economyScenarioSpec;
  const key = JSON.stringify(plugins.map(({ kind, hash }) => [kind, hash]));
  const known = remembered.get(key);
  if (known) return known;
  // The static type keeps to the built-in kinds; what a plugin's parameters are is known to the plugin alone.
  const mechanism = mechanismSpecWith(plugins.map(({ spec }) => spec as z.ZodObject));
  const spec = economyScenarioSpec.extend({ mechanism }) as unknown as ScenarioSpec;
  if (remembered.size >= mostRemembered) remembered.clear();
  remembered.set(key, spec);
  return spec;
}

/** The language of a form, with the kinds of `plugins`, all of which can take part. The swarm has no mechanism. */
export function languageOf(
  form: ScenarioForm,
  plugins: readonly PluginMechanism[],
  unloaded: readonly string[],
): Language {
  if (form === "swarm" || (plugins.length === 0 && unloaded.length === 0)) return builtInLanguages[form];
  return { form, spec: specFor(plugins), plugins, unloaded };
}
