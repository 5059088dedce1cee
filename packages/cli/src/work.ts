/** Joins a hardware run as a worker. */
import { join } from "node:path";
import type { BackendChoice } from "./backend-choices.ts";
import { InputError } from "./input-error.ts";
import type { Terminal } from "./terminal.ts";

export interface WorkerOptions {
  readonly join: string;
  readonly token?: string;
  readonly backend: BackendChoice;
  readonly device: string;
  readonly threads: number;
  readonly listen?: string;
  readonly directory?: string;
}

/** Works until the run is over, or until interrupted; prints why it ended. */
export async function work(options: WorkerOptions, terminal: Terminal): Promise<void> {
  const token = options.token ?? process.env.SHARDLAB_TOKEN;
  if (token === undefined || token === "") throw new InputError("no join token: give --token, or set SHARDLAB_TOKEN");
  const { backend, device, threads, listen } = options;
  const { joinHardwareRun } = await import("@shardlab/experiment/join-run");
  terminal.note(`joining ${options.join}`);
  const reason = await joinHardwareRun({
    join: options.join,
    token,
    device,
    hardware: { backend, threads },
    directory: options.directory ?? join(".shardlab", "workers", String(process.pid)),
    ...(listen === undefined ? {} : { listen }),
    onNotice: (text) => terminal.note(text),
    signal: terminal.interrupted,
  });
  terminal.print(`left: ${reason}`);
}
