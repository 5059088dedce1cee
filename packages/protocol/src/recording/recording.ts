/** From what roles and hosts tell of a run to its measures and tables; the same for both worlds. */
import type { Assumption, Measure, NodeId, Table, TimedRecord, TrainingRecord } from "@shardlab/contracts";
import { type MeasuredParts, type TrainingMeasure, trainingMeasures } from "./measure-names.ts";
import { RecordedTables } from "./recorded-tables.ts";
import { WorkerTotals } from "./worker-totals.ts";

export interface RecordingOptions extends MeasuredParts {
  /** The group of the population that a node belongs to. */
  readonly groupOf: (node: NodeId) => string;
  /** Most rows of the tables `tasks`, `contributions` and `weights`, each; 250,000 unless given. */
  readonly maximumRows?: number;
}

/** What a run yields besides its trace. */
export interface RecordedRun {
  readonly measures: readonly Measure[];
  readonly tables: readonly Table[];
  /** What of the tables was left out. */
  readonly notes: readonly Assumption[];
}

/**
 * Takes records as they come; what it keeps is bounded but for one row per update, evaluation and incident. Records are
 * copied, so that a host may use one object for many.
 *
 * rho is transfer time over compute time: the seconds in which the uplinks of workers that computed would be busy with
 * what they sent, at their full rate, over the seconds in which their devices were busy. `seconds-per-update` is the median over updates of
 * the time since the one before; of several that are decided at one moment, each takes its part.
 */
export class Recording {
  private readonly options: RecordingOptions;
  private readonly tables: RecordedTables;
  private readonly workers: WorkerTotals;
  private readonly digests = new Map<string, string | undefined>();
  private restarts = 0;
  private updatesUndone = 0;
  private workersLost = 0;
  private mismatches = 0;
  private blames = 0;

  constructor(options: RecordingOptions) {
    this.options = options;
    this.tables = new RecordedTables(options.maximumRows ?? 250_000);
    this.workers = new WorkerTotals(options.groupOf);
  }

  /** Updates that are decided and not undone. */
  get updates(): number {
    return this.tables.updates.length;
  }

  add(timed: TimedRecord): void {
    const { record, seconds } = timed;
    this.tables.add(timed);
    switch (record.kind) {
      case "task":
        this.workers.addTask(record);
        break;
      case "contribution":
        this.workers.addContribution(record);
        break;
      case "membership":
        if (record.change === "lost") this.workersLost += 1;
        this.workers.addMembership(record, seconds);
        break;
      case "traffic":
        this.workers.setTraffic(record);
        break;
      case "link":
        this.workers.setLink(record);
        break;
      case "weights":
        this.compareDigests(record);
        break;
      case "restart":
        this.restarts += 1;
        this.digests.clear();
        this.updatesUndone += this.tables.undoFrom(record.version);
        break;
      case "blame":
        this.blames += 1;
    }
  }

  /** Everything so far, for a run that has lasted `endSeconds`. */
  finish(endSeconds: number): RecordedRun {
    const values = this.values(endSeconds);
    return {
      measures: trainingMeasures(this.options).map(([name, unit]) => ({ name, unit, value: values[name] })),
      tables: [...this.tables.tables(), this.workers.table(endSeconds)],
      notes: this.tables.notes(),
    };
  }

  private values(endSeconds: number): Readonly<Record<TrainingMeasure, number>> {
    const { tables, workers } = this;
    const updates = tables.updates.length;
    const { tokens, lastSeconds } = tables;
    const bytes = workers.sum(({ sentBytes }) => sentBytes);
    const { busySeconds: busy, trainingFlop } = workers.computed();
    const committed = workers.sum(({ committedFlop }) => committedFlop);
    const vain = workers.sum(({ vainFlop }) => vainFlop);
    return {
      loss: tables.lastLoss,
      "held-out-loss": tables.lastHeldOutLoss,
      updates,
      tokens,
      duration: endSeconds,
      "seconds-per-update": tables.medianSecondsPerUpdate(),
      "updates-per-hour": (3600 * updates) / lastSeconds,
      "tokens-per-second": tokens / lastSeconds,
      bytes,
      "bytes-per-token": bytes / tokens,
      "tensor-bytes": workers.sum(({ sentTensorBytes }) => sentTensorBytes),
      utilisation: busy / workers.presentSeconds(endSeconds),
      rho: workers.transferSeconds() / busy,
      "compute-per-update": trainingFlop / updates,
      "work-in-vain": vain / (committed + vain),
      restarts: this.restarts,
      "updates-undone": this.updatesUndone,
      "workers-lost": this.workersLost,
      "replica-mismatches": this.mismatches,
      blames: this.blames,
    };
  }

  /** Counts a stage once for each update after which its replicas differ. */
  private compareDigests({ update, stage, digest }: Extract<TrainingRecord, { kind: "weights" }>): void {
    const key = `${update}/${stage}`;
    if (!this.digests.has(key)) {
      // Replicas tell of an update within a few updates of one another.
      if (this.digests.size >= mostDigests) this.digests.clear();
      this.digests.set(key, digest);
      return;
    }
    const known = this.digests.get(key);
    if (known === undefined || known === digest) return;
    this.mismatches += 1;
    this.digests.set(key, undefined);
  }
}

const mostDigests = 16_384;
