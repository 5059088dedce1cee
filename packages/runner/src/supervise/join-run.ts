/** A worker of this machine for a run of another one. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileError } from "../durable/durable-file.ts";
import { parseToken } from "../identity/join-token.ts";
import type { FromProcess, WorkerConfiguration } from "../processes/process-messages.ts";
import { type HardwareSpec, hardwareSpec } from "../spec.ts";
import { formatAddress, parseAddress } from "../transport/address.ts";
import { linkSettings } from "./configurations.ts";
import { builtEntries, type RunnerEntries } from "./hardware-run-options.ts";
import { NodeChild } from "./node-child.ts";

export interface JoinRunOptions {
  /** `HOST:PORT` of the coordinator, and the token that it printed. */
  readonly join: string;
  readonly token: string;
  /** Where other workers reach this one. Default: a free port of every interface, seen as the coordinator sees it. */
  readonly listen?: string;
  /** Folder of this worker: its key, its checkpoints. A worker that comes back with it can open them. */
  readonly directory: string;
  readonly hardware?: Partial<Pick<HardwareSpec, "backend" | "threads" | "heap" | "restart" | "maximumRestarts">>;
  readonly device?: string;
  /** A `ComputeModule`; its settings come from the coordinator. */
  readonly computeModule: URL;
  readonly entries?: RunnerEntries;
  readonly roleModule?: URL;
  /** How long to look for the coordinator. */
  readonly joinSeconds?: number;
  readonly onNotice?: (text: string) => void;
  /** Hands the shard over and goes; whoever cannot wait for that aborts `abandon` too. */
  readonly signal?: AbortSignal;
  readonly abandon?: AbortSignal;
}

const stopMilliseconds = 3000;
const defaultJoinSeconds = 20;

/**
 * Works until the run is over or the worker is let go; answers why it ended.
 *
 * @throws Error with one line: `invalid join token: ...`, `wrong token`, `unreachable: ...`, `no place left: ...` and the like.
 */
export async function joinRun(options: JoinRunOptions): Promise<string> {
  const configuration = configurationOf(options);
  try {
    mkdirSync(options.directory, { recursive: true });
  } catch (error) {
    throw fileError(error, `make folder ${options.directory}`);
  }
  const hardware = hardwareSpec.parse({});
  const { restart = hardware.restart, maximumRestarts = hardware.maximumRestarts } = options.hardware ?? {};
  for (let restarts = 0; ; restarts++) {
    const end = await workOnce(configuration, options);
    if (end.isOver) return end.reason;
    const mayRestart = restart && end.wasReady && !end.isFinal && restarts < maximumRestarts;
    if (!mayRestart) throw new Error(end.reason);
    options.onNotice?.(`worker died: ${end.reason}; started again`);
  }
}

function configurationOf(options: JoinRunOptions): WorkerConfiguration {
  const { fingerprint, secret } = parseToken(options.token);
  const coordinator = parseAddress(options.join);
  const hardware = { ...hardwareSpec.parse({}), ...options.hardware };
  const { threads, backend, heap, keepCheckpoints } = hardware;
  return {
    kind: "configure-worker",
    secret,
    fingerprint,
    coordinator: formatAddress(coordinator),
    joinSeconds: options.joinSeconds ?? defaultJoinSeconds,
    listen: formatAddress(parseAddress(options.listen ?? "0.0.0.0:0")),
    directory: options.directory,
    compute: {
      entry: (options.entries ?? builtEntries()).computeThread.href,
      module: options.computeModule.href,
      backend,
      device: options.device ?? "cpu",
      threads,
      ...(heap === undefined ? {} : { heapBytes: heap }),
      checkpoints: { directory: join(options.directory, "checkpoints"), owner: "worker", keep: keepCheckpoints },
    },
    links: linkSettings(hardware),
    ...(options.roleModule === undefined ? {} : { roleModule: options.roleModule.href }),
  };
}

interface WorkEnd {
  readonly reason: string;
  /** The run is over, or this worker was let go. */
  readonly isOver: boolean;
  readonly isFinal: boolean;
  readonly wasReady: boolean;
}

/** One process from its beginning to its end. */
function workOnce(configuration: WorkerConfiguration, options: JoinRunOptions): Promise<WorkEnd> {
  const { signal, abandon, onNotice } = options;
  return new Promise((resolve) => {
    let wasReady = false;
    let over: string | undefined;
    const hear = (message: FromProcess): void => {
      if (message.kind === "ready") {
        wasReady = true;
        onNotice?.(`joined as node ${message.node}`);
      } else if (message.kind === "notice") onNotice?.(message.text);
      else if (message.kind === "finished") {
        over = message.reason;
        void child.stop(stopMilliseconds);
      }
    };
    const leave = (): void => {
      if (wasReady) child.tell({ kind: "leave" });
      else giveUp();
    };
    const giveUp = (): void => {
      over ??= "interrupted";
      void child.stop(stopMilliseconds);
    };
    const child = new NodeChild({
      entry: (options.entries ?? builtEntries()).nodeProcess,
      configuration,
      log: join(options.directory, "worker.log"),
      onMessage: hear,
      onExit: (how) => {
        signal?.removeEventListener("abort", leave);
        abandon?.removeEventListener("abort", giveUp);
        process.off("exit", killChild);
        const reason = over ?? child.failure?.reason ?? how;
        resolve({ reason, isOver: over !== undefined, isFinal: child.failure?.isFinal === true, wasReady });
      },
    });
    const killChild = (): void => child.kill();
    process.once("exit", killChild);
    signal?.addEventListener("abort", leave, { once: true });
    abandon?.addEventListener("abort", giveUp, { once: true });
    if (signal?.aborted === true || abandon?.aborted === true) giveUp();
  });
}
