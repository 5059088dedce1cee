/** Tries a backend in a process of its own: a process has one backend, and a native library may end it. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { BackendKind } from "@shardlab/learning/backends/index";
import type { BackendReport } from "./backend-check.ts";

/** What became of a backend: a report, or in one line why there is none. */
export type BackendProbe =
  | { readonly kind: BackendKind; readonly report: BackendReport }
  | { readonly kind: BackendKind; readonly reason: string };

/** Starting a native library of a gigabyte from a cold disk takes its time. */
const longestSeconds = 120;

export async function probeBackend(kind: BackendKind, directory?: string): Promise<BackendProbe> {
  const { checkoutFolder } = await import("@shardlab/learning/backends/index");
  const command = join(checkoutFolder() ?? ".", "bin/shardlab.mjs");
  const where = directory === undefined ? [] : ["--directory", directory];
  return await new Promise((resolve) => {
    const child = spawn(process.execPath, [command, "backend", "check", kind, "--format", "json", ...where], {
      stdio: ["ignore", "pipe", "pipe"],
      timeout: longestSeconds * 1000,
    });
    const written = { out: "", error: "" };
    child.stdout.on("data", (chunk: Buffer) => {
      written.out += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      written.error += chunk.toString();
    });
    child.on("error", (error) => resolve({ kind, reason: error.message }));
    child.on("close", (code, signal) => {
      if (code === 0) resolve({ kind, report: JSON.parse(written.out) as BackendReport });
      else resolve({ kind, reason: reasonOf(written.error) ?? `ended with ${signal ?? `exit code ${code}`}` });
    });
  });
}

const reasonOf = (text: string): string | undefined => /^(?:internal )?error: (.*)$/m.exec(text)?.[1];

/** Probes one after the other, so that none slows another one down. */
export async function probeBackends(kinds: readonly BackendKind[], directory?: string): Promise<BackendProbe[]> {
  const probes: BackendProbe[] = [];
  for (const kind of kinds) probes.push(await probeBackend(kind, directory));
  return probes;
}
