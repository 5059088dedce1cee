/** The command as a process that a test can signal while it works. */
import { type ChildProcess, spawn } from "node:child_process";
import { root } from "./architecture/sources.ts";
import { command, type Finished } from "./shardlab.ts";

export interface RunningShardlab {
  readonly child: ChildProcess;
  /** Resolves once stderr contains this text; rejects when the process ends without it. */
  readonly said: (text: string) => Promise<void>;
  /** What stderr has so far. */
  readonly soFar: () => string;
  readonly finished: Promise<Finished & { readonly signal: NodeJS.Signals | null }>;
}

/** Starts `shardlab` with these arguments at the root of the repository. */
export function startShardlab(args: readonly string[]): RunningShardlab {
  const child = spawn(process.execPath, [command, ...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr, isOver] = ["", "", false];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const finished = new Promise<Finished & { signal: NodeJS.Signals | null }>((resolve) => {
    child.on("close", (code, signal) => {
      isOver = true;
      resolve({ code, stdout, stderr, signal });
    });
  });
  const said = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (stderr.includes(text)) resolve();
        else if (isOver) reject(new Error(`ended without saying "${text}": ${stderr}`));
      };
      child.stderr.on("data", look);
      child.on("close", look);
      look();
    });
  return { child, said, soFar: () => stderr, finished };
}
