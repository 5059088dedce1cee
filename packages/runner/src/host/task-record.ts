/** What a task says of itself in the results. */
import type { ComputeResult, ComputeTask, NodeId, TrainingRecord } from "@shardlab/contracts";

type TaskRecord = Extract<TrainingRecord, { kind: "task" }>;

/** @param stage held when the task began, -1 for none. Updates and microbatches that a task has not are -1. */
export function taskRecord(
  task: ComputeTask,
  result: ComputeResult,
  { node, stage, startSeconds, endSeconds }: Pick<TaskRecord, "node" | "stage" | "startSeconds" | "endSeconds">,
): TaskRecord & { node: NodeId } {
  return {
    kind: "task",
    node,
    task: task.kind,
    stage: task.kind === "open" ? task.stage : stage,
    update: "update" in task ? task.update : -1,
    microbatch: "microbatch" in task ? task.microbatch : -1,
    ...("split" in task ? { split: task.split } : {}),
    startSeconds,
    endSeconds,
    flop: result.flop,
  };
}
