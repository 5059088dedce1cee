/** Runs the command as a person would: a process of its own. */
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./architecture/sources.ts";

export const command = join(root, "bin/shardlab.mjs");

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  /** The Node binary; this process's unless given. */
  readonly node?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Sends SIGINT as soon as stderr contains this text. */
  readonly interruptAt?: string;
}

/** Runs `shardlab` with these arguments at the root of the repository. */
export function shardlab(args: readonly string[], options: ProcessOptions = {}): Promise<Finished> {
  const { node = process.execPath, environment = {}, interruptAt } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(node, [command, ...args], {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    let isInterrupted = false;
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
      if (interruptAt === undefined || isInterrupted || !stderr.includes(interruptAt)) return;
      isInterrupted = true;
      child.kill("SIGINT");
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** A new, empty folder outside the repository. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), "shardlab-test-"));
