/** Installs an optional backend whole or not at all: beside its place, tried there, and renamed last. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  backendFolders,
  type InstalledBackend,
  installedFolder,
  manifestPath,
  type OptionalBackendKind,
  readManifest,
} from "../installed-backend.ts";
import type { InstallStep } from "./install-step.ts";
import { installTensorflow } from "./install-tensorflow.ts";
import { installWebgpu } from "./install-webgpu.ts";

export interface InstallOptions extends Omit<InstallStep, "folder"> {
  /** Where backends are; `.shardlab/backends` of the checkout by default. */
  readonly folder?: string | undefined;
  /** Installs again what is there. */
  readonly force?: boolean | undefined;
  /** Tries the backend in the folder that it is given, and rejects when it does not work. */
  readonly check: (folder: string) => Promise<void>;
  /** What fills the folder; by default what belongs to the kind. */
  readonly install?: Install;
}

export type Install = (step: InstallStep) => Promise<Pick<InstalledBackend, "packageVersion" | "libraryVersion">>;

const installers: Readonly<Record<OptionalBackendKind, Install>> = {
  tensorflow: installTensorflow,
  webgpu: installWebgpu,
  "tensorflow-gpu": installTensorflow,
};

const staging = /^\.tmp-[a-z-]+-(\d+)$/;

/** @property isNew false where it was there already. */
export interface InstallOutcome {
  readonly path: string;
  readonly manifest: InstalledBackend;
  readonly isNew: boolean;
}

/** @throws Error, by rejecting, in one line; nothing is left behind then. */
export async function installBackend(options: InstallOptions): Promise<InstallOutcome> {
  const { kind, force = false, check, install = installers[kind], progress, signal } = options;
  const within = resolve(options.folder ?? (backendFolders()[0] as string));
  const present = installedFolder(kind, within);
  if (present !== undefined && !force) return { path: present, manifest: readManifest(present), isNew: false };

  mkdirSync(within, { recursive: true });
  removeAbandoned(within);
  const temporary = join(within, `.tmp-${kind}-${process.pid}`);
  const folder = join(temporary, kind);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), `${JSON.stringify({ private: true, type: "commonjs" })}\n`);
    const versions = await install({ kind, folder, progress, signal });
    const manifest: InstalledBackend = { manifestVersion: 1, kind, ...versions };
    writeFileSync(manifestPath(folder), `${JSON.stringify(manifest, null, 2)}\n`);
    progress("trying it");
    await check(temporary);
    const path = join(within, kind);
    if (existsSync(path)) renameSync(path, join(temporary, "replaced"));
    renameSync(folder, path);
    return { path, manifest, isNew: true };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

const isRunning = (processId: number): boolean => {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    // It runs, but is somebody else's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** Deletes what installations left that were killed. */
function removeAbandoned(within: string): void {
  for (const name of readdirSync(within)) {
    const processId = staging.exec(name)?.[1];
    if (processId !== undefined && !isRunning(Number(processId)))
      rmSync(join(within, name), { recursive: true, force: true });
  }
}
