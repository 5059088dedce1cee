/** What a hardware run is told. */
import type { Plain, TimedRecord } from "@shardlab/contracts";
import type { CoordinatorSettings, WorkerGroupSpec } from "@shardlab/protocol";
import type { HardwareSpec } from "../spec.ts";

/** Files that run as processes and threads; what a bundler makes of `node-process.ts` and `compute-thread.ts`. */
export interface RunnerEntries {
  readonly nodeProcess: URL;
  readonly computeThread: URL;
}

export interface HardwareRunOptions {
  readonly runId: string;
  readonly scenarioHash: string;
  /** Folder of this run alone: journal, records, logs, checkpoints. A run that was interrupted there goes on. */
  readonly directory: string;
  readonly hardware: HardwareSpec;
  readonly population: readonly WorkerGroupSpec[];
  readonly protocol: Omit<CoordinatorSettings, "run" | "signer" | "checkpointsAreShared">;
  /** A `ComputeModule`, and what its factory is given. */
  readonly compute: { readonly module: URL; readonly settings: Plain };
  readonly hasLoss?: boolean;
  readonly maximumRows?: number;
  /** By default the built files of this package. */
  readonly entries?: RunnerEntries;
  /** A module that exports `roles: RoleModule`, to be hosted in place of the protocol's. */
  readonly roleModule?: URL;
  readonly onRecord?: (record: TimedRecord) => void;
  /** One line for a person. */
  readonly onNotice?: (text: string) => void;
  /** Workers of other machines can join now. */
  readonly onJoinable?: (join: { readonly address: string; readonly token: string }) => void;
  /** Ends the run, which can go on later. */
  readonly signal?: AbortSignal;
}

/** The files of this package as they are built. */
export const builtEntries = (): RunnerEntries => ({
  nodeProcess: new URL("../processes/node-process.js", import.meta.url),
  computeThread: new URL("../compute/compute-thread.js", import.meta.url),
});
