/** An event loop on a sorted array of objects: as slow as it is plain. */
import type { EventHandle, Handler } from "../event-store.ts";
import { xxh64 } from "./xxh64.ts";

interface Entry {
  readonly time: number;
  readonly priority: number;
  readonly sequence: number;
  readonly handler: Handler;
  readonly payload: number;
}

const precedes = (a: Entry, b: Entry): boolean =>
  a.time !== b.time ? a.time < b.time : a.priority !== b.priority ? a.priority < b.priority : a.sequence < b.sequence;

export class SortedEventLoop {
  now: number;
  eventCount = 0;
  private scheduledCount = 0;
  private readonly pending: Entry[] = [];
  private readonly processed: number[] = [];

  constructor(initialTime = 0) {
    this.now = initialTime;
  }

  get pendingCount(): number {
    return this.pending.length;
  }

  get traceHash(): string {
    return xxh64(new Uint8Array(Float64Array.from(this.processed).buffer));
  }

  schedule(delay: number, handler: Handler, payload = 0, priority = 1): EventHandle {
    const sequence = this.scheduledCount++;
    const entry = { time: this.now + delay, priority, sequence, handler, payload };
    const place = this.pending.findIndex((other) => precedes(entry, other));
    this.pending.splice(place < 0 ? this.pending.length : place, 0, entry);
    return sequence;
  }

  cancel(handle: EventHandle): boolean {
    const index = this.pending.findIndex(({ sequence }) => sequence === handle);
    if (index >= 0) this.pending.splice(index, 1);
    return index >= 0;
  }

  peek(): number {
    return this.pending[0]?.time ?? Number.POSITIVE_INFINITY;
  }

  step(): boolean {
    const next = this.pending.shift();
    if (next === undefined) return false;
    this.now = next.time;
    this.eventCount += 1;
    this.processed.push(next.time, next.priority * 2 ** 45 + next.sequence, next.payload);
    next.handler(next.payload);
    return true;
  }

  run({ until = Number.POSITIVE_INFINITY } = {}): void {
    while (this.peek() <= until && this.step());
    if (until < Number.POSITIVE_INFINITY) this.now = until;
  }
}
