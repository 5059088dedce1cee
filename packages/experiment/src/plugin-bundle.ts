/** Bundles a user's own method into one module, so that a run depends on nothing but its content. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { replaceFile } from "@shardlab/results";
import { packagesRoot } from "./provenance.ts";

/** What is wrong with a plugin, for the person who wrote it. */
export class PluginError extends Error {
  override readonly name = "PluginError";
}

/**
 * @property file as the person named it.
 * @property hash 16 hexadecimal digits over the bundled code: a comment or another folder changes nothing, a number does.
 * @property module where the bundled code lies, ready to be imported.
 */
export interface PluginBundle {
  readonly file: string;
  readonly hash: string;
  readonly code: string;
  readonly module: string;
}

const hashDigits = 16;

/** Packages that a plugin shares with the installation: its results hash by their model code already. */
const shared = ["@shardlab/*", "zod"];

/**
 * Bundles `file` (TypeScript or JavaScript) with everything that it imports, apart from ShardLab's packages and zod.
 *
 * @param folder that relative paths start from, such as that of the scenario.
 * @throws PluginError with file, line and column where it does not compile.
 */
export async function bundlePlugin(file: string, folder: string): Promise<PluginBundle> {
  const { build } = await import("esbuild");
  const path = resolve(folder, file);
  const result = await build({
    entryPoints: [path],
    absWorkingDir: dirname(path),
    bundle: true,
    write: false,
    external: shared,
    format: "esm",
    platform: "node",
    target: "node20.19",
    legalComments: "none",
    minifyWhitespace: true,
    charset: "utf8",
    logLevel: "silent",
  }).catch((error: unknown) => {
    throw compileError(file, error);
  });
  const code = result.outputFiles[0]?.text ?? "";
  const hash = createHash("sha256").update(code).digest("hex").slice(0, hashDigits);
  const module = pluginModulePath(basename(path).replace(/\.\w+$/, ""), hash);
  keepModule(module, code);
  return { file, hash, code, module };
}

interface EsbuildMessage {
  readonly text: string;
  readonly location: { readonly file: string; readonly line: number; readonly column: number } | null;
}

function compileError(file: string, error: unknown): PluginError {
  const [first] = (error as { errors?: readonly EsbuildMessage[] }).errors ?? [];
  if (first === undefined) return new PluginError(`cannot load plugin: ${file} (${String(error).split("\n")[0]})`);
  const { text, location } = first;
  if (location === null) return new PluginError(`cannot load plugin: ${file} (${text})`);
  return new PluginError(`${location.file}:${location.line}:${location.column + 1}: ${text} (in plugin ${file})`);
}

/** Where the bundled code of a plugin lies: where ShardLab's packages and zod resolve. */
export const pluginModulePath = (kind: string, hash: string): string =>
  join(packagesRoot(), "../.cache/plugins", `${kind}-${hash}.mjs`);

/** Writes a module, so that it can be imported; one that is there already is the same. */
export function keepModule(module: string, code: string): void {
  if (!existsSync(module)) replaceFile(module, code);
}
