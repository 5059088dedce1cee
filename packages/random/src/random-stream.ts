/** One random stream and the distributions drawn from it. */
import { exp, log, pow } from "@shardlab/numerics";
import { normalQuantile } from "./normal-quantile.ts";
import { philox4x32, uniformFromWords } from "./philox.ts";

const twoTo32 = 2 ** 32;
const twoTo52 = 2 ** 52;
const twoTo53 = 2 ** 53;

/** Block and counter that streams share while they make a draw; nothing is left in them between draws. */
const counter = new Int32Array(4);
const block = new Int32Array(4);

/**
 * A reader of one stream. Draw 2 b and 2 b + 1 are the two halves of Philox block (b, stream id).
 * Unless a method says otherwise, one variate takes exactly one draw, by inversion.
 */
export class RandomStream {
  private readonly keyLow: number;
  private readonly keyHigh: number;
  private readonly streamLow: number;
  private readonly streamHigh: number;
  private nextDraw = 0;
  /** The odd half of the block that the last even draw computed, or -1. */
  private oddHalf = -1;

  constructor(keyLow: number, keyHigh: number, streamLow: number, streamHigh: number) {
    this.keyLow = keyLow;
    this.keyHigh = keyHigh;
    this.streamLow = streamLow;
    this.streamHigh = streamHigh;
  }

  /** Number of draws taken so far. */
  get drawIndex(): number {
    return this.nextDraw;
  }

  /** Uniform on [0, 1) in steps of 2^-53, or on [low, high), where `high` itself can come up only by rounding. */
  uniform(low = 0, high = 1): number {
    const draw = this.nextDraw++;
    let value = this.oddHalf;
    this.oddHalf = -1;
    if (value < 0) {
      const blockIndex = Math.floor(draw / 2);
      counter[0] = blockIndex | 0;
      counter[1] = Math.floor(blockIndex / twoTo32);
      counter[2] = this.streamLow;
      counter[3] = this.streamHigh;
      philox4x32(counter, this.keyLow, this.keyHigh, block);
      const odd = uniformFromWords(block[2], block[3]);
      if (draw % 2 === 0) {
        value = uniformFromWords(block[0], block[1]);
        this.oddHalf = odd;
      } else value = odd;
    }
    return low === 0 && high === 1 ? value : low + (high - low) * value;
  }

  /** Uniform on the open interval (0, 1): odd multiples of 2^-53. */
  uniformOpen(): number {
    return (Math.floor(this.uniform() * twoTo52) + 0.5) / twoTo52;
  }

  /** Uniform on 0 to n - 1 for n up to 2^53, without bias; draws again with probability below n / 2^53. */
  integer(n: number): number {
    if (!(Number.isInteger(n) && n >= 1 && n <= twoTo53)) throw new Error(`invalid bound: ${n}`);
    const width = Math.floor(twoTo53 / n);
    let position = this.uniform() * twoTo53;
    while (position >= width * n) position = this.uniform() * twoTo53;
    const quotient = Math.floor(position / width);
    // The quotient may have been rounded up to the next integer.
    return quotient * width > position ? quotient - 1 : quotient;
  }

  /** True with probability p. */
  bernoulli(p: number): boolean {
    if (!(p >= 0 && p <= 1)) throw new Error(`invalid probability: ${p}`);
    return this.uniform() < p;
  }

  /** Exponential with the given rate (mean 1 / rate). */
  exponential(rate: number): number {
    if (!(rate > 0)) throw new Error(`invalid rate: ${rate}`);
    return -log(1 - this.uniform()) / rate;
  }

  normal(mean = 0, standardDeviation = 1): number {
    if (!(standardDeviation >= 0)) throw new Error(`invalid standard deviation: ${standardDeviation}`);
    return mean + standardDeviation * normalQuantile(this.uniformOpen());
  }

  /** exp of a normal with mean `mu` and standard deviation `sigma`. */
  logNormal(mu: number, sigma: number): number {
    return exp(this.normal(mu, sigma));
  }

  /** Pareto of the first kind: P(X > x) = (scale / x)^shape for x >= scale. */
  pareto(scale: number, shape: number): number {
    if (!(scale > 0)) throw new Error(`invalid scale: ${scale}`);
    if (!(shape > 0)) throw new Error(`invalid shape: ${shape}`);
    return scale * pow(1 - this.uniform(), -1 / shape);
  }
}
