/** A 64-bit hash of what a run did, for comparing traces. Not for adversaries. */

/** Two 32-bit lanes in the manner of MurmurHash3 (Appleby 2011), fed the same words in opposite order. */
export interface TraceHash {
  /** Adds one double by its bits: 0 and -0 differ, all NaN are one. */
  addFloat64(x: number): void;
  addInt32(i: number): void;
  /** Adds the length, then the elements as `addFloat64` would. */
  addFloat64Array(xs: Float64Array): void;
  /** Adds the length, then the elements as `addInt32` would. */
  addInt32Array(xs: Int32Array): void;
  /** Adds the length in UTF-16 code units, then each of them. */
  addText(text: string): void;
  /** 16 hexadecimal digits of everything added so far; more may be added afterwards. */
  digest(): string;
}

const canonicalNanHigh = 0x7ff80000;

function finalMix(h: number): number {
  let mixed = h ^ (h >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, "0");

class TwoLaneHash implements TraceHash {
  private laneA = 0x9747b28c | 0;
  private laneB = 0x3c6ef372 | 0;
  private wordCount = 0;
  private readonly float = new Float64Array(1);
  private readonly floatWords = new Int32Array(this.float.buffer);

  addFloat64(x: number): void {
    this.float[0] = x;
    this.addPairs(this.floatWords);
  }

  addInt32(i: number): void {
    const word = i | 0;
    this.laneA = mixA(this.laneA, word);
    this.laneB = mixB(this.laneB, word);
    this.wordCount = (this.wordCount + 1) | 0;
  }

  addFloat64Array(xs: Float64Array): void {
    this.addInt32(xs.length);
    this.addPairs(new Int32Array(xs.buffer, xs.byteOffset, xs.length * 2));
  }

  addInt32Array(xs: Int32Array): void {
    this.addInt32(xs.length);
    for (let i = 0; i < xs.length; i++) this.addInt32(xs[i]);
  }

  addText(text: string): void {
    this.addInt32(text.length);
    for (let i = 0; i < text.length; i++) this.addInt32(text.charCodeAt(i));
  }

  digest(): string {
    let a = this.laneA ^ this.wordCount;
    let b = this.laneB ^ this.wordCount;
    a = (a + b) | 0;
    b = (b + a) | 0;
    a = finalMix(a);
    b = finalMix(b);
    a = (a + b) | 0;
    b = (b + a) | 0;
    return hex(a) + hex(b);
  }

  /** Adds doubles given as pairs of words, low word first. */
  private addPairs(words: Int32Array): void {
    let a = this.laneA;
    let b = this.laneB;
    for (let i = 0; i < words.length; i += 2) {
      let low = words[i];
      let high = words[i + 1];
      // Engines differ in the payload of a NaN.
      if ((high & 0x7ff00000) === 0x7ff00000 && ((high & 0xfffff) | low) !== 0) {
        low = 0;
        high = canonicalNanHigh;
      }
      a = mixA(mixA(a, low), high);
      b = mixB(mixB(b, high), low);
    }
    this.laneA = a;
    this.laneB = b;
    this.wordCount = (this.wordCount + words.length) | 0;
  }
}

function mixA(lane: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = lane ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function mixB(lane: number, word: number): number {
  let k = Math.imul(word, 0x239b961b);
  k = Math.imul((k << 16) | (k >>> 16), 0xab0e9789);
  const h = lane ^ k;
  return (Math.imul((h << 17) | (h >>> 15), 5) + 0x561ccd1b) | 0;
}

/** A new, empty trace hash. */
export function createTraceHash(): TraceHash {
  return new TwoLaneHash();
}
