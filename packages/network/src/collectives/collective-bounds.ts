/** How long a collective takes at least and at most where links differ. */
import { type CommunicationSchedule, stepBytes } from "./communication-schedule.ts";

/** The access links of the ranks; what lies between them is not scarce. */
export interface RankLinks {
  readonly uplinkBytesPerSecond: ArrayLike<number>;
  readonly downlinkBytesPerSecond: ArrayLike<number>;
  /** One way, at each end of a path. */
  readonly latencySeconds: ArrayLike<number>;
}

export interface CollectiveBounds {
  readonly lowerSeconds: number;
  readonly upperSeconds: number;
}

/**
 * Bounds on `CollectiveRun` over access links that transfers share max-min fairly, without loss, jitter or other traffic.
 *
 * Lower: some rank goes through its rounds one after the other, and each takes it as long as its slowest message would alone,
 * and as its port needs for all its bytes. Upper: the rounds one after the other, each as long as its slowest message when
 * every message gets an equal part of both its ports, which is the least that max-min fairness leaves it. Both are the closed
 * form where links are alike. Additions (`gammaSecondsPerByte`) count in the upper bound, by the rank with most of them.
 */
export function collectiveBounds(
  schedule: CommunicationSchedule,
  links: RankLinks,
  gammaSecondsPerByte = 0,
): CollectiveBounds {
  const lower = new Float64Array(schedule.ranks);
  let upperSeconds = 0;
  for (let first = 0; first < schedule.steps; ) {
    let end = first;
    while (end < schedule.steps && schedule.round[end] === schedule.round[first]) end += 1;
    upperSeconds += roundBounds(schedule, links, { first, end, gammaSecondsPerByte, lower });
    first = end;
  }
  return { lowerSeconds: lower.reduce((longest, seconds) => Math.max(longest, seconds), 0), upperSeconds };
}

interface Round {
  readonly first: number;
  readonly end: number;
  readonly gammaSecondsPerByte: number;
  /** Seconds by rank, to which the round is added. */
  readonly lower: Float64Array;
}

/** Adds the round to `lower`, and returns the most that it takes. */
function roundBounds(schedule: CommunicationSchedule, links: RankLinks, round: Round): number {
  const { uplinkBytesPerSecond: up, downlinkBytesPerSecond: down, latencySeconds } = links;
  const { ranks, from, to } = schedule;
  const [sends, receives] = [new Int32Array(ranks), new Int32Array(ranks)];
  const [sent, received, added] = [new Float64Array(ranks), new Float64Array(ranks), new Float64Array(ranks)];
  const alone = new Float64Array(ranks);
  const leastLatency = new Float64Array(ranks).fill(Number.POSITIVE_INFINITY);
  for (let step = round.first; step < round.end; step++) {
    const [source, target, bytes] = [from[step], to[step], stepBytes(schedule, step)];
    sends[source] += 1;
    receives[target] += 1;
    sent[source] += bytes;
    received[target] += bytes;
    if (schedule.isReduction[step] === 1) added[target] += bytes;
    const latency = latencySeconds[source] + latencySeconds[target];
    for (const rank of [source, target]) {
      alone[rank] = Math.max(alone[rank], latency + bytes / Math.min(up[source], down[target]));
      leastLatency[rank] = Math.min(leastLatency[rank], latency);
    }
  }
  for (let rank = 0; rank < ranks; rank++) {
    if (sends[rank] + receives[rank] === 0) continue;
    const port = leastLatency[rank] + Math.max(sent[rank] / up[rank], received[rank] / down[rank]);
    round.lower[rank] += Math.max(alone[rank], port);
  }
  let slowest = 0;
  for (let step = round.first; step < round.end; step++) {
    const [source, target] = [from[step], to[step]];
    const secondsPerByte = Math.max(sends[source] / up[source], receives[target] / down[target]);
    const latency = latencySeconds[source] + latencySeconds[target];
    slowest = Math.max(slowest, latency + stepBytes(schedule, step) * secondsPerByte);
  }
  return slowest + round.gammaSecondsPerByte * added.reduce((most, bytes) => Math.max(most, bytes), 0);
}
