/**
 * The port to the numbers: which tfjs engine computes, and on which device. Code above takes the handle `tf` from here and
 * imports tfjs-core for its types alone, because the native backends bring a tfjs-core of their own.
 */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";

export type Tfjs = typeof import("@tensorflow/tfjs-core");

/** From the slowest to the fastest. */
export const backendKinds = ["cpu", "wasm", "tensorflow", "webgpu", "tensorflow-gpu"] as const;
export type BackendKind = (typeof backendKinds)[number];

/** Those that `npm ci` does not bring. */
export const optionalBackendKinds = [
  "tensorflow",
  "webgpu",
  "tensorflow-gpu",
] as const satisfies readonly BackendKind[];

/** Products of matrices, by whichever way is the fastest correct one on the backend. Inputs are float32. */
export interface MatrixProducts {
  /** `a b`, with `a` of [m, k] (or [k, m] where `transposeA`) and `b` of [k, n] (or [n, k] where `transposeB`): [m, n]. */
  matMul(a: Tensor2D, b: Tensor2D, transposeA?: boolean, transposeB?: boolean): Tensor2D;
  /** The same over the last two axes of tensors of rank 3 or 4, whose leading axes are equal or broadcast. */
  batchMatMul<T extends Tensor>(a: T, b: T, transposeA?: boolean, transposeB?: boolean): T;
}

export interface Backend extends MatrixProducts {
  readonly kind: BackendKind;
  /** `cpu`, or `gpu:0` and so on, followed by the adapter's name in brackets where it tells one. */
  readonly device: string;
  /** Versions of what computes, such as `tfjs 4.22.0, libtensorflow 2.21.0`. */
  readonly version: string;
  readonly tf: Tfjs;
  /** Whether `read`, and `dataSync` of any tensor, work without waiting. */
  readonly isSynchronous: boolean;
  /** A copy of the elements of a float32 tensor, in row-major order. */
  read(tensor: Tensor): Float32Array | Promise<Float32Array>;
  /** Frees the backend and every tensor on it; another may be opened then. */
  dispose(): void;
}

/**
 * @property device `cpu`, `gpu` or `gpu:N`; on webgpu also `adapter=NAME`, a part of the adapter's name. What the kind has by default.
 * @property threads of one operation, for kinds that have threads: 1 by default, with which results are repeatable.
 * @property allowSoftware whether webgpu may compute on a GPU that is a program: true by default, but not for `auto`.
 * @property folder where optional backends are installed; by default `.shardlab/backends` of the checkout or of the working folder.
 */
export interface BackendOptions {
  readonly device?: string | undefined;
  readonly threads?: number | undefined;
  readonly folder?: string | undefined;
  readonly allowSoftware?: boolean | undefined;
}

/** What a file of a backend exports: opens it, or rejects with one line that says what to do. */
export type OpenDriver = (options: BackendOptions) => Promise<Backend>;
