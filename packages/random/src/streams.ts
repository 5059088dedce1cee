/** Named random streams: what one participant draws never depends on who else draws, or when. */

import { philox4x32, uniformFromWords } from "./philox.ts";
import { RandomStream } from "./random-stream.ts";

/** The streams of one seed. Stream id = 32-bit hash of the name in the high word, the entity in the low word. */
export interface Streams {
  /** A new reader at draw 0 of stream (`name`, `entity`); `entity` is an integer from 0 to 2^32 - 1. */
  stream(name: string, entity?: number): RandomStream;
  /**
   * out[i] = draw `drawIndex` of stream (`name`, `firstEntity` + i): the value that `stream(name, firstEntity + i)`
   * returns as its `drawIndex`-th uniform, counted from 0.
   */
  uniformsAcross(name: string, firstEntity: number, drawIndex: number, out: Float64Array): void;
}

const twoTo32 = 2 ** 32;

/**
 * Streams under `seed`, an integer taken modulo 2^64.
 * @throws `invalid seed` unless it is a safe integer or a bigint; `stream name collision` when two names share a hash.
 */
export function createStreams(seed: number | bigint): Streams {
  if (typeof seed === "number" && !Number.isSafeInteger(seed)) throw new Error(`invalid seed: ${seed}`);
  const key = BigInt.asUintN(64, BigInt(seed));
  return new SeededStreams(Number(key & 0xffffffffn) | 0, Number(key >> 32n) | 0);
}

class SeededStreams implements Streams {
  private readonly keyLow: number;
  private readonly keyHigh: number;
  private readonly hashOfName = new Map<string, number>();
  private readonly nameOfHash = new Map<number, string>();

  constructor(keyLow: number, keyHigh: number) {
    this.keyLow = keyLow;
    this.keyHigh = keyHigh;
  }

  stream(name: string, entity = 0): RandomStream {
    checkEntity(entity);
    return new RandomStream(this.keyLow, this.keyHigh, entity | 0, this.hash(name));
  }

  uniformsAcross(name: string, firstEntity: number, drawIndex: number, out: Float64Array): void {
    checkEntity(firstEntity);
    if (out.length > 0) checkEntity(firstEntity + out.length - 1);
    checkDrawIndex(drawIndex);
    const blockIndex = Math.floor(drawIndex / 2);
    const counter = Int32Array.of(blockIndex | 0, Math.floor(blockIndex / twoTo32), 0, this.hash(name));
    const block = new Int32Array(4);
    const word = drawIndex % 2 === 0 ? 0 : 2;
    for (let i = 0; i < out.length; i++) {
      counter[2] = (firstEntity + i) | 0;
      philox4x32(counter, this.keyLow, this.keyHigh, block);
      out[i] = uniformFromWords(block[word], block[word + 1]);
    }
  }

  private hash(name: string): number {
    const known = this.hashOfName.get(name);
    if (known !== undefined) return known;
    const hash = hashOfStreamName(name);
    const other = this.nameOfHash.get(hash);
    if (other !== undefined) throw new Error(`stream name collision: ${other} and ${name}`);
    this.hashOfName.set(name, hash);
    this.nameOfHash.set(hash, name);
    return hash;
  }
}

function checkEntity(entity: number): void {
  if (!(Number.isInteger(entity) && entity >= 0 && entity < twoTo32)) throw new Error(`invalid entity: ${entity}`);
}

/** @throws unless `drawIndex` is a safe integer that is not negative. */
export function checkDrawIndex(drawIndex: number): void {
  if (!(Number.isSafeInteger(drawIndex) && drawIndex >= 0)) throw new Error(`invalid draw index: ${drawIndex}`);
}

/** FNV-1a over the UTF-16 code units (low byte, high byte), then the finaliser of MurmurHash3; an int32. */
export function hashOfStreamName(name: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
