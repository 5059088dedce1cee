/** Frames over one socket, with limits on what comes in and a bound on what waits to go out. */
import type { Socket } from "node:net";
import { encodeHead, type Frame, FrameError, type FrameLimits } from "./frame.ts";
import { FrameParser } from "./frame-parser.ts";

export interface ConnectionLimits extends FrameLimits {
  /** Frames per second that are taken; a peer that sends more is slowed down, not cut off. */
  readonly framesPerSecond: number;
  /** For header and text of a frame that has begun. */
  readonly frameSeconds: number;
  /** Silence after which the other side is taken for lost; a third of it passes between signs of life. */
  readonly silenceSeconds: number;
}

export interface ConnectionHandlers {
  /** A FrameError thrown here closes the connection with its message as the reason. */
  onFrame(frame: Frame, connection: Connection): void;
  /** Called once, whoever closed. */
  onClose(reason: string, connection: Connection): void;
  /** What came was not what it should be; the connection closes after this. */
  onFault?(reason: string, connection: Connection): void;
}

/** A frame on its way out; `settled` is called once, when the bytes have left or never will. */
export interface Outgoing {
  readonly frame: Frame;
  readonly settled?: () => void;
}

/** Bytes that may wait in the socket before frames wait in our own queue, from which they can be taken back. */
const highWaterBytes = 2 ** 20;
/** Frames that may wait in our own queue; a peer that lets more pile up asks and does not read. */
const mostWaiting = 2 ** 16;
/** A tensor that comes slower than this, after a grace time, is a stalled one. */
const slowestBytesPerSecond = 1000;
const slowGraceSeconds = 30;

const now = (): number => performance.now() / 1000;

export class Connection {
  readonly socket: Socket;
  private readonly handlers: ConnectionHandlers;
  private limits: ConnectionLimits;
  private parser: FrameParser;
  private readonly waiting: Outgoing[] = [];
  private closedReason: string | undefined;
  private frameBegan = now();
  private lastHeard = now();
  private lastSent = now();
  private allowance: number;
  private allowedAt = now();
  private resumeTimer: NodeJS.Timeout | undefined;
  private readonly ticker: NodeJS.Timeout;
  private readonly tickMilliseconds: number;
  private lastTick = now();
  sentTensorBytes = 0;
  /** Of tensors in probes: fillers, which are no traffic of the run. */
  private sentProbeBytes = 0;
  private receivedProbeBytes = 0;

  constructor(socket: Socket, limits: ConnectionLimits, handlers: ConnectionHandlers) {
    this.socket = socket;
    this.limits = limits;
    this.handlers = handlers;
    this.allowance = limits.framesPerSecond;
    this.parser = new FrameParser(limits, (frame) => this.take(frame));
    socket.on("data", (chunk: Buffer) => this.read(chunk));
    socket.on("drain", () => this.flush());
    socket.on("error", (error: NodeJS.ErrnoException) => this.close(error.code ?? error.message));
    socket.on("close", () => this.close("closed by the other side"));
    socket.on("end", () => this.close("closed by the other side"));
    this.tickMilliseconds = Math.max(10, Math.min(1000, (limits.frameSeconds * 1000) / 4));
    this.ticker = setInterval(() => this.tick(), this.tickMilliseconds);
    this.ticker.unref();
  }

  get isClosed(): boolean {
    return this.closedReason !== undefined;
  }

  /** Without what only measures links, as `sentBytes` and `sentTensorBytes` are. */
  get receivedBytes(): number {
    return this.socket.bytesRead - this.receivedProbeBytes;
  }

  get sentBytes(): number {
    return this.socket.bytesWritten - this.sentProbeBytes;
  }

  /** Once the other side is known, it may say more. Frames are parsed under the new limits from the next one on. */
  raiseLimits(limits: ConnectionLimits): void {
    this.limits = limits;
    this.allowance = limits.framesPerSecond;
    this.parser.limits = limits;
  }

  send(outgoing: Outgoing): void {
    if (this.waiting.length >= mostWaiting) this.close(`does not read: ${mostWaiting} frames wait`);
    if (this.isClosed) {
      outgoing.settled?.();
      return;
    }
    this.waiting.push(outgoing);
    this.flush();
  }

  /** Frames of which nothing has left; the caller owns them now. */
  takeUnsent(): Outgoing[] {
    return this.waiting.splice(0);
  }

  /** Says a last word, then closes. */
  refuse(reason: string): void {
    if (this.isClosed) return;
    this.socket.write(encodeHead({ type: "refuse", body: { reason } }));
    this.socket.end();
    this.close(reason, false);
  }

  /** Lets what waits leave, then closes. */
  end(): void {
    this.flush(true);
    this.socket.end();
  }

  close(reason: string, destroy = true): void {
    if (destroy) this.socket.destroy();
    if (this.closedReason !== undefined) return;
    this.closedReason = reason;
    clearInterval(this.ticker);
    clearTimeout(this.resumeTimer);
    // A socket that is being ended politely still goes away if the other side does not answer.
    if (!destroy) setTimeout(() => this.socket.destroy(), 1000).unref();
    this.handlers.onClose(reason, this);
    for (const { settled } of this.takeUnsent()) settled?.();
  }

  private flush(force = false): void {
    const { socket } = this;
    while (this.waiting.length > 0 && (force || socket.writableLength < highWaterBytes) && !this.isClosed) {
      const { frame, settled } = this.waiting.shift() as Outgoing;
      const done = settled === undefined ? undefined : () => settled();
      socket.cork();
      if (frame.bytes === undefined || frame.bytes.byteLength === 0) {
        socket.write(encodeHead(frame), done);
      } else {
        socket.write(encodeHead(frame));
        socket.write(frame.bytes, done);
        if (frame.type === "probe") this.sentProbeBytes += frame.bytes.byteLength;
        else this.sentTensorBytes += frame.bytes.byteLength;
      }
      socket.uncork();
      this.lastSent = now();
    }
  }

  private read(chunk: Buffer): void {
    if (this.isClosed) return;
    this.lastHeard = now();
    if (!this.parser.isMidFrame) this.frameBegan = this.lastHeard;
    try {
      this.parser.push(chunk);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.handlers.onFault?.(error.message, this);
      this.refuse(error.message);
    }
  }

  private take(frame: Frame): void {
    if (this.isClosed) return;
    this.frameBegan = now();
    this.slowDown();
    if (frame.type === "probe") this.receivedProbeBytes += frame.bytes?.byteLength ?? 0;
    if (frame.type === "ping") this.answerPing();
    else this.handlers.onFrame(frame, this);
  }

  /** What waits to leave is as good a sign of life as an answer, and keeps the answers to a peer that does not read few. */
  private answerPing(): void {
    if (this.waiting.length === 0) this.send({ frame: { type: "pong", body: null } });
  }

  /** Stops reading for as long as the frames that came are above the rate. */
  private slowDown(): void {
    this.earn();
    this.allowance--;
    if (this.allowance >= 0 || this.resumeTimer !== undefined) return;
    this.socket.pause();
    this.waitForAllowance();
  }

  private earn(): void {
    const { framesPerSecond } = this.limits;
    const time = now();
    this.allowance = Math.min(framesPerSecond, this.allowance + (time - this.allowedAt) * framesPerSecond);
    this.allowedAt = time;
  }

  private waitForAllowance(): void {
    const milliseconds = Math.ceil((-this.allowance / this.limits.framesPerSecond) * 1000) + 1;
    this.resumeTimer = setTimeout(() => {
      this.earn();
      // Frames of the same chunk have made it longer meanwhile.
      if (this.allowance < 0) {
        this.waitForAllowance();
        return;
      }
      this.resumeTimer = undefined;
      this.lastHeard = now();
      this.frameBegan = now();
      this.socket.resume();
    }, milliseconds);
  }

  private tick(): void {
    const time = now();
    if (time - this.lastTick > (3 * this.tickMilliseconds) / 1000) {
      // This process stood still, so what came meanwhile has not been read yet.
      this.lastHeard = time;
      this.frameBegan = time;
    }
    this.lastTick = time;
    const slow = this.slowness(time);
    if (slow !== undefined) {
      this.handlers.onFault?.(slow, this);
      this.refuse(slow);
      return;
    }
    const { silenceSeconds } = this.limits;
    if (this.resumeTimer === undefined && time - this.lastHeard > silenceSeconds) {
      this.close(`silent for ${silenceSeconds} s`);
      return;
    }
    if (time - this.lastSent > silenceSeconds / 3 && this.socket.writableLength === 0) {
      this.lastSent = time;
      this.send({ frame: { type: "ping", body: null } });
    }
  }

  /** Why the frame that is coming in takes too long, or undefined. */
  private slowness(time: number): string | undefined {
    if (this.resumeTimer !== undefined || !this.parser.isMidFrame) return undefined;
    const { frameSeconds } = this.limits;
    const progress = this.parser.tensorProgress;
    const seconds = time - this.frameBegan;
    if (progress === undefined)
      return seconds > frameSeconds ? `slow frame: not whole after ${frameSeconds} s` : undefined;
    const isSlow = seconds > slowGraceSeconds && progress < seconds * slowestBytesPerSecond;
    return isSlow ? `slow frame: ${progress} bytes of a tensor in ${seconds.toFixed(0)} s` : undefined;
  }
}
