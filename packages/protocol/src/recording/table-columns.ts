/** The columns of the tables of a run of the protocol; a table's version grows when its columns change. */
import type { RowColumn } from "./row-table.ts";

const column = (name: string, unit: string, type: RowColumn["type"] = "float64"): RowColumn => ({ name, unit, type });
const whole = (name: string): RowColumn => column(name, "", "int32");
const text = (name: string): RowColumn => column(name, "", "string");

/** Updates that were decided and not undone; losses are those of the training microbatches. */
export const updateColumns = [
  whole("update"),
  column("seconds", "s"),
  column("loss", "nat/token"),
  column("gradient-norm", "1"),
  column("tokens", "token"),
  whole("attempt"),
];

export const evaluationColumns = [
  whole("version"),
  column("seconds", "s"),
  column("loss", "nat/token"),
  column("tokens", "token"),
];

/** What devices did, and when; -1 where a task has no stage, update or microbatch. */
export const taskColumns = [
  whole("update"),
  whole("node"),
  whole("stage"),
  text("task"),
  whole("microbatch"),
  text("split"),
  column("start", "s"),
  column("end", "s"),
  column("flop", "FLOP"),
];

export const contributionColumns = [
  whole("update"),
  column("seconds", "s"),
  whole("node"),
  whole("stage"),
  whole("attempt"),
  column("microbatches", "microbatch"),
  column("flop", "FLOP"),
  whole("committed"),
];

/** Digests of the weights of a stage at each of its holders. */
export const weightColumns = [whole("update"), whole("stage"), whole("node"), text("digest")];

export const membershipColumns = [
  column("seconds", "s"),
  whole("node"),
  text("change"),
  whole("stage"),
  text("reason"),
];

/** Restarts, checkpoints and blames; -1 where something has no version or attempt. */
export const incidentColumns = [
  column("seconds", "s"),
  text("kind"),
  whole("node"),
  whole("by"),
  whole("version"),
  whole("attempt"),
  column("bytes", "B"),
  text("reason"),
];
