/** Records on their way to the supervisor, a few at a time. */
import type { TimedRecord, TrainingRecord } from "@shardlab/contracts";

const flushMilliseconds = 100;
const mostWaiting = 500;

export class RecordBuffer {
  private waiting: TimedRecord[] = [];
  private timer: NodeJS.Timeout | undefined;
  private readonly by: number;
  private readonly clock: () => number;
  private readonly send: (records: readonly TimedRecord[]) => void;
  private readonly keep: ((record: TimedRecord) => void) | undefined;

  /** @param keep what is done with each record at once. */
  constructor(
    { by, clock, keep }: { by: number; clock: () => number; keep?: (record: TimedRecord) => void },
    send: (records: readonly TimedRecord[]) => void,
  ) {
    this.by = by;
    this.clock = clock;
    this.keep = keep;
    this.send = send;
  }

  /** @param seconds when it happened; now unless given. */
  add(record: TrainingRecord, seconds: number = this.clock()): void {
    const timed: TimedRecord = { seconds, by: this.by, record };
    this.keep?.(timed);
    this.waiting.push(timed);
    if (this.waiting.length >= mostWaiting) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), flushMilliseconds);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting.length > 0) this.send(this.waiting);
    this.waiting = [];
  }
}
