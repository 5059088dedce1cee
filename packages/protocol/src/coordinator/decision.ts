/** What an attempt whose workers are all ready amounts to. */
import type { NodeId } from "@shardlab/contracts";
import type { ReadyMessage, WorkerLayout } from "../messages.ts";
import type { Grid } from "../planning/assignment.ts";

export interface AttemptReports {
  readonly grid: Grid;
  readonly layouts: ReadonlyMap<NodeId, WorkerLayout>;
  readonly readies: ReadonlyMap<NodeId, ReadyMessage>;
  readonly microbatches: number;
  readonly evaluationMicrobatches: number;
}

export interface UpdateOutcome {
  /** Mean over the update's microbatches, added in their order, so that it does not depend on who did them. */
  readonly loss: number;
  readonly tokens: number;
  /** Sum over stages in their order. */
  readonly squaredNorm: number;
}

/** Update `index` of the span. */
export function updateOutcome(reports: AttemptReports, index: number): UpdateOutcome {
  const { grid, layouts, readies } = reports;
  const losses = new Float64Array(reports.microbatches);
  let tokens = 0;
  for (const node of grid[grid.length - 1]) {
    const report = readies.get(node)?.reports[index];
    if (report === undefined) continue;
    tokens += report.tokens;
    layouts.get(node)?.microbatches.forEach((microbatch, place) => {
      // JSON has null in the place of what is not finite.
      losses[microbatch] = report.losses[place] ?? Number.NaN;
    });
  }
  let squaredNorm = 0;
  for (const group of grid) squaredNorm += readies.get(group[0])?.reports[index]?.squaredNorm ?? Number.NaN;
  return { loss: meanOf(losses), tokens, squaredNorm };
}

export function evaluationOutcome(reports: AttemptReports): { loss: number; tokens: number } {
  const { grid, layouts, readies } = reports;
  const losses = new Float64Array(reports.evaluationMicrobatches);
  let tokens = 0;
  for (const node of grid[grid.length - 1]) {
    const ready = readies.get(node);
    tokens += ready?.evaluationTokens ?? 0;
    layouts.get(node)?.evaluationMicrobatches.forEach((microbatch, place) => {
      losses[microbatch] = ready?.evaluationLosses[place] ?? Number.NaN;
    });
  }
  return { loss: meanOf(losses), tokens };
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Whether a worker's reports have the shape that its layout asks for. */
export function fits(ready: ReadyMessage, layout: WorkerLayout, updates: number, isLast: boolean): boolean {
  if (ready.reports.length !== updates) return false;
  return !isLast || ready.reports.every(({ losses }) => losses.length === layout.microbatches.length);
}
