/** How a session ends: the interface that every way of leaving meets. */
import type { RandomStream } from "@shardlab/random";

export interface SessionEnd {
  /** Whether the node vanishes without a word. */
  readonly isCrash: boolean;
  /** Seconds before its end at which a session's end is announced; 0 for a crash, and for who says so only in leaving. */
  readonly noticeSeconds: number;
}

export interface Ending {
  /** Decides the end of one session; the same number of draws (one or none) each time. */
  decide(stream: RandomStream): SessionEnd;
}
