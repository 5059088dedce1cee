/** One direction of one connection through a relay. */
import type { Socket } from "node:net";
import type { LinkShaper } from "./link-shaper.ts";

/** How far ahead of the line a sender may be, and where it may go on. */
const mostBacklogSeconds = 0.05;
const resumeBacklogSeconds = 0.02;
/** Timers have milliseconds; what is due within half of one goes now. */
const toleranceSeconds = 0.0005;

interface Waiting {
  readonly due: number;
  /** Undefined for the end of the stream. */
  readonly bytes: Buffer | undefined;
}

const now = (): number => performance.now() / 1000;

/** Reads from `source` no faster than the link lets it, and writes to `sink` what has arrived, in order. */
export class RelayPipe {
  private readonly source: Socket;
  private readonly sink: Socket;
  private readonly shaper: LinkShaper;
  private readonly waiting: Waiting[] = [];
  private first = 0;
  private lastDue = 0;
  private timer: NodeJS.Timeout | undefined;
  private resumeTimer: NodeJS.Timeout | undefined;
  private isBlocked = false;

  constructor(source: Socket, sink: Socket, shaper: LinkShaper) {
    this.source = source;
    this.sink = sink;
    this.shaper = shaper;
    source.on("data", (chunk: Buffer) => this.take(chunk));
    source.on("end", () => this.enqueue(undefined, Math.max(this.lastDue, now())));
    sink.on("drain", () => {
      this.isBlocked = false;
      this.deliver();
    });
  }

  stop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.resumeTimer);
    this.timer = undefined;
    this.resumeTimer = undefined;
    this.waiting.length = 0;
    this.first = 0;
  }

  private take(chunk: Buffer): void {
    const time = now();
    const { unitBytes } = this.shaper;
    for (let offset = 0; offset < chunk.length; offset += unitBytes) {
      const bytes = chunk.subarray(offset, Math.min(chunk.length, offset + unitBytes));
      this.enqueue(bytes, this.shaper.pass(bytes.length, time));
    }
    this.holdBack(time);
  }

  private enqueue(bytes: Buffer | undefined, due: number): void {
    this.lastDue = Math.max(this.lastDue, due);
    this.waiting.push({ due: this.lastDue, bytes });
    if (this.timer === undefined && !this.isBlocked) this.deliver();
  }

  private holdBack(time: number): void {
    const backlog = this.shaper.backlogSeconds(time);
    if (backlog <= mostBacklogSeconds && !this.isBlocked) return;
    this.source.pause();
    if (this.resumeTimer !== undefined || this.isBlocked) return;
    this.resumeTimer = setTimeout(
      () => {
        this.resumeTimer = undefined;
        this.goOn();
      },
      (backlog - resumeBacklogSeconds) * 1000,
    );
  }

  /** Reads on, unless the line or the sink is still behind. */
  private goOn(): void {
    if (this.isBlocked || this.resumeTimer !== undefined) return;
    if (this.shaper.backlogSeconds(now()) > mostBacklogSeconds) this.holdBack(now());
    else this.source.resume();
  }

  private deliver(): void {
    const time = now() + toleranceSeconds;
    this.sink.cork();
    while (this.first < this.waiting.length && !this.isBlocked) {
      const { due, bytes } = this.waiting[this.first] as Waiting;
      if (due > time) break;
      this.first++;
      if (bytes === undefined) this.sink.end();
      else if (!this.sink.write(bytes)) this.isBlocked = true;
    }
    process.nextTick(() => this.sink.uncork());
    this.dropDelivered();
    clearTimeout(this.timer);
    this.timer = undefined;
    const next = this.waiting[this.first];
    if (next !== undefined && !this.isBlocked) {
      const milliseconds = Math.max(1, Math.floor((next.due - now()) * 1000));
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.deliver();
      }, milliseconds);
    }
    if (this.isBlocked) this.source.pause();
    else if (this.source.isPaused()) this.goOn();
  }

  private dropDelivered(): void {
    if (this.first === this.waiting.length) {
      this.waiting.length = 0;
      this.first = 0;
    } else if (this.first > 1024) {
      this.waiting.splice(0, this.first);
      this.first = 0;
    }
  }
}
