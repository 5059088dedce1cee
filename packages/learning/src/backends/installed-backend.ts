/**
 * Where optional backends are: each in a folder of its own with its own node_modules, so that a library of a gigabyte is
 * neither a dependency of everybody nor lost whenever npm tidies up.
 */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type BackendKind, optionalBackendKinds } from "./backend.ts";
import { BackendError } from "./backend-error.ts";

export type OptionalBackendKind = (typeof optionalBackendKinds)[number];

export const isOptional = (kind: BackendKind): kind is OptionalBackendKind =>
  (optionalBackendKinds as readonly BackendKind[]).includes(kind);

const manifestName = "shardlab-backend.json";
const subfolder = join(".shardlab", "backends");

/** What an installation says of itself, written last. */
export interface InstalledBackend {
  readonly manifestVersion: 1;
  readonly kind: OptionalBackendKind;
  /** Of the npm package. */
  readonly packageVersion: string;
  /** Of the native library, where the npm package does not bring it. */
  readonly libraryVersion?: string;
}

/** The checkout that this code runs from, or undefined. The file is bundled elsewhere, so it is looked for upwards. */
export function checkoutFolder(): string | undefined {
  for (let at = dirname(fileURLToPath(import.meta.url)); at !== dirname(at); at = dirname(at))
    if (existsSync(join(at, "bin", "shardlab.mjs"))) return at;
  return undefined;
}

/** `.shardlab/backends` of the checkout that this code runs from, and of the working folder. */
export function backendFolders(): string[] {
  const places = [checkoutFolder(), process.cwd()].filter((place) => place !== undefined);
  return [...new Set(places.map((place) => join(place, subfolder)))];
}

/** The folder of an installed backend, or undefined. */
export function installedFolder(kind: OptionalBackendKind, folder?: string): string | undefined {
  const folders = folder === undefined ? backendFolders() : [resolve(folder)];
  return folders.map((within) => join(within, kind)).find((path) => existsSync(join(path, manifestName)));
}

/** @throws BackendError `backend not installed: KIND (run: ...)`. */
export function requireInstalled(kind: OptionalBackendKind, folder?: string): string {
  const found = installedFolder(kind, folder);
  if (found !== undefined) return found;
  throw new BackendError(`backend not installed: ${kind} (run: npx shardlab backend install ${kind})`);
}

export const manifestPath = (installed: string): string => join(installed, manifestName);

export function readManifest(installed: string): InstalledBackend {
  return JSON.parse(readFileSync(manifestPath(installed), "utf8")) as InstalledBackend;
}
