import type { OptionalBackendKind } from "@shardlab/learning/backends/index";
import { reportLine } from "./backend-check.ts";
import { probeBackend } from "./backend-probe.ts";
import { InputError } from "./input-error.ts";
import type { Terminal } from "./terminal.ts";

/** What a computer without the device may say of a library that is whole. */
const deviceMissing = /^no (such )?GPU/;

export async function installAndReport(
  kind: OptionalBackendKind,
  { directory, force }: { readonly directory?: string; readonly force?: boolean },
  terminal: Terminal,
): Promise<void> {
  const { installBackend } = await import("@shardlab/learning/backends/index");
  const start = performance.now();
  const elapsed = (): string => `${((performance.now() - start) / 1000).toFixed(0)} s`;
  let outcomeLine = "";
  const check = async (folder: string): Promise<void> => {
    const probe = await probeBackend(kind, folder);
    if ("report" in probe) outcomeLine = reportLine(probe.report);
    else if (deviceMissing.test(probe.reason)) outcomeLine = `${kind}: installed, but ${probe.reason}`;
    else throw new InputError(`does not work here: ${kind}: ${probe.reason}`);
  };
  const { path, manifest, isNew } = await installBackend({
    ...{ kind, folder: directory, force, check, signal: terminal.interrupted },
    progress: (line) => terminal.note(`${elapsed()}: ${line}`),
  });
  const versions = [manifest.packageVersion, manifest.libraryVersion].filter((version) => version !== undefined);
  if (isNew) terminal.print(outcomeLine);
  terminal.print(`${isNew ? "installed" : "already installed"}: ${kind} ${versions.join(", ")} in ${path}`);
  terminal.note(isNew ? "next: shardlab doctor" : "next: shardlab doctor (or install it again with --force)");
}
