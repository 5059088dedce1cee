/** The plugins of a scenario: which files it names, and whether what was found in them can take part. */

import { dirname, resolve } from "node:path";
import { shorten } from "@shardlab/contracts";
import { mechanismSpec } from "@shardlab/mechanisms";
import type { z } from "zod";
import type { Finding, Path } from "./fault.ts";
import { type Language, languageOf, type PluginMechanism } from "./language.ts";
import type { ScenarioForm } from "./scenario-spec.ts";
import { isRecord, kindsAt, unwrap } from "./schema-place.ts";
import { type LineAndColumn, positionIn, readText } from "./source-text.ts";
import { placeKey, readYaml } from "./yaml-source.ts";

/** A file that a scenario names under `plugins`, and where. */
export interface PluginPath extends LineAndColumn {
  /** As it is written: absolute, or relative to the folder of the scenario. */
  readonly path: string;
}

/** The files that a scenario names under `plugins`, each once; none where the file cannot be read. Never throws. */
export function pluginPathsIn(source: string | Uint8Array): readonly PluginPath[] {
  const read = readText(source);
  if ("fault" in read) return [];
  const { document, places } = readYaml(read.text);
  const position = positionIn(read.text);
  const paths = namedFiles(isRecord(document) ? document.plugins : undefined).map(({ path, index }) => {
    return { path, ...position(places.get(placeKey(["plugins", index]))?.value ?? 0) };
  });
  return paths.filter(({ path }, index) => paths.findIndex((other) => other.path === path) === index);
}

const namedFiles = (raw: unknown): readonly { path: string; index: number }[] =>
  (Array.isArray(raw) ? raw : []).flatMap((path: unknown, index) =>
    typeof path === "string" ? [{ path, index }] : [],
  );

/**
 * The language that a scenario is checked with.
 *
 * @param raw what the scenario says under `plugins`.
 * @param form the form that the scenario is meant in.
 * @param file the path of the scenario, to which those of its plugins are relative.
 */
export function readPlugins(
  raw: unknown,
  mechanisms: readonly PluginMechanism[],
  { form, file }: { readonly form: ScenarioForm; readonly file: string },
): { language: Language; findings: readonly Finding[] } {
  const named = namedFiles(raw);
  const isFrom = (path: string, plugin: PluginMechanism): boolean =>
    path === plugin.file || resolve(dirname(file), path) === resolve(plugin.file);
  const accepted: PluginMechanism[] = [];
  const findings: Finding[] = [];
  for (const plugin of mechanisms) {
    const problem = pluginProblem(plugin, accepted);
    if (problem === undefined) accepted.push(plugin);
    else {
      const entry = named.find(({ path }) => isFrom(path, plugin));
      const at: Path = entry ? ["plugins", entry.index] : ["plugins"];
      findings.push({ path: at, at: "value", message: `${shorten(plugin.file)}: ${problem}` });
    }
  }
  const unloaded = named
    .filter(({ path }) => !mechanisms.some((plugin) => isFrom(path, plugin)))
    .map(({ path }) => path);
  return { language: languageOf(form, accepted, unloaded), findings };
}

/** Why a plugin cannot take part; undefined where it can. */
function pluginProblem(plugin: PluginMechanism, before: readonly PluginMechanism[]): string | undefined {
  const { kind } = plugin;
  if (kindsAt(mechanismSpec).includes(kind))
    return `kind of a built-in mechanism: ${kind} (expected a name of its own)`;
  const first = before.find((other) => other.kind === kind);
  if (first) return `kind of two plugins: ${kind} (also in ${first.file})`;
  const { def } = unwrap(plugin.spec)._zod;
  const literal = def.type === "object" ? (def.shape.kind as z.core.$ZodLiteral | undefined)?._zod.def : undefined;
  const isKind = literal?.type === "literal" && literal.values.length === 1 && literal.values[0] === kind;
  const isStrict = def.type === "object" && def.catchall?._zod.def.type === "never";
  return isKind && isStrict
    ? undefined
    : `no mechanism spec: ${kind} (expected a strict object whose kind is "${kind}")`;
}
