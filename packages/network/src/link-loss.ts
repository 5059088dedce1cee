/**
 * What the loss of packets does. To a datagram: it is gone when one of its packets is. To a reliable flow: lost packets are
 * sent again, and congestion control takes each loss for congestion, which bounds the rate.
 */
import { expm1, log1p } from "@shardlab/numerics";

/** Payload of one packet: 1500 bytes of Ethernet less 40 of TCP and IPv4 headers. */
export const segmentBytes = 1460;

/**
 * C of Mathis et al. for losses at even distances and an acknowledgement for every packet: sqrt(3/2). With random losses or
 * delayed acknowledgements they give 0.87 to 1.31 (recalled, not read again).
 */
export const mathisConstant = Math.sqrt(1.5);

/** Probability that a packet is lost on any of several links that lose independently. */
export function combinedLossRate(...lossRates: readonly number[]): number {
  let largest = 0;
  let kept = 1;
  let lossy = 0;
  for (const lossRate of lossRates) {
    if (lossRate === 0) continue;
    lossy += 1;
    largest = lossRate;
    kept *= 1 - lossRate;
  }
  // One lossy link is the common case, and 1 - (1 - p) is not quite p.
  return lossy <= 1 ? largest : 1 - kept;
}

/**
 * The rate in bytes per second that TCP's congestion avoidance reaches on a path that loses packets at random:
 * (segment / round trip) C / sqrt(p), of Mathis, Semke, Mahdavi and Ott, "The macroscopic behavior of the TCP congestion
 * avoidance algorithm", ACM CCR 27(3), 1997. Infinity without loss or without a round trip; 0 when all is lost.
 *
 * It leaves out time-outs, which prevail above a loss of some percent (Padhye et al., 1998), and so says too much there. It is
 * about Reno and, below the rates where it outgrows Reno, CUBIC; BBR does not slow down for such losses.
 */
export function mathisBytesPerSecond(lossRate: number, roundTripSeconds: number): number {
  if (lossRate === 0) return Number.POSITIVE_INFINITY;
  if (lossRate === 1) return 0;
  return (segmentBytes * mathisConstant) / (roundTripSeconds * Math.sqrt(lossRate));
}

/** Probability that a datagram of this many bytes is lost: one of its packets is, 1 - (1 - p)^packets. */
export function datagramLossRate(bytes: number, lossRate: number): number {
  if (lossRate === 0 || lossRate === 1) return lossRate;
  const packets = Math.max(1, Math.ceil(bytes / segmentBytes));
  return packets === 1 ? lossRate : -expm1(packets * log1p(-lossRate));
}

/** @throws Error `invalid loss rate: ...` unless it is between 0 and 1. */
export function checkLossRate(lossRate: number): void {
  if (!(lossRate >= 0 && lossRate <= 1)) throw new Error(`invalid loss rate: ${lossRate}`);
}
