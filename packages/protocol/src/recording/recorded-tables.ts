/** The tables of a run of the protocol, as they grow. */
import type { Assumption, Table, TimedRecord, TrainingRecord } from "@shardlab/contracts";
import { RowTable } from "./row-table.ts";
import {
  contributionColumns,
  evaluationColumns,
  incidentColumns,
  membershipColumns,
  taskColumns,
  updateColumns,
  weightColumns,
} from "./table-columns.ts";

type RecordOf<Kind extends TrainingRecord["kind"]> = Extract<TrainingRecord, { readonly kind: Kind }>;

/** Places in the rows of `updates` and `evaluations`. */
const updateAt = { update: 0, seconds: 1, loss: 2, tokens: 4 } as const;
const evaluationAt = { version: 0, loss: 2 } as const;

export class RecordedTables {
  readonly updates = new RowTable({ name: "updates", version: 1, columns: updateColumns });
  private readonly evaluations = new RowTable({ name: "evaluations", version: 1, columns: evaluationColumns });
  private readonly membership = new RowTable({ name: "membership", version: 1, columns: membershipColumns });
  private readonly incidents = new RowTable({ name: "incidents", version: 1, columns: incidentColumns });
  private readonly tasks: RowTable;
  private readonly contributions: RowTable;
  private readonly weights: RowTable;
  private readonly taskRow = new Float64Array(taskColumns.length);

  constructor(maximumRows: number) {
    this.tasks = new RowTable({ name: "tasks", version: 1, columns: taskColumns, maximumRows });
    this.contributions = new RowTable({
      name: "contributions",
      version: 1,
      columns: contributionColumns,
      maximumRows,
    });
    this.weights = new RowTable({ name: "weights", version: 1, columns: weightColumns, maximumRows });
  }

  add({ record, seconds, by }: TimedRecord): void {
    switch (record.kind) {
      case "task":
        this.addTask(record);
        break;
      case "update":
        this.addUpdate(record, seconds);
        break;
      case "evaluation":
        this.addEvaluation(record, seconds);
        break;
      case "contribution":
        this.addContribution(record, seconds);
        break;
      case "weights":
        this.weights.add([record.update, record.stage, record.node, this.weights.code(record.digest)]);
        break;
      case "membership":
        this.addMembership(record, seconds);
        break;
      case "restart":
      case "checkpoint":
      case "blame":
        this.addIncident(record, { seconds, by });
        break;
    }
  }

  /** Forgets what was reached from `version` on; answers with the number of updates undone. */
  undoFrom(version: number): number {
    this.evaluations.dropLast(evaluationAt.version, version + 1);
    return this.updates.dropLast(updateAt.update, version);
  }

  get tokens(): number {
    let sum = 0;
    for (let row = 0; row < this.updates.length; row++) sum += this.updates.at(row, updateAt.tokens);
    return sum;
  }

  /** Of the last update decided; NaN before the first. */
  get lastSeconds(): number {
    return this.lastOf(this.updates, updateAt.seconds);
  }

  get lastLoss(): number {
    return this.lastOf(this.updates, updateAt.loss);
  }

  get lastHeldOutLoss(): number {
    return this.lastOf(this.evaluations, evaluationAt.loss);
  }

  /**
   * Median over updates of the seconds since the one before; those decided at one moment share the time since the moment
   * before. With a single moment, the time from the beginning of the run. NaN without updates.
   */
  medianSecondsPerUpdate(): number {
    const durations: number[] = [];
    const { updates } = this;
    let momentBefore = Number.NaN;
    for (let row = 0; row < updates.length; ) {
      const seconds = updates.at(row, updateAt.seconds);
      let end = row + 1;
      while (end < updates.length && updates.at(end, updateAt.seconds) === seconds) end += 1;
      if (row > 0) for (let i = row; i < end; i++) durations.push((seconds - momentBefore) / (end - row));
      momentBefore = seconds;
      row = end;
    }
    return durations.length > 0 ? median(durations) : momentBefore / updates.length;
  }

  tables(): Table[] {
    const { updates, evaluations, tasks, contributions, weights, membership, incidents } = this;
    return [updates, evaluations, tasks, contributions, weights, membership, incidents].map((rows) => rows.table());
  }

  notes(): Assumption[] {
    const thinned = [
      ["tasks", this.tasks],
      ["contributions", this.contributions],
      ["weights", this.weights],
    ] as const;
    return thinned.flatMap(([name, rows]) =>
      rows.leftOut === 0
        ? []
        : [
            {
              statement: `The table ${name} has one update in ${rows.keptEvery}: ${rows.leftOut} rows were left out.`,
            },
          ],
    );
  }

  private addTask(record: RecordOf<"task">): void {
    const { taskRow: row, tasks } = this;
    row[0] = record.update;
    row[1] = record.node;
    row[2] = record.stage;
    row[3] = tasks.code(record.task);
    row[4] = record.microbatch;
    row[5] = tasks.code(record.split ?? "");
    row[6] = record.startSeconds;
    row[7] = record.endSeconds;
    row[8] = record.flop;
    tasks.add(row);
  }

  /** An update told again stands in the place of the one before. */
  private addUpdate(record: RecordOf<"update">, seconds: number): void {
    this.updates.dropLast(updateAt.update, record.update);
    this.updates.add([record.update, seconds, record.loss, record.gradientNorm, record.tokens, record.attempt]);
  }

  /** A version evaluated again, after a restart, counts once. */
  private addEvaluation({ version, loss, tokens }: RecordOf<"evaluation">, seconds: number): void {
    this.evaluations.dropLast(evaluationAt.version, version);
    this.evaluations.add([version, seconds, loss, tokens]);
  }

  private addContribution(record: RecordOf<"contribution">, seconds: number): void {
    const { update, node, stage, attempt, microbatches, flop, isCommitted } = record;
    this.contributions.add([update, seconds, node, stage, attempt, microbatches, flop, isCommitted ? 1 : 0]);
  }

  private addMembership(record: RecordOf<"membership">, seconds: number): void {
    const { membership } = this;
    const { node, change, stage = -1, reason = "" } = record;
    membership.add([seconds, node, membership.code(change), stage, membership.code(reason)]);
  }

  private addIncident(
    record: RecordOf<"restart"> | RecordOf<"checkpoint"> | RecordOf<"blame">,
    { seconds, by }: Pick<TimedRecord, "seconds" | "by">,
  ): void {
    const { incidents } = this;
    const { kind } = record;
    const isBlame = kind === "blame";
    incidents.add([
      seconds,
      incidents.code(kind),
      isBlame ? record.node : by,
      isBlame ? record.by : by,
      isBlame ? -1 : record.version,
      kind === "restart" ? record.attempt : -1,
      kind === "checkpoint" ? record.bytes : 0,
      incidents.code(kind === "checkpoint" ? "" : record.reason),
    ]);
  }

  private lastOf(rows: RowTable, column: number): number {
    return rows.length > 0 ? rows.at(rows.length - 1, column) : Number.NaN;
  }
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
