/**
 * The layers once more, in double precision, by the formulas of their papers and in plain loops: what the fast ones are checked
 * against. Matrices are row-major.
 */
import { cos, exp, log, pow, sin } from "@shardlab/numerics";

/** [rows, columns] of a [rows, inner] and b [inner, columns]. */
export function product(a: Float64Array, b: Float64Array, inner: number): Float64Array {
  const rows = a.length / inner;
  const columns = b.length / inner;
  const out = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < inner; k++)
      for (let column = 0; column < columns; column++)
        out[row * columns + column] += a[row * inner + k] * b[k * columns + column];
  return out;
}

export function transposed(a: Float64Array, columns: number): Float64Array {
  const rows = a.length / columns;
  return Float64Array.from(a, (_, i) => a[(i % rows) * columns + Math.floor(i / rows)]);
}

/** (x - mean) / sqrt(variance + epsilon) gain + bias by rows, or x / sqrt(mean square + epsilon) gain without a bias. */
export function normalizedRows(x: Float64Array, gain: Float64Array, bias?: Float64Array): Float64Array {
  const width = gain.length;
  const out = new Float64Array(x.length);
  for (let first = 0; first < x.length; first += width) {
    const row = x.subarray(first, first + width);
    const mean = bias === undefined ? 0 : row.reduce((sum, value) => sum + value, 0) / width;
    const variance = row.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / width;
    for (let i = 0; i < width; i++)
      out[first + i] = ((row[i] - mean) / Math.sqrt(variance + 1e-5)) * gain[i] + (bias?.[i] ?? 0);
  }
  return out;
}

export interface ReferenceAttention {
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headWidth: number;
  readonly context: number;
  readonly positions: "rotary" | "learned";
}

/** A head at a position turned as complex numbers: element i is the real, i + d/2 the imaginary part. */
function turned(head: Float64Array, position: number): Float64Array {
  const half = head.length / 2;
  const out = new Float64Array(head.length);
  for (let i = 0; i < half; i++) {
    const angle = position * pow(10_000, (-2 * i) / head.length);
    out[i] = head[i] * cos(angle) - head[i + half] * sin(angle);
    out[i + half] = head[i] * sin(angle) + head[i + half] * cos(angle);
  }
  return out;
}

/** One query against the keys up to its own position. */
function attended(query: Float64Array, keys: readonly Float64Array[], values: readonly Float64Array[]): Float64Array {
  const weights = keys.map((key) =>
    exp(key.reduce((sum, value, i) => sum + value * query[i], 0) / Math.sqrt(query.length)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const out = new Float64Array(query.length);
  for (const [index, value] of values.entries())
    for (let i = 0; i < out.length; i++) out[i] += (weights[index] / total) * value[i];
  return out;
}

export function attentionOf(
  x: Float64Array,
  [into, out]: readonly Float64Array[],
  sizes: ReferenceAttention,
): Float64Array {
  const { heads, keyValueHeads, headWidth, context, positions } = sizes;
  const columns = (heads + 2 * keyValueHeads) * headWidth;
  const width = into.length / columns;
  const projected = product(x, into, width);
  const rows = x.length / width;
  const headAt = (row: number, index: number) => {
    const first = row * columns + index * headWidth;
    return projected.slice(first, first + headWidth);
  };
  const placed = (row: number, index: number) =>
    positions === "rotary" ? turned(headAt(row, index), row % context) : headAt(row, index);
  const merged = new Float64Array(rows * heads * headWidth);
  for (let row = 0; row < rows; row++) {
    const first = row - (row % context);
    const seen = Array.from({ length: (row % context) + 1 }, (_, i) => first + i);
    for (let head = 0; head < heads; head++) {
      const group = Math.floor((head * keyValueHeads) / heads);
      const keys = seen.map((key) => placed(key, heads + group));
      const values = seen.map((key) => headAt(key, heads + keyValueHeads + group));
      merged.set(attended(placed(row, head), keys, values), (row * heads + head) * headWidth);
    }
  }
  return product(merged, out, heads * headWidth);
}

const hyperbolicTangent = (x: number): number => 1 - 2 / (exp(2 * x) + 1);
const silu = (x: number): number => x / (1 + exp(-x));
const gelu = (x: number): number =>
  0.5 * x * (1 + hyperbolicTangent(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));

export function feedForwardOf(
  x: Float64Array,
  [into, out]: readonly Float64Array[],
  { kind, inner }: { kind: "gelu" | "silu" | "swiglu"; inner: number },
): Float64Array {
  const columns = kind === "swiglu" ? 2 * inner : inner;
  const projected = product(x, into, into.length / columns);
  const bent = new Float64Array((projected.length / columns) * inner);
  for (let i = 0; i < bent.length; i++) {
    const row = Math.floor(i / inner);
    const value = projected[row * columns + (i % inner)];
    if (kind === "swiglu") bent[i] = silu(value) * projected[row * columns + inner + (i % inner)];
    else bent[i] = kind === "gelu" ? gelu(value) : silu(value);
  }
  return product(bent, out, inner);
}

/** Rows of a matrix by token, with the row of the position added. */
export function embedded(
  tokens: ArrayLike<number>,
  matrix: Float64Array,
  options: { width: number; positions?: Float64Array },
) {
  const { width, positions } = options;
  const out = new Float64Array(tokens.length * width);
  for (let i = 0; i < out.length; i++) {
    const row = Math.floor(i / width);
    out[i] = matrix[tokens[row] * width + (i % width)];
    if (positions !== undefined) out[i] += positions[i % positions.length];
  }
  return out;
}

/** Mean over rows of -log of the softmax at the target. */
export function crossEntropyOf(logits: Float64Array, targets: ArrayLike<number>): number {
  const classes = logits.length / targets.length;
  let sum = 0;
  for (let row = 0; row < targets.length; row++) {
    const own = logits.subarray(row * classes, (row + 1) * classes);
    const total = own.reduce((all, logit) => all + exp(logit - own[targets[row]]), 0);
    sum += log(total);
  }
  return sum / targets.length;
}

export function denseOf(x: Float64Array, [matrix, bias]: readonly Float64Array[], isRectified: boolean): Float64Array {
  const linear = product(x, matrix, matrix.length / bias.length);
  return linear.map((value, i) => {
    const sum = value + bias[i % bias.length];
    return isRectified ? Math.max(0, sum) : sum;
  });
}

/** Each pixel of each output channel: the sum over its neighbours, as far as they lie within the image. */
export function convolutionOf(
  x: Float64Array,
  [kernel, bias]: readonly Float64Array[],
  { imageSize, inputs }: { imageSize: number; inputs: number },
): Float64Array {
  const outputs = bias.length;
  const images = x.length / (imageSize * imageSize * inputs);
  const out = new Float64Array(images * imageSize * imageSize * outputs);
  const pixel = (image: number, row: number, column: number) => (image * imageSize + row) * imageSize + column;
  const isInside = (at: number) => at >= 0 && at < imageSize;
  for (let i = 0; i < out.length; i++) {
    const output = i % outputs;
    const place = Math.floor(i / outputs);
    const column = place % imageSize;
    const row = Math.floor(place / imageSize) % imageSize;
    const image = Math.floor(place / (imageSize * imageSize));
    let sum = bias[output];
    for (let step = 0; step < 9 * inputs; step++) {
      const [down, right] = [Math.floor(step / (3 * inputs)) - 1, (Math.floor(step / inputs) % 3) - 1];
      if (!isInside(row + down) || !isInside(column + right)) continue;
      sum += x[pixel(image, row + down, column + right) * inputs + (step % inputs)] * kernel[step * outputs + output];
    }
    out[i] = Math.max(0, sum);
  }
  return out;
}
