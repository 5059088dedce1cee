/**
 * The operations that models use, over shapes at and around the widths where kernels change their ways. Every backend is
 * held to the cpu one on them, and to itself between runs and processes.
 */
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { Backend } from "./backend.ts";

/**
 * @property family what the cases have in common, by which bounds are stated.
 * @property compute one result; what else it makes is disposed of for it.
 */
export interface OperationCase {
  readonly family: OperationFamily;
  readonly name: string;
  compute(backend: Backend): Tensor;
}

export const operationFamilies = [
  "matrix product",
  "batched product",
  "softmax",
  "reduction",
  "exp, log, rsqrt",
  "erf, tanh, sigmoid",
  "broadcast",
  "copy",
] as const;
export type OperationFamily = (typeof operationFamilies)[number];

export const widths = [1, 3, 127, 128, 255, 256, 257] as const;

/** Values in [-1, 1) that look random and are the same everywhere. */
function values(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => {
    let bits = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
    bits = Math.imul(bits ^ (bits >>> 13), 0x297a2d39);
    return (bits ^ (bits >>> 16)) / 2 ** 31;
  });
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

const filled = <T extends Tensor>({ tf }: Backend, shape: readonly number[], seed = 0): T =>
  tf.tensor(values(sizeOf(shape), seed), [...shape]) as T;

/** Values in (0.05, 2.05), for logarithms and roots. */
const positive = (backend: Backend, shape: readonly number[]): Tensor => backend.tf.add(filled(backend, shape), 1.05);

const transposes = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

function matrixProducts(): OperationCase[] {
  const shapes = [1, 5, 33].flatMap((rows) =>
    widths.flatMap((inner) => widths.map((columns) => [rows, inner, columns])),
  );
  // Past the blocks in which kernels work.
  shapes.push([9, 1000, 521], [130, 513, 66], [4, 512, 1030]);
  return shapes.flatMap(([rows = 0, inner = 0, columns = 0]) =>
    transposes.map(
      ([transposeA, transposeB]): OperationCase => ({
        family: "matrix product",
        name: `[${rows}, ${inner}] by [${inner}, ${columns}] ${transposeA} ${transposeB}`,
        compute: (backend) =>
          backend.matMul(
            filled<Tensor2D>(backend, transposeA ? [inner, rows] : [rows, inner], 1),
            filled<Tensor2D>(backend, transposeB ? [columns, inner] : [inner, columns], 2),
            transposeA,
            transposeB,
          ),
      }),
    ),
  );
}

/** Leading axes of the two tensors. */
const batches: readonly (readonly [a: readonly number[], b: readonly number[]])[] = [
  [[3], [3]],
  [
    [2, 3],
    [2, 3],
  ],
  [
    [1, 3],
    [2, 1],
  ],
  [[4], [1]],
];

function batchedProducts(): OperationCase[] {
  return batches.flatMap(([batchA, batchB]) =>
    widths.flatMap((width) =>
      transposes.map(
        ([transposeA, transposeB]): OperationCase => ({
          family: "batched product",
          name: `[${batchA}, 17, ${width}] by [${batchB}, ${width}, 9] ${transposeA} ${transposeB}`,
          compute: (backend) =>
            backend.batchMatMul(
              filled(backend, [...batchA, ...(transposeA ? [width, 17] : [17, width])], 3),
              filled(backend, [...batchB, ...(transposeB ? [9, width] : [width, 9])], 4),
              transposeA,
              transposeB,
            ),
        }),
      ),
    ),
  );
}

type Compute = (backend: Backend, width: number) => Tensor;

/** One case of each computation for each width. */
const byWidth = (family: OperationFamily, computations: Readonly<Record<string, Compute>>): OperationCase[] =>
  Object.entries(computations).flatMap(([name, compute]) =>
    widths.map((width) => ({
      family,
      name: `${name} ${width}`,
      compute: (backend: Backend) => compute(backend, width),
    })),
  );

const rowsOf = (backend: Backend, width: number): Tensor => filled(backend, [6, width], 5);

const normalized: Readonly<Record<string, Compute>> = {
  softmax: (backend, width) => backend.tf.softmax(backend.tf.mul(rowsOf(backend, width), 8)),
  "log softmax": (backend, width) => backend.tf.logSoftmax(backend.tf.mul(rowsOf(backend, width), 8)),
};

const reductions: Readonly<Record<string, Compute>> = {
  "sum of rows": (backend, width) => backend.tf.sum(rowsOf(backend, width), 1),
  "sum of columns": (backend, width) => backend.tf.sum(rowsOf(backend, width), 0),
  "sum of all": (backend, width) => backend.tf.sum(rowsOf(backend, width)),
  "mean of rows": (backend, width) => backend.tf.mean(rowsOf(backend, width), 1, true),
  "mean of the middle axis": (backend, width) => backend.tf.mean(filled(backend, [3, width, 5]), 1),
  "greatest of rows": (backend, width) => backend.tf.max(rowsOf(backend, width), 1),
  "place of the greatest": (backend, width) => backend.tf.cast(backend.tf.argMax(rowsOf(backend, width), 1), "float32"),
};

const exponentials: Readonly<Record<string, Compute>> = {
  exp: (backend, width) => backend.tf.exp(backend.tf.mul(rowsOf(backend, width), 8)),
  log: (backend, width) => backend.tf.log(positive(backend, [6, width])),
  rsqrt: (backend, width) => backend.tf.rsqrt(positive(backend, [6, width])),
  sqrt: (backend, width) => backend.tf.sqrt(positive(backend, [6, width])),
};

const saturating: Readonly<Record<string, Compute>> = {
  erf: (backend, width) => backend.tf.erf(backend.tf.mul(rowsOf(backend, width), 4)),
  tanh: (backend, width) => backend.tf.tanh(backend.tf.mul(rowsOf(backend, width), 4)),
  sigmoid: (backend, width) => backend.tf.sigmoid(backend.tf.mul(rowsOf(backend, width), 8)),
};

const elementwise: Readonly<Record<string, Compute>> = {
  "add a row": (backend, width) => backend.tf.add(rowsOf(backend, width), filled(backend, [width], 6)),
  "multiply by a column": (backend, width) => backend.tf.mul(rowsOf(backend, width), filled(backend, [6, 1], 7)),
  "subtract across axes": (backend, width) =>
    backend.tf.sub(filled(backend, [4, 1, width], 8), filled(backend, [1, 3, width], 9)),
  "divide by a row": (backend, width) => backend.tf.div(rowsOf(backend, width), positive(backend, [width])),
  "multiply by a scalar": (backend, width) => backend.tf.mul(rowsOf(backend, width), 0.37),
  square: (backend, width) => backend.tf.square(rowsOf(backend, width)),
  "greater of two": (backend, width) => backend.tf.maximum(rowsOf(backend, width), filled(backend, [width], 6)),
  "choose by sign": (backend, width) => {
    const x = rowsOf(backend, width);
    return backend.tf.where(backend.tf.greater(x, 0), x, backend.tf.zerosLike(x));
  },
};

const indicesOf = ({ tf }: Backend, width: number): Tensor1D =>
  tf.tensor1d([0, width - 1, width >> 1, 0, width - 1], "int32");

const copies: Readonly<Record<string, Compute>> = {
  "gather rows": (backend, width) => backend.tf.gather(filled(backend, [width, 5]), indicesOf(backend, width)),
  "gather long rows": (backend, width) => backend.tf.gather(filled(backend, [7, width]), indicesOf(backend, 7)),
  "one-hot": (backend, width) => backend.tf.oneHot(indicesOf(backend, width), width + 1, 1, 0, "float32"),
  "one-hot, cast": (backend, width) =>
    backend.tf.cast(backend.tf.oneHot(indicesOf(backend, width), width + 1), "float32"),
  "slice of columns": (backend, width) =>
    backend.tf.slice(rowsOf(backend, width), [1, width >> 1], [4, (width + 1) >> 1]),
  "slice of a middle axis": (backend, width) =>
    backend.tf.slice(filled(backend, [3, 4, width]), [0, 1, 0], [3, 2, width]),
  "concat of rows": (backend, width) => backend.tf.concat([rowsOf(backend, width), filled(backend, [2, width])], 0),
  "concat of columns": (backend, width) => backend.tf.concat([rowsOf(backend, width), filled(backend, [6, 3])], 1),
  transpose: (backend, width) => backend.tf.transpose(rowsOf(backend, width)),
  "transpose of heads": (backend, width) => backend.tf.transpose(filled(backend, [2, 5, 3, width]), [0, 2, 1, 3]),
  "split and stack": (backend, width) => backend.tf.stack(backend.tf.split(rowsOf(backend, width), 3, 0)),
  "reverse of a middle axis": (backend, width) => backend.tf.reverse(filled(backend, [3, 5, 2, width]), 2),
  "reverse of rows": (backend, width) => backend.tf.reverse(rowsOf(backend, width), 1),
  "reverse of two axes": (backend, width) => backend.tf.reverse(filled(backend, [3, 4, width]), [0, 2]),
  tile: (backend, width) => backend.tf.tile(rowsOf(backend, width), [2, 1]),
  pad: (backend, width) =>
    backend.tf.pad(rowsOf(backend, width), [
      [1, 0],
      [0, 2],
    ]),
}; // prettier-ignore

/** Every case, in a fixed order. */
export const operationCases: readonly OperationCase[] = [
  ...matrixProducts(),
  ...batchedProducts(),
  ...byWidth("softmax", normalized),
  ...byWidth("reduction", reductions),
  ...byWidth("exp, log, rsqrt", exponentials),
  ...byWidth("erf, tanh, sigmoid", saturating),
  ...byWidth("broadcast", elementwise),
  ...byWidth("copy", copies),
];

/** Results of every case on a backend. */
export async function operationResults(backend: Backend): Promise<Float32Array[]> {
  const results: Float32Array[] = [];
  for (const { compute } of operationCases) {
    const tensor = backend.tf.tidy(() => compute(backend));
    results.push(await backend.read(tensor));
    tensor.dispose();
  }
  return results;
}

/**
 * Greatest difference between two results of one case: of each element, relative to the greatest of the first.
 * Infinite where their sizes differ or one is not a number.
 */
export function greatestError(expected: Float32Array, found: Float32Array): number {
  if (expected.length !== found.length) return Number.POSITIVE_INFINITY;
  const scale = expected.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 1e-30);
  let greatest = 0;
  for (const [index, value] of expected.entries()) {
    const error = Math.abs(value - (found[index] as number)) / scale;
    if (!(error <= greatest)) greatest = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
  }
  return greatest;
}
