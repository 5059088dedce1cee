/** One random stream and the distributions drawn from it. */
import { exp, log, type PhiloxPosition, philoxAlong, philoxLogarithmsAlong, pow } from "@shardlab/numerics";
import { beta, gamma } from "./gamma.ts";
import { normalQuantile } from "./normal-quantile.ts";
import { philox4x32, uniformFromWords } from "./philox.ts";
import { poisson } from "./poisson.ts";
import { createZipf } from "./zipf.ts";

const twoTo32 = 2 ** 32;
const twoTo52 = 2 ** 52;
const twoTo53 = 2 ** 53;

/** A stream that goes on beyond this many draws, a power of two, computes that many at a time. */
const bufferLength = 64;

/** Block and counter that streams share while they make a draw; nothing is left in them between draws. */
const counter = new Int32Array(4);
const block = new Int32Array(4);

/** Key and stream id, as 32-bit words. */
export interface StreamId {
  readonly keyLow: number;
  readonly keyHigh: number;
  readonly streamLow: number;
  readonly streamHigh: number;
}

/**
 * A reader of one stream. Draws 2 b and 2 b + 1 are the two halves of Philox block (b, stream id).
 * Unless a method says otherwise, one variate takes exactly one draw, by inversion, so that two runs which share a
 * seed but differ in a parameter stay aligned. Every method throws `invalid ...: value` on a parameter out of range.
 */
export class RandomStream {
  private readonly id: StreamId;
  private nextDraw = 0;
  /** The odd half of the block that the last even draw computed, or -1. */
  private oddHalf = -1;
  /** A buffer's worth of uniforms u, and of ln(1 - u), each with the draw that the first of them is, or -1. */
  private buffer: Float64Array | undefined;
  private bufferFrom = -1;
  private logarithms: Float64Array | undefined;
  private logarithmsFrom = -1;

  constructor(id: StreamId) {
    this.id = id;
  }

  /** Number of draws taken so far. */
  get drawIndex(): number {
    return this.nextDraw;
  }

  /** Uniform on [0, 1) in steps of 2^-53, or on [low, high), where `high` itself can come up only by rounding. */
  uniform(low = 0, high = 1): number {
    const draw = this.nextDraw++;
    const value = draw < bufferLength ? this.earlyDraw(draw) : this.bufferedDraw(draw);
    return low === 0 && high === 1 ? value : low + (high - low) * value;
  }

  /** Draw `drawIndex` of this stream, counted from 0, without moving the reader. */
  uniformAt(drawIndex: number): number {
    if (!(Number.isSafeInteger(drawIndex) && drawIndex >= 0)) throw new Error(`invalid draw index: ${drawIndex}`);
    this.computeBlock(Math.floor(drawIndex / 2));
    return drawIndex % 2 === 0 ? uniformFromWords(block[0], block[1]) : uniformFromWords(block[2], block[3]);
  }

  /** Fills `out` with the next draws. */
  uniformsInto(out: Float64Array): void {
    if (out.length === 0) return;
    const odd = this.nextDraw % 2;
    if (odd === 1) out[0] = this.uniform();
    philoxAlong(this.positionOf(this.nextDraw), out.subarray(odd));
    this.nextDraw += out.length - odd;
    this.oddHalf = -1;
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

  /** An index, with probability proportional to its weight. */
  categorical(weights: ArrayLike<number>): number {
    let total = 0;
    let lastPositive = -1;
    for (let i = 0; i < weights.length; i++) {
      if (!(weights[i] >= 0)) throw new Error(`invalid weight: ${weights[i]}`);
      if (weights[i] > 0) lastPositive = i;
      total += weights[i];
    }
    if (!(total > 0 && total < Number.POSITIVE_INFINITY)) throw new Error(`invalid total weight: ${total}`);
    const threshold = this.uniform() * total;
    let cumulative = 0;
    for (let i = 0; i < lastPositive; i++) {
      cumulative += weights[i];
      if (threshold < cumulative) return i;
    }
    return lastPositive;
  }

  /** Exponential with the given rate (mean 1 / rate). */
  exponential(rate: number): number {
    if (!(rate > 0)) throw new Error(`invalid rate: ${rate}`);
    const draw = this.nextDraw;
    const slot = draw & (bufferLength - 1);
    // Whoever begins a buffer with an exponential is taken to draw more of them, and logarithms cost less by the dozen.
    if (slot === 0 && draw >= bufferLength) this.fillLogarithms(draw);
    if (this.logarithms === undefined || this.logarithmsFrom !== draw - slot) return -log(1 - this.uniform()) / rate;
    this.nextDraw = draw + 1;
    return -this.logarithms[slot] / rate;
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

  /** Poisson; one draw below a mean of 10, otherwise two or more (see `poisson`). */
  poisson(mean: number): number {
    return poisson(this, mean);
  }

  /** Gamma with mean shape * scale; two draws or more (see `gamma`). */
  gamma(shape: number, scale = 1): number {
    return gamma(this, shape, scale);
  }

  /** Beta with mean a / (a + b); four draws or more (see `beta`). */
  beta(a: number, b: number): number {
    return beta(this, a, b);
  }

  /** Rank from 1 to n with P(k) proportional to k^-exponent; for many, `createZipf` once. One draw or more. */
  zipf(n: number, exponent: number): number {
    return createZipf(n, exponent)(this);
  }

  /** Shuffles in place, every order alike (Fisher and Yates); indices.length - 1 draws. */
  shuffle(indices: Int32Array): void {
    for (let last = indices.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const held = indices[last];
      indices[last] = indices[other];
      indices[other] = held;
    }
  }

  /** The draws of a stream's first blocks, two to a block; most streams never need more. */
  private earlyDraw(draw: number): number {
    const held = this.oddHalf;
    this.oddHalf = -1;
    if (held >= 0) return held;
    this.computeBlock(Math.floor(draw / 2));
    const odd = uniformFromWords(block[2], block[3]);
    if (draw % 2 === 1) return odd;
    this.oddHalf = odd;
    return uniformFromWords(block[0], block[1]);
  }

  private bufferedDraw(draw: number): number {
    const slot = draw & (bufferLength - 1);
    if (this.buffer === undefined || this.bufferFrom !== draw - slot) {
      this.buffer ??= new Float64Array(bufferLength);
      this.bufferFrom = draw - slot;
      philoxAlong(this.positionOf(this.bufferFrom), this.buffer);
    }
    return this.buffer[slot];
  }

  private fillLogarithms(firstDraw: number): void {
    this.logarithms ??= new Float64Array(bufferLength);
    this.logarithmsFrom = firstDraw;
    philoxLogarithmsAlong(this.positionOf(firstDraw), this.logarithms);
  }

  private positionOf(evenDraw: number): PhiloxPosition {
    const { keyLow, keyHigh, streamLow, streamHigh } = this.id;
    const blockIndex = evenDraw / 2;
    const blockHigh = Math.floor(blockIndex / twoTo32);
    return { keyLow, keyHigh, blockLow: blockIndex | 0, blockHigh, streamLow, streamHigh };
  }

  private computeBlock(blockIndex: number): void {
    counter[0] = blockIndex | 0;
    counter[1] = Math.floor(blockIndex / twoTo32);
    counter[2] = this.id.streamLow;
    counter[3] = this.id.streamHigh;
    philox4x32(counter, this.id.keyLow, this.id.keyHigh, block);
  }
}
