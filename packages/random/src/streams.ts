/** Named random streams: what one participant draws never depends on who else draws, or when. */
import { type PhiloxPosition, philoxAcross, philoxPairsAcross } from "@shardlab/numerics";
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
  /** out[2 i] and out[2 i + 1] = draws 2 `pairIndex` and 2 `pairIndex` + 1 of stream (`name`, `firstEntity` + i), for little more than one. */
  uniformPairsAcross(name: string, firstEntity: number, pairIndex: number, out: Float64Array): void;
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
    const { keyLow, keyHigh } = this;
    return new RandomStream({ keyLow, keyHigh, streamLow: entity | 0, streamHigh: this.hash(name) });
  }

  uniformsAcross(name: string, firstEntity: number, drawIndex: number, out: Float64Array): void {
    checkDrawIndex(drawIndex);
    philoxAcross(this.position(name, firstEntity, Math.floor(drawIndex / 2), out.length), drawIndex % 2, out);
  }

  uniformPairsAcross(name: string, firstEntity: number, pairIndex: number, out: Float64Array): void {
    checkDrawIndex(2 * pairIndex);
    if (out.length % 2 === 1) throw new Error(`not in pairs: ${out.length}`);
    philoxPairsAcross(this.position(name, firstEntity, pairIndex, out.length / 2), out);
  }

  /** Of block `blockIndex` of `count` streams from `firstEntity` on. */
  private position(name: string, firstEntity: number, blockIndex: number, count: number): PhiloxPosition {
    checkEntity(firstEntity);
    if (count > 0) checkEntity(firstEntity + count - 1);
    const { keyLow, keyHigh } = this;
    const blockHigh = Math.floor(blockIndex / twoTo32);
    return {
      ...{ keyLow, keyHigh, blockLow: blockIndex | 0, blockHigh },
      ...{ streamLow: firstEntity | 0, streamHigh: this.hash(name) },
    };
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

function checkDrawIndex(drawIndex: number): void {
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
