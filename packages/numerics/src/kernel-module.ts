/** The WebAssembly module and how its linear memory is laid out. */
import { kernelsBase64 } from "./generated/kernels.ts";

/** What assembly/index.ts exports. Pointers are byte offsets into `memory`; counts and words are 32-bit integers. */
interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer };
  expInPlace(pointer: number, count: number): void;
  logInPlace(pointer: number, count: number): void;
  sumOfBlock(x: number, count: number): number;
  dotOfBlock(x: number, y: number, count: number): number;
  chooseBySoftmax(
    utilities: number,
    uniforms: number,
    choice: number,
    scratch: number,
    rows: number,
    options: number,
    temperature: number,
  ): number;
  chooseBest(utilities: number, choice: number, rows: number, options: number): number;
  uniformsAcross(
    out: number,
    count: number,
    keyLow: number,
    keyHigh: number,
    blockLow: number,
    blockHigh: number,
    streamLow: number,
    streamHigh: number,
    draws: number,
  ): void;
  uniformsAlong(
    out: number,
    blocks: number,
    keyLow: number,
    keyHigh: number,
    blockLow: number,
    blockHigh: number,
    streamLow: number,
    streamHigh: number,
  ): void;
  logarithmsAlong(
    out: number,
    blocks: number,
    keyLow: number,
    keyHigh: number,
    blockLow: number,
    blockHigh: number,
    streamLow: number,
    streamHigh: number,
  ): void;
}

/** The part of the WebAssembly API used here, which neither es2023 nor @types/node declares. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

const bytes = Uint8Array.from(atob(kernelsBase64), (character) => character.charCodeAt(0));

export const kernels = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Kernels;

/** The memory never grows, so these views stay valid. Nothing in it outlives a call. */
export const float64Memory = new Float64Array(kernels.memory.buffer);
export const int32Memory = new Int32Array(kernels.memory.buffer);

/** Doubles that a caller copies at a time; three blocks fit a first-level cache. */
export const blockLength = 1024;
/** Options of one choice that the first and the scratch region can hold. */
export const largestOptionCount = 16_384;

/** Byte offsets of the regions: the first for `largestOptionCount` doubles, the second and the third for a block. */
export const firstRegion = 1024;
export const secondRegion = firstRegion + 8 * largestOptionCount + 64;
export const thirdRegion = secondRegion + 8 * blockLength + 64;
export const scratchRegion = thirdRegion + 8 * blockLength + 64;

/** Up to this many doubles a loop copies faster than `set`, which needs a view of its own. */
const shortCopyLength = 128;

/** Copies `count` doubles of the first region to out[from] and on. */
export function copyFirstRegion(out: Float64Array, from: number, count: number): void {
  const start = firstRegion >> 3;
  const memory = float64Memory;
  if (count > shortCopyLength) out.set(memory.subarray(start, start + count), from);
  else for (let i = 0; i < count; i++) out[from + i] = memory[start + i];
}

/** Copies `count` doubles from x[from] on to the first region. */
export function fillFirstRegion(x: Float64Array, from: number, count: number): void {
  const start = firstRegion >> 3;
  const memory = float64Memory;
  if (count > shortCopyLength) memory.set(x.subarray(from, from + count), start);
  else for (let i = 0; i < count; i++) memory[start + i] = x[from + i];
}
