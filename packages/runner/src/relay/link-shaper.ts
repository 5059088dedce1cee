/**
 * One direction of a link in user space, as a line that serves bytes in the order in which they come: a token bucket of no
 * depth. Whatever the granularity of timers, what has left by time t is the rate times t.
 */

/** Payload of a TCP segment on Ethernet. */
const segmentBytes = 1460;
/** Linux waits no shorter for what it sends again when no acknowledgement tells of the loss earlier. */
const leastRetransmissionSeconds = 0.01;

export interface ShaperOptions {
  readonly bytesPerSecond: number;
  readonly latencySeconds: number;
  /** Mean of an exponential delay on top. */
  readonly jitterSeconds: number;
  /** Of segments. A lost one comes a round trip later, takes its place on the line twice, and may be lost again. */
  readonly lossShare: number;
  /** Uniform on [0, 1). */
  readonly random: () => number;
}

export class LinkShaper {
  private readonly options: ShaperOptions;
  private busyUntil = 0;
  /** Segments that get through before the next one is lost. */
  private untilLoss: number;
  private partialSegment = 0;

  constructor(options: ShaperOptions) {
    this.options = options;
    this.untilLoss = this.drawRun();
  }

  /** Bytes that are passed on as one: what the line serves in about a millisecond. */
  get unitBytes(): number {
    return Math.min(2 ** 16, Math.max(segmentBytes, Math.floor(this.options.bytesPerSecond / 1000)));
  }

  /** Seconds until the line is idle. */
  backlogSeconds(now: number): number {
    return Math.max(0, this.busyUntil - now);
  }

  /** Puts bytes on the line; answers when they arrive at its other end. */
  pass(bytes: number, now: number): number {
    const { bytesPerSecond, latencySeconds, jitterSeconds, random } = this.options;
    const losses = this.losses(bytes);
    const busyFrom = Math.max(now, this.busyUntil);
    this.busyUntil = busyFrom + (bytes + losses * segmentBytes) / bytesPerSecond;
    const jitter = jitterSeconds > 0 ? -jitterSeconds * Math.log(1 - random()) : 0;
    const again = losses * Math.max(leastRetransmissionSeconds, 2 * latencySeconds);
    return this.busyUntil + latencySeconds + jitter + again;
  }

  private losses(bytes: number): number {
    if (this.options.lossShare === 0) return 0;
    this.partialSegment += bytes / segmentBytes;
    let segments = Math.floor(this.partialSegment);
    this.partialSegment -= segments;
    let losses = 0;
    // A segment that is sent again is one more that may be lost.
    while (segments > this.untilLoss) {
      segments -= this.untilLoss;
      losses++;
      this.untilLoss = this.drawRun();
    }
    this.untilLoss -= segments;
    return losses;
  }

  private drawRun(): number {
    const { lossShare, random } = this.options;
    if (lossShare === 0) return Number.POSITIVE_INFINITY;
    return Math.floor(Math.log(1 - random()) / Math.log(1 - lossShare));
  }
}
