/** How long something lasts: the interface that every family of lengths meets. */
import type { RandomStream } from "@shardlab/random";

/** Lengths of sessions, absences and outages: independent and identically distributed, in seconds, above 0. */
export interface DurationDistribution {
  readonly meanSeconds: number;
  /** One length. Takes one draw of the stream or none, so that runs which differ in a parameter stay aligned. */
  draw(stream: RandomStream): number;
  /**
   * The length of the interval that covers an instant chosen without regard to the process: density x f(x) / mean.
   * May take several draws. (Cox, "Renewal Theory", 1962, sec. 5.4.)
   */
  drawLengthBiased(stream: RandomStream): number;
}

/**
 * What is left, at an instant chosen without regard to the process, of the interval that covers it: a uniform part of a
 * length-biased length, with density P(X > x) / mean. It is what a process that has run forever shows at the start.
 */
export function drawResidual(distribution: DurationDistribution, stream: RandomStream): number {
  // In (0, length], so that nothing ends at the very instant at which it is first seen.
  return (1 - stream.uniform()) * distribution.drawLengthBiased(stream);
}
