/** The trace hash of an event loop. */
import { kernelsBase64 } from "./generated/kernels.ts";

/** What assembly/index.ts exports. */
interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer };
  begin(): void;
  absorb(stripes: number): void;
  digest(from: number, rest: number, total: number): bigint;
}

/** The part of the WebAssembly API used here, which neither es2023 nor @types/node declares. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

const bytes = Uint8Array.from(atob(kernelsBase64), (character) => character.charCodeAt(0));
const kernels = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Kernels;
const memory = new Int32Array(kernels.memory.buffer);
/** Where the input lies in `memory`; the accumulators lie at 0. All loops share it; nothing stays in it between calls. */
const inputAt = 16;
const accumulatorWords = 8;

/** A multiple of four, so that a full batch is a whole number of stripes of 32 bytes. */
const eventsPerBatch = 512;
const doublesPerEvent = 3;

/**
 * XXH64 (Collet 2012) of the events processed so far, each as three little-endian doubles: time, order (priority and
 * sequence) and payload. A batch at a time, because a call for each event would cost more than the hash.
 */
export class EventTrace {
  private readonly batch = new Float64Array(doublesPerEvent * eventsPerBatch);
  private readonly batchWords = new Int32Array(this.batch.buffer);
  private readonly accumulators = new Int32Array(accumulatorWords);
  private filled = 0;
  private absorbed = 0;

  constructor() {
    kernels.begin();
    this.accumulators.set(memory.subarray(0, accumulatorWords));
  }

  add(time: number, order: number, payload: number): void {
    const { batch, filled } = this;
    batch[filled] = time;
    batch[filled + 1] = order;
    batch[filled + 2] = payload;
    this.filled = filled + doublesPerEvent;
    if (this.filled === batch.length) this.absorbBatch();
  }

  /** 16 hexadecimal digits; more may be added afterwards. */
  digest(): string {
    const stripes = Math.floor(this.filled / 4);
    this.load();
    kernels.absorb(stripes);
    const hash = kernels.digest(4 * stripes, this.filled - 4 * stripes, this.absorbed + this.filled);
    return BigInt.asUintN(64, hash).toString(16).padStart(16, "0");
  }

  private absorbBatch(): void {
    this.load();
    kernels.absorb(this.filled / 4);
    this.accumulators.set(memory.subarray(0, accumulatorWords));
    this.absorbed += this.filled;
    this.filled = 0;
  }

  private load(): void {
    memory.set(this.accumulators, 0);
    memory.set(this.batchWords, inputAt);
  }
}
