/** What the main thread and its workers say to one another. */
import type { RunContext, RunEnd } from "./perform-run.ts";
import type { RunProgress } from "./run-progress.ts";
import type { RunTask } from "./run-task.ts";

/**
 * What a worker is born with.
 *
 * @property stop shared with all workers: when its first element is 1, no further run of a batch is started.
 * @property simulator URL of a module that exports `simulate`, in place of the economy's.
 */
export interface WorkerStart {
  readonly context: RunContext;
  readonly stop: Int32Array<SharedArrayBuffer>;
  readonly simulator?: string;
}

/** Runs to make one after the other. */
export type Batch = readonly RunTask[];

/**
 * `ready` once, when the world is loaded; `start` and `end` around each run of a batch, in order, and `progress` between them;
 * `batch-end` after the last.
 */
export type WorkerMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "start" }
  | { readonly kind: "progress"; readonly progress: RunProgress }
  | { readonly kind: "end"; readonly end: RunEnd }
  | { readonly kind: "batch-end" };
