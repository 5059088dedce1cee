/** The record of a task, in an object that is used again for each of them. */
import type { ComputeTask, DataSplit, TrainingRecord } from "@shardlab/contracts";
import type { EndedTask } from "./device-queue.ts";

type Mutable<T> = { -readonly [Key in keyof T]-?: T[Key] };
type TaskRecord = Omit<Mutable<Extract<TrainingRecord, { readonly kind: "task" }>>, "split"> & {
  split: DataSplit | undefined;
};

const none = -1;

export const newTaskRecord = (): TaskRecord => ({
  kind: "task",
  node: 0,
  task: "mark",
  stage: none,
  update: none,
  microbatch: none,
  split: undefined,
  startSeconds: 0,
  endSeconds: 0,
  flop: 0,
});

/** Fills in what a task was, and when. */
export function writeTaskRecord(record: TaskRecord, { task, result, stage, startSeconds }: EndedTask): void {
  record.task = task.kind;
  record.stage = stage;
  record.startSeconds = startSeconds;
  record.flop = result === undefined ? 0 : result.flop;
  record.update = updateOf(task);
  const isPass = task.kind === "forward" || task.kind === "backward";
  record.microbatch = isPass ? task.microbatch : none;
  record.split = isPass ? task.split : undefined;
}

function updateOf(task: ComputeTask): number {
  switch (task.kind) {
    case "forward":
    case "backward":
    case "reduce-export":
    case "reduce-import":
    case "gradient-encode":
    case "gradient-decode":
    case "tied-export":
    case "tied-import":
    case "gradient-norm":
    case "apply":
      return task.update;
    default:
      return none;
  }
}
