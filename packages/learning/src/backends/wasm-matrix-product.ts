/**
 * The product of matrices for tfjs-wasm, in place of its own: 34 GFLOP/s a thread where that has 27 plain, 1.5 with a
 * transpose and 1 in batches. It computes in the memory of tfjs, without copies; see assembly/matrix-product.ts.
 */
import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import type { Tfjs } from "./backend.ts";
import { matrixProductBase64 } from "./generated/matrix-product.ts";

/** What of tfjs's backend is used here, which no type declares. */
interface WasmBackend {
  readonly wasm: { readonly asm: { readonly memory: object }; _malloc(bytes: number): number };
  readonly dataIdMap: { get(dataId: object): { readonly memoryOffset: number } };
  makeOutput(shape: number[], dtype: "float32"): TensorInfo;
  typedArrayFromHeap(info: TensorInfo): Float32Array;
}

/** What assembly/matrix-product.ts exports; pointers and strides in bytes. */
interface Kernel {
  scratchBytes(): number;
  multiply(
    a: number,
    aRow: number,
    aInner: number,
    b: number,
    bInner: number,
    bColumn: number,
    c: number,
    rows: number,
    columns: number,
    inner: number,
    scratch: number,
  ): void;
}

/** The part of the WebAssembly API used here, which neither es2023 nor @types/node declares. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

interface LoadedKernel {
  readonly kernel: Kernel;
  readonly scratch: number;
}

/** By the WebAssembly module of tfjs in whose memory they work. */
const loaded = new WeakMap<object, LoadedKernel>();

function loadKernel({ wasm }: WasmBackend): LoadedKernel {
  const present = loaded.get(wasm);
  if (present !== undefined) return present;
  const bytes = Uint8Array.from(atob(matrixProductBase64), (character) => character.charCodeAt(0));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory: wasm.asm.memory } });
  const kernel = instance.exports as Kernel;
  // Above 2 GB a pointer comes back negative.
  const made = { kernel, scratch: wasm._malloc(kernel.scratchBytes()) >>> 0 };
  loaded.set(wasm, made);
  return made;
}

/** Puts this kernel in the place of tfjs's own. */
export function replaceMatrixProduct(tf: Tfjs): void {
  tf.unregisterKernel("BatchMatMul", "wasm");
  tf.registerKernel({
    kernelName: "BatchMatMul",
    backendName: "wasm",
    kernelFunc: (({ inputs, backend, attrs }) => {
      const { a, b } = inputs as Record<"a" | "b", TensorInfo>;
      const { transposeA, transposeB } = attrs as unknown as Record<"transposeA" | "transposeB", boolean>;
      return multiplyBatches(tf, backend as unknown as WasmBackend, { a, b, transposeA, transposeB });
    }) satisfies KernelConfig["kernelFunc"],
  });
}

interface Product {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const floatBytes = 4;

/** Rows, columns, and the strides of rows and columns in bytes, of the matrices in a tensor as they are to be multiplied. */
function matrixOf({ shape }: TensorInfo, isTransposed: boolean) {
  const [height = 1, width = 1] = shape.slice(-2);
  const [alongRow, alongColumn] = [width * floatBytes, floatBytes];
  return isTransposed
    ? { rows: width, columns: height, row: alongColumn, column: alongRow, bytes: height * width * floatBytes }
    : { rows: height, columns: width, row: alongRow, column: alongColumn, bytes: height * width * floatBytes };
}

function multiplyBatches(tf: Tfjs, backend: WasmBackend, { a, b, transposeA, transposeB }: Product): TensorInfo {
  const [left, right] = [matrixOf(a, transposeA), matrixOf(b, transposeB)];
  if (a.dtype !== "float32" || b.dtype !== "float32")
    throw new Error(`product of other than float32: ${a.dtype}, ${b.dtype}`);
  if (left.columns !== right.rows) throw new Error(`matrices do not fit: [${a.shape}] and [${b.shape}]`);
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const output = backend.makeOutput([...batch, left.rows, right.columns], "float32");
  if (left.columns === 0) backend.typedArrayFromHeap(output).fill(0);
  const size = tf.util.sizeFromShape([...batch, left.rows, right.columns]);
  if (left.columns === 0 || size === 0) return output;

  const { kernel, scratch } = loadKernel(backend);
  const pointer = ({ dataId }: TensorInfo): number => backend.dataIdMap.get(dataId).memoryOffset;
  const [aStart, bStart, cStart] = [pointer(a), pointer(b), pointer(output)];
  const [aIndices, bIndices] = [batchIndices(a.shape, batch), batchIndices(b.shape, batch)];
  const cBytes = left.rows * right.columns * floatBytes;
  for (let index = 0; index < aIndices.length; index++) {
    kernel.multiply(
      ...([aStart + (aIndices[index] as number) * left.bytes, left.row, left.column] as const),
      ...([bStart + (bIndices[index] as number) * right.bytes, right.row, right.column] as const),
      ...([cStart + index * cBytes, left.rows, right.columns, left.columns, scratch] as const),
    );
  }
  return output;
}

/** For each matrix of a batch in row-major order, which matrix of a tensor it is: leading axes of 1 are repeated. */
function batchIndices(shape: readonly number[], batch: readonly number[]): number[] {
  const own = shape.slice(0, -2);
  let indices = [0];
  for (const [axis, size] of batch.entries()) {
    const ownSize = own[axis - (batch.length - own.length)] ?? 1;
    indices = indices.flatMap((index) =>
      Array.from({ length: size }, (_, position) => index * ownSize + (ownSize === 1 ? 0 : position)),
    );
  }
  return indices;
}
