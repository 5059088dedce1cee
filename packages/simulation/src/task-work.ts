/** What a task makes a device do besides its matrix products. */
import type { ComputeResult, ComputeTask, TensorRef } from "@shardlab/contracts";
import type { TaskWork } from "./device-model.ts";
import { elementBytes, type StageSizes } from "./stage-sizes.ts";

const bytesOf = (tensor: TensorRef | undefined): number => (tensor === undefined ? 0 : tensor.bytes);

/**
 * Writes to `work` what `task` takes on a shard of these sizes: boundary tensors are decoded and encoded, optimiser steps and
 * sums are bound by memory (each operand read once, each result written once), checkpoints by the disk. Marking and
 * discarding change references only.
 */
export function writeTaskWork(task: ComputeTask, result: ComputeResult, sizes: StageSizes, work: TaskWork): void {
  const { cost, snapshotBytes } = sizes;
  const weights = elementBytes * cost.parameterCount;
  const gradient = elementBytes * cost.gradientElementCount;
  work.flop = result.flop;
  work.movedBytes = 0;
  work.codedBytes = 0;
  work.diskBytes = 0;
  switch (task.kind) {
    case "open":
      work.movedBytes = snapshotBytes;
      if (task.source.from === "checkpoint") work.diskBytes = snapshotBytes;
      break;
    case "forward":
      work.codedBytes = bytesOf(task.input) + bytesOf(result.output);
      break;
    case "backward":
      work.codedBytes = bytesOf(task.gradient) + bytesOf(result.output);
      break;
    case "reduce-export":
    case "tied-export":
      work.movedBytes = 2 * bytesOf(result.output);
      break;
    case "reduce-import":
      work.movedBytes = (task.mode === "add" ? 3 : 2) * bytesOf(task.tensor);
      break;
    case "tied-import":
      work.movedBytes = 3 * bytesOf(task.tensor);
      break;
    case "gradient-encode":
      work.movedBytes = gradient;
      work.codedBytes = bytesOf(result.output);
      break;
    case "gradient-decode":
      work.movedBytes = 2 * gradient * task.tensors.length;
      work.codedBytes = task.tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
      break;
    case "gradient-norm":
      work.movedBytes = gradient;
      break;
    case "apply":
      work.movedBytes = gradient + 2 * (weights + cost.optimizerStateBytes);
      break;
    case "snapshot":
      work.movedBytes = 2 * snapshotBytes;
      break;
    case "checkpoint":
      work.diskBytes = snapshotBytes;
      break;
    case "close":
    case "mark":
    case "discard":
      break;
  }
}

/** Calls `visit` with each tensor that a task takes. */
export function eachTensorOf(task: ComputeTask, visit: (tensor: TensorRef) => void): void {
  switch (task.kind) {
    case "open":
      if (task.source.from === "snapshot") visit(task.source.tensor);
      break;
    case "forward":
      if (task.input !== undefined) visit(task.input);
      break;
    case "backward":
      if (task.gradient !== undefined) visit(task.gradient);
      break;
    case "reduce-import":
    case "tied-import":
      visit(task.tensor);
      break;
    case "gradient-decode":
      for (const tensor of task.tensors) visit(tensor);
      break;
    default:
  }
}
