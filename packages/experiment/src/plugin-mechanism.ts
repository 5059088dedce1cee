/** A user's own mechanism: the same file as one of ours, kept outside the repository. */
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import type { Mechanism } from "@shardlab/contracts";
import { mechanismKinds } from "@shardlab/mechanisms";
import type { z } from "zod";
import { bundlePlugin, PluginError } from "./plugin-bundle.ts";

/** What a run needs to know of a plugin; crosses to worker threads. */
export interface PluginModule {
  readonly kind: string;
  readonly hash: string;
  /** Path of the bundled module. */
  readonly module: string;
}

/**
 * A mechanism from a plugin.
 *
 * @property file as the scenario names it.
 * @property spec strict schema with the literal `kind`.
 * @property code the bundled module, kept with the results so that a run can be made again.
 */
export interface MechanismPlugin extends PluginModule {
  readonly file: string;
  readonly spec: z.ZodObject;
  readonly code: string;
  readonly create: (spec: unknown) => Mechanism;
}

/** `my-rule` exports `myRuleSpec` and `myRule`, as the files of @shardlab/mechanisms do. */
const camelCase = (kind: string): string => kind.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

const kindPattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * Bundles, imports and checks a plugin.
 *
 * @param folder that a relative `file` starts from.
 * @throws PluginError for a file that does not compile, or does not export what a mechanism exports.
 */
export async function loadMechanismPlugin(file: string, folder: string): Promise<MechanismPlugin> {
  const kind = basename(file).replace(/\.(ts|js|mjs)$/, "");
  if (!kindPattern.test(kind)) {
    throw new PluginError(
      `invalid plugin name: ${file} (expected the method's name in lower case, such as my-rule.ts)`,
    );
  }
  if ((mechanismKinds as readonly string[]).includes(kind)) {
    throw new PluginError(`plugin named like a built-in mechanism: ${file} (expected another name than ${kind})`);
  }
  const bundle = await bundlePlugin(file, folder);
  const exported = await importModule(bundle.module, file);
  const { spec, create } = checkedExports(file, kind, exported);
  return { ...bundle, kind, spec, create };
}

/** Functions that make the mechanisms of plugins, by kind. */
export type MechanismFactories = ReadonlyMap<string, (spec: unknown) => Mechanism>;

/** Imports the modules of plugins again, as worker threads do. */
export async function mechanismFactories(plugins: readonly PluginModule[]): Promise<MechanismFactories> {
  const factories = new Map<string, (spec: unknown) => Mechanism>();
  for (const { kind, module } of plugins) {
    factories.set(kind, checkedExports(module, kind, await importModule(module, module)).create);
  }
  return factories;
}

async function importModule(module: string, file: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(module).href);
  } catch (error) {
    throw new PluginError(`plugin fails as it loads: ${file} (${error instanceof Error ? error.message : error})`);
  }
}

function checkedExports(file: string, kind: string, exported: Record<string, unknown>) {
  const [specName, factoryName] = [`${camelCase(kind)}Spec`, camelCase(kind)];
  const spec = exported[specName] as z.ZodObject | undefined;
  const create = exported[factoryName];
  const names = Object.keys(exported).join(", ") || "nothing";
  if (spec === undefined || typeof create !== "function") {
    const missing = spec === undefined ? specName : `function ${factoryName}`;
    throw new PluginError(`plugin lacks an export: ${file} has ${names} (expected ${missing}, after the file's name)`);
  }
  if (spec._zod?.def?.type !== "object" || literalOf(spec.shape.kind) !== kind) {
    throw new PluginError(
      `invalid spec: ${specName} of ${file} (expected z.strictObject({ kind: z.literal("${kind}"), ... }))`,
    );
  }
  return { spec, create: create as (spec: unknown) => Mechanism };
}

function literalOf(schema: unknown): unknown {
  const definition = (schema as { _zod?: { def?: { type: string; values?: readonly unknown[] } } })?._zod?.def;
  return definition?.type === "literal" ? definition.values?.[0] : undefined;
}
