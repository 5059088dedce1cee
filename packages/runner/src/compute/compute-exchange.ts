/** What the two threads of a worker say to one another. */
import type { ComputeResult, ComputeTask, Plain, TensorRef } from "@shardlab/contracts";
import type { BackendChoice } from "../spec.ts";

/** Given to the computing thread when it starts. */
export interface ComputeStart {
  /** URL of a `ComputeModule`. */
  readonly module: string;
  readonly settings: Plain;
  readonly backend: BackendChoice;
  readonly device: string;
  readonly threads: number;
  readonly checkpoints: { readonly directory: string; readonly owner: string; readonly keep: number };
  /** One cell for each of the last tasks that were handed over, see `taskCells`. */
  readonly cells: SharedArrayBuffer;
}

/** Tasks that may be with the computing thread at once: the one under way, and one so that it need not wait. */
export const tasksAhead = 2;
/** States of a cell: whoever changes it from `waiting` decides whether the task is done or forgotten. */
export const taskCells = { count: 64, waiting: 0, begun: 1, forgotten: 2 } as const;

/** @property sequence counts tasks from 0. @property buffers of the task's tensors, in the order of `taskTensors`. */
export interface ComputeRequest {
  readonly sequence: number;
  readonly task: ComputeTask;
  readonly buffers: readonly Uint8Array[];
}

/** Asks the thread to free its device and to end. */
export const closeRequest = "close";

export type ComputeAnswer =
  | { readonly kind: "ready" }
  | {
      readonly kind: "done";
      readonly sequence: number;
      readonly result: ComputeResult;
      /** Of `result.output`. */
      readonly buffer?: Uint8Array;
      readonly startSeconds: number;
      readonly endSeconds: number;
    }
  | {
      readonly kind: "failed";
      readonly sequence: number;
      readonly reason: string;
      readonly startSeconds: number;
      readonly endSeconds: number;
    }
  | { readonly kind: "skipped"; readonly sequence: number }
  /** The module could not be opened. */
  | { readonly kind: "refused"; readonly reason: string };

/** The tensors in a task, in one order. */
export function taskTensors(task: ComputeTask): readonly TensorRef[] {
  switch (task.kind) {
    case "open":
      return task.source.from === "snapshot" ? [task.source.tensor] : [];
    case "forward":
      return task.input === undefined ? [] : [task.input];
    case "backward":
      return task.gradient === undefined ? [] : [task.gradient];
    case "reduce-import":
    case "tied-import":
      return [task.tensor];
    case "gradient-decode":
      return task.tensors;
    default:
      return [];
  }
}

/** The task with other references in their place. */
export function withTensors(task: ComputeTask, refs: readonly TensorRef[]): ComputeTask {
  const [first] = refs;
  if (first === undefined) return task;
  switch (task.kind) {
    case "open":
      return task.source.from === "snapshot" ? { ...task, source: { ...task.source, tensor: first } } : task;
    case "forward":
      return { ...task, input: first };
    case "backward":
      return { ...task, gradient: first };
    case "reduce-import":
    case "tied-import":
      return { ...task, tensor: first };
    case "gradient-decode":
      return { ...task, tensors: refs };
    default:
      return task;
  }
}

/** Seconds on a clock that all threads of a process share. */
export const threadSeconds = (): number => Number(process.hrtime.bigint()) / 1e9;
