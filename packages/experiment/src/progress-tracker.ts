/** From what roles and hosts tell of a run to how far it is. */
import type { NodeId, TimedRecord, TrainingRecord } from "@shardlab/contracts";
import type { RunProgress } from "./run-progress.ts";
import { startStopwatch } from "./stopwatch.ts";

/** Updates over which the pace is told. */
const paceUpdates = 10;

interface Decided {
  readonly seconds: number;
  readonly tokens: number;
}

export interface ProgressOptions {
  readonly updates: number;
  readonly tell: (progress: RunProgress) => void;
  /** Least time on the wall between two tellings of updates; what happened to workers is told at once. */
  readonly intervalSeconds: number;
}

/** Takes records as they come. A run that goes on from a checkpoint tells its pace by what it does now. */
export class ProgressTracker {
  private readonly options: ProgressOptions;
  private readonly elapsed = startStopwatch();
  private readonly sent = new Map<NodeId, number>();
  private readonly recent: Decided[] = [];
  private update = 0;
  private firstUpdate: number | undefined;
  private firstWallSeconds = 0;
  private loss: number | null = null;
  private heldOutLoss: number | null = null;
  private seconds = 0;
  /** Why the last worker was excluded or the last attempt given up. */
  lastTrouble: string | undefined;
  private lastTold = Number.NEGATIVE_INFINITY;

  constructor(options: ProgressOptions) {
    this.options = options;
  }

  add({ record, seconds }: TimedRecord): void {
    this.seconds = Math.max(this.seconds, seconds);
    if (record.kind === "update") this.decided(record, seconds);
    if (record.kind === "evaluation") this.heldOutLoss = finite(record.loss);
    if (record.kind === "traffic") this.sent.set(record.node, record.sentBytes);
    if (record.kind === "restart" && record.version < this.update) {
      this.update = record.version;
      this.recent.length = 0;
    }
    if (record.kind === "restart" || (record.kind === "membership" && record.change === "excluded"))
      this.lastTrouble = record.reason ?? this.lastTrouble;
    // Workers that go when all is done are no news.
    const isOver = this.update === this.options.updates;
    const happened = isOver ? undefined : happenedIn(record);
    if (happened !== undefined) this.options.tell({ ...this.state(), happened });
  }

  private decided({ update, loss, tokens }: Extract<TrainingRecord, { kind: "update" }>, seconds: number): void {
    this.update = update + 1;
    this.loss = finite(loss);
    this.recent.push({ seconds, tokens });
    if (this.recent.length > paceUpdates + 1) this.recent.shift();
    const now = this.elapsed().wallSeconds;
    if (this.firstUpdate === undefined) {
      this.firstUpdate = this.update;
      this.firstWallSeconds = now;
    }
    const isLast = this.update === this.options.updates;
    if (now - this.lastTold < this.options.intervalSeconds && !isLast) return;
    this.lastTold = now;
    this.options.tell(this.state());
  }

  private state(): RunProgress {
    const { update, seconds, loss, heldOutLoss } = this;
    return {
      ...{ update, updates: this.options.updates, seconds, loss, heldOutLoss },
      tokensPerSecond: this.tokensPerSecond(),
      sentBytes: [...this.sent.values()].reduce((sum, bytes) => sum + bytes, 0),
      secondsLeft: this.secondsLeft(),
    };
  }

  /** Tokens after the first of the remembered updates, over the time since it. */
  private tokensPerSecond(): number {
    const [first] = this.recent;
    const last = this.recent.at(-1);
    if (first === undefined || last === undefined || !(last.seconds > first.seconds)) return 0;
    const tokens = this.recent.slice(1).reduce((sum, one) => sum + one.tokens, 0);
    return tokens / (last.seconds - first.seconds);
  }

  private secondsLeft(): number {
    const { firstUpdate, update } = this;
    if (firstUpdate === undefined || update <= firstUpdate) return Number.POSITIVE_INFINITY;
    const taken = this.elapsed().wallSeconds - this.firstWallSeconds;
    return (taken / (update - firstUpdate)) * (this.options.updates - update);
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

const because = (reason: string | undefined): string => (reason === undefined ? "" : ` (${reason})`);

/** What of a record a person would want to know at once. */
function happenedIn(record: TrainingRecord): string | undefined {
  if (record.kind === "restart")
    return `attempt ${record.attempt} begins at update ${record.version}${because(record.reason)}`;
  if (record.kind === "blame")
    return `worker ${record.node} broke a commitment, says ${record.by}${because(record.reason)}`;
  if (record.kind !== "membership") return undefined;
  const { change, node, reason } = record;
  const isLoss = change === "lost" || change === "excluded" || change === "left";
  return isLoss ? `worker ${node} ${change}${because(reason)}` : undefined;
}
