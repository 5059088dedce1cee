/**
 * How long pipelines of unlike stages take, with transfers between them, in closed form.
 *
 * The ratio of transfer to compute time on which results are plotted is rho = (forward + backward transfer) / (forward +
 * backward pass) of a stage. Transfers follow `serialLinks`: they occupy a link one after another and never a stage.
 */
import type { PipelineShape } from "./pipeline-schedule.ts";

/** Times of the stages of one chunk each, and of the links between them, which are all alike. */
export interface PipelineTimes {
  /** By stage. */
  readonly forwardSeconds: ArrayLike<number>;
  readonly backwardSeconds: ArrayLike<number>;
  readonly forwardTransferSeconds: number;
  readonly backwardTransferSeconds: number;
  readonly latencySeconds: number;
}

const sum = (values: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
};

const largest = (values: ArrayLike<number>): number => {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]);
  return most;
};

/**
 * Seconds of a step of GPipe, exactly: m like jobs pass p stages and p - 1 links in a row, forwards and then backwards, each
 * way in the sum of all times plus m - 1 times the longest (tandem queues with constant service times).
 */
export function gpipeSeconds({ stages, microbatches }: PipelineShape, times: PipelineTimes): number {
  const oneWay = (passSeconds: ArrayLike<number>, transferSeconds: number): number => {
    const longest = Math.max(largest(passSeconds), stages > 1 ? transferSeconds : 0);
    return sum(passSeconds) + (stages - 1) * (transferSeconds + times.latencySeconds) + (microbatches - 1) * longest;
  };
  return (
    oneWay(times.forwardSeconds, times.forwardTransferSeconds) +
    oneWay(times.backwardSeconds, times.backwardTransferSeconds)
  );
}

/**
 * Seconds per microbatch in the long run of one-forward-one-backward and of asynchronous schedules, exactly: the largest mean
 * of a cycle of events that wait for one another (max-plus algebra: Baccelli, Cohen, Olsder and Quadrat, "Synchronization and
 * linearity", 1992). A message that goes down from stage s to stage e, turns there and comes back lets
 * ahead (e - s) + 1 microbatches pass; a link lets one pass per transfer. With like stages and ahead 1 the period is
 * forward + backward + 2 (p - 1)/p (transfer + latency): transfers are half hidden at two stages, and hardly at many.
 */
export function steadyPeriodSeconds({ stages }: PipelineShape, times: PipelineTimes, ahead: number): number {
  const { forwardTransferSeconds, backwardTransferSeconds, latencySeconds } = times;
  const roundTrip = forwardTransferSeconds + backwardTransferSeconds + 2 * latencySeconds;
  let period = stages > 1 ? Math.max(forwardTransferSeconds, backwardTransferSeconds) : 0;
  for (let first = 0; first < stages; first++) {
    let seconds = 0;
    for (let last = first; last < stages; last++) {
      seconds += times.forwardSeconds[last] + times.backwardSeconds[last] + (last > first ? roundTrip : 0);
      period = Math.max(period, seconds / (ahead * (last - first) + 1));
    }
  }
  return period;
}

export interface PipelineBounds {
  readonly lowerSeconds: number;
  readonly upperSeconds: number;
}

/**
 * Bounds on all schedules of one chunk a stage whose uniform time is (m + p - 1) (forward + backward).
 *
 * Lower, of any order: the weakest stage does all its passes, after the first microbatch has come down to it and before the
 * last has gone up from it; and one microbatch goes all the way. Upper: every stage as slow as the slowest forwards and as the
 * slowest backwards, and kept from working while it sends; longer times never end earlier where orders are fixed.
 */
export function pipelineBounds({ stages, microbatches }: PipelineShape, times: PipelineTimes): PipelineBounds {
  const { forwardSeconds, backwardSeconds, latencySeconds } = times;
  const down = stages > 1 ? times.forwardTransferSeconds + latencySeconds : 0;
  const up = stages > 1 ? times.backwardTransferSeconds + latencySeconds : 0;
  let lowerSeconds = sum(forwardSeconds) + sum(backwardSeconds) + (stages - 1) * (down + up);
  let above = 0;
  for (let stage = 0; stage < stages; stage++) {
    const own = forwardSeconds[stage] + backwardSeconds[stage];
    lowerSeconds = Math.max(lowerSeconds, above + microbatches * own);
    above += own + down + up;
  }
  const slowest = largest(forwardSeconds) + down + largest(backwardSeconds) + up;
  return { lowerSeconds, upperSeconds: (microbatches + stages - 1) * slowest };
}
