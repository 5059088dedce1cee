/** Every layer against the same in double precision, its gradients against central differences; and planted bugs, all found. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createStreams, type RandomStream } from "@shardlab/random";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backend, type BackendKind, openBackend } from "../backends/index.ts";
import * as reference from "../reference/layers.ts";
import * as attentionLayers from "./attention.ts";
import * as convolutionLayers from "./convolution.ts";
import * as crossEntropyLayers from "./cross-entropy.ts";
import * as denseLayers from "./dense.ts";
import * as feedForwardLayers from "./feed-forward.ts";
import type { Layer } from "./layer.ts";
import * as normalizationLayers from "./normalization.ts";
import * as embeddingLayers from "./token-embedding.ts";

const originals = {
  attention: attentionLayers,
  convolution: convolutionLayers,
  "cross-entropy": crossEntropyLayers,
  dense: denseLayers,
  "feed-forward": feedForwardLayers,
  normalization: normalizationLayers,
  "token-embedding": embeddingLayers,
};
type Modules = typeof originals;

/** Inputs that have gradients, with their shapes, and how to compute from them. */
interface LayerCase {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  /** Output, and gradients of the inputs for the output's gradient `dy`, which has the output's shape. */
  run(
    modules: Modules,
    backend: Backend,
    inputs: readonly Tensor[],
  ): {
    y: Tensor;
    gradients: (dy: Tensor) => readonly Tensor[];
  };
  expected(inputs: readonly Float64Array[]): Float64Array;
}

/** A layer with its input first and its weights after it. */
function layerCase(
  name: string,
  shapes: LayerCase["shapes"],
  {
    make,
    expected,
  }: {
    make: (modules: Modules, backend: Backend) => Layer;
    expected: (x: Float64Array, weights: readonly Float64Array[]) => Float64Array;
  },
): LayerCase {
  return {
    name,
    shapes,
    run: (modules, backend, [x, ...weights]) => {
      const layer = make(modules, backend);
      expect(layer.weights).toBe(weights.length);
      const { y, saved } = layer.forward(weights, x);
      return {
        y,
        gradients: (dy) => {
          const { dx, gradients } = layer.backward(weights, dy, saved);
          return [dx, ...gradients];
        },
      };
    },
    expected: ([x, ...weights]) => expected(x, weights),
  };
}

const normCase = (rows: number, width: number, kind: "rmsNorm" | "layerNorm"): LayerCase =>
  layerCase(`${kind} ${rows} x ${width}`, [[rows, width], ...new Array(kind === "rmsNorm" ? 1 : 2).fill([width])], {
    make: ({ normalization }, backend) => normalization[kind](backend),
    expected: (x, [gain, bias]) => reference.normalizedRows(x, gain, bias),
  });

function attentionCase(width: number, sizes: reference.ReferenceAttention, batch = 2): LayerCase {
  const { heads, keyValueHeads, headWidth, context } = sizes;
  const columns = (heads + 2 * keyValueHeads) * headWidth;
  const name = `attention of ${width}: ${Object.values(sizes).join(" ")}`;
  return layerCase(
    name,
    [
      [batch * context, width],
      [width, columns],
      [heads * headWidth, width],
    ],
    {
      make: ({ attention }, backend) => attention.attention(backend, sizes, attention.attentionTables(backend, sizes)),
      expected: (x, weights) => reference.attentionOf(x, weights, sizes),
    },
  );
}

const feedForwardCase = (width: number, inner: number, kind: "gelu" | "silu" | "swiglu"): LayerCase =>
  layerCase(
    `feed-forward ${width} x ${inner} ${kind}`,
    [
      [6, width],
      [width, kind === "swiglu" ? 2 * inner : inner],
      [inner, width],
    ],
    {
      make: (modules, backend) => modules["feed-forward"].feedForward(backend, kind),
      expected: (x, weights) => reference.feedForwardOf(x, weights, { kind, inner }),
    },
  );

const denseCase = (rows: number, shape: readonly [number, number], isRectified: boolean): LayerCase =>
  layerCase(`dense ${rows} x ${shape.join(" x ")} ${isRectified}`, [[rows, shape[0]], shape, [shape[1]]], {
    make: ({ dense }, backend) => dense.dense(backend, isRectified),
    expected: (x, weights) => reference.denseOf(x, weights, isRectified),
  });

function convolutionCase(imageSize: number, inputs: number, outputs: number): LayerCase {
  const sizes = { imageSize, inputs };
  return layerCase(
    `convolution of ${imageSize}: ${inputs} to ${outputs}`,
    [[2, imageSize * imageSize * inputs], [9 * inputs, outputs], [outputs]],
    {
      make: ({ convolution }, backend) => convolution.convolution(backend, sizes),
      expected: (x, weights) => reference.convolutionOf(x, weights, sizes),
    },
  );
}

function embeddingCase(vocabulary: number, width: number, hasPositions: boolean): LayerCase {
  const [batch, context] = [3, 4];
  // Some tokens come more than once, some never.
  const ids = Int32Array.from({ length: batch * context }, (_, i) => (i * i) % vocabulary);
  return {
    name: `embedding ${vocabulary} x ${width} ${hasPositions}`,
    shapes: hasPositions
      ? [
          [vocabulary, width],
          [context, width],
        ]
      : [[vocabulary, width]], // prettier-ignore
    run: (modules, backend, inputs) => {
      const layer = modules["token-embedding"].tokenEmbedding(backend, hasPositions);
      const tokens: Tensor1D = backend.tf.tensor1d(ids, "int32");
      return {
        y: layer.forward(inputs, tokens, undefined),
        gradients: (dy) => layer.backward(inputs, dy, tokens),
      };
    },
    expected: ([matrix, positions]) => reference.embedded(ids, matrix, { width, ...(positions && { positions }) }),
  };
}

function crossEntropyCase(rows: number, classes: number): LayerCase {
  const ids = Int32Array.from({ length: rows }, (_, i) => (i * i + 1) % classes);
  return {
    name: `cross-entropy ${rows} x ${classes}`,
    shapes: [[rows, classes]],
    run: (modules, { tf }, [logits]) => {
      const targets: Tensor1D = tf.tensor1d(ids, "int32");
      const { loss, shares } = modules["cross-entropy"].crossEntropy(tf, logits as Tensor2D, targets);
      return {
        y: loss,
        gradients: (dy) => [tf.mul(modules["cross-entropy"].crossEntropyGradient(tf, shares, targets), dy)],
      };
    },
    expected: ([logits]) => Float64Array.of(reference.crossEntropyOf(logits, ids)),
  };
}

const rotary = { positions: "rotary" } as const;
const learned = { positions: "learned" } as const;
const widths = [1, 8, 127, 128, 256, 257];

const cases: readonly LayerCase[] = [
  ...widths.flatMap((width) => [normCase(5, width, "rmsNorm"), normCase(5, width, "layerNorm")]),
  normCase(1, 3, "layerNorm"),
  ...widths.map((width) =>
    attentionCase(width, { heads: 1, keyValueHeads: 1, headWidth: width, context: 5, ...learned }),
  ),
  attentionCase(8, { heads: 2, keyValueHeads: 2, headWidth: 4, context: 7, ...rotary }),
  attentionCase(8, { heads: 4, keyValueHeads: 2, headWidth: 2, context: 9, ...rotary }),
  attentionCase(128, { heads: 8, keyValueHeads: 2, headWidth: 16, context: 6, ...rotary }),
  attentionCase(256, { heads: 16, keyValueHeads: 16, headWidth: 16, context: 4, ...rotary }, 1),
  attentionCase(12, { heads: 6, keyValueHeads: 1, headWidth: 2, context: 3, ...learned }, 3),
  attentionCase(4, { heads: 2, keyValueHeads: 1, headWidth: 2, context: 1, ...rotary }),
  attentionCase(6, { heads: 1, keyValueHeads: 1, headWidth: 6, context: 33, ...rotary }, 1),
  ...widths.map((width) => feedForwardCase(width, Math.ceil(1.5 * width), "gelu")),
  feedForwardCase(8, 31, "silu"),
  feedForwardCase(8, 31, "swiglu"),
  feedForwardCase(127, 257, "swiglu"),
  feedForwardCase(1, 1, "swiglu"),
  ...[1, 8, 127, 257].flatMap((width) => [denseCase(5, [width, width], true), denseCase(3, [width, 7], false)]),
  denseCase(1, [9, 2], true),
  convolutionCase(1, 1, 1),
  convolutionCase(2, 3, 2),
  convolutionCase(5, 2, 3),
  convolutionCase(8, 4, 8),
  ...[1, 8, 127, 257].flatMap((width) => [embeddingCase(11, width, false), embeddingCase(5, width, true)]),
  embeddingCase(300, 4, false),
  crossEntropyCase(1, 2),
  crossEntropyCase(7, 3),
  crossEntropyCase(33, 257),
];

const asDoubles = (values: Float32Array): Float64Array => Float64Array.from(values);
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};
const normals = (stream: RandomStream, count: number, scale: number): Float32Array =>
  Float32Array.from({ length: count }, () => stream.normal(0, scale));
const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

interface Errors {
  /** Largest difference from the reference, in units of its largest element. */
  readonly forward: number;
  /** Largest difference of a derivative along a random direction, in units of the gradient's norm. */
  readonly gradient: number;
}

const directions = 3;
/** So small that hardly any rectified unit changes sides. */
const step = 1e-7;

async function errorsOf(
  { name, shapes, run, expected }: LayerCase,
  backend: Backend,
  modules: Modules,
): Promise<Errors> {
  const { tf } = backend;
  const stream = createStreams(3).stream(name);
  // Matrices are scaled so that what comes out of them is about 1; the first input is spread out.
  const values = shapes.map((shape, index) => {
    const scale = index === 0 ? 1.5 : shape.length === 2 ? 1.5 / Math.sqrt(shape[0]) : 1;
    return normals(stream, sizeOf(shape), scale);
  });
  const inputs = values.map((own, index) => tf.tensor(own.slice(), [...shapes[index]]));
  const doubles = values.map(asDoubles);
  const exact = expected(doubles);
  const { y, gradients } = run(modules, backend, inputs);
  const found = asDoubles(await backend.read(y));
  expect(found.length, name).toBe(exact.length);
  const scale = exact.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-3);
  const forward = found.reduce((largest, value, i) => Math.max(largest, Math.abs(value - exact[i]) / scale), 0);
  const dy = normals(stream, exact.length, 1);
  const all = gradients(tf.tensor(dy.slice(), y.shape));
  expect(all.length, name).toBe(inputs.length);
  let gradient = 0;
  for (const [index, tensor] of all.entries()) {
    expect(tensor.size, name).toBe(values[index].length);
    const own = await backend.read(tensor);
    const norm = Math.sqrt(dot(own, own)) + 1e-2;
    for (let count = 0; count < directions; count++) {
      const direction = normals(stream, own.length, 1);
      const moved = (by: number) =>
        expected(doubles.map((input, i) => (i === index ? input.map((value, j) => value + by * direction[j]) : input)));
      const [up, down] = [moved(step), moved(-step)];
      const slope = dot(
        dy,
        up.map((value, i) => (value - down[i]) / (2 * step)),
      ); // prettier-ignore
      gradient = Math.max(gradient, Math.abs(slope - dot(own, direction)) / norm);
    }
  }
  return { forward, gradient };
}

/** A thousand rounding errors of float32. */
const tolerance = 1000 * 2 ** -24;

const isExact = ({ forward, gradient }: Errors): boolean => forward < tolerance && gradient < tolerance;

async function open(kind: BackendKind): Promise<Backend | undefined> {
  try {
    return await openBackend({ kind });
  } catch (error) {
    if (kind !== "tensorflow" || process.env.CI === "true") throw error;
    console.warn(`skipped: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

describe.each(["cpu", "wasm", "tensorflow"] as const)("layers on %s", (kind) => {
  let backend: Backend | undefined;
  beforeAll(async () => {
    backend = await open(kind);
  });
  afterAll(() => backend?.dispose());

  test.each(cases.map((layer) => [layer.name, layer] as const))("%s", async (_name, layer) => {
    if (backend === undefined) return;
    backend.tf.engine().startScope();
    const { forward, gradient } = await errorsOf(layer, backend, originals);
    backend.tf.engine().endScope();
    expect(forward).toBeLessThan(tolerance);
    expect(gradient).toBeLessThan(tolerance);
  });
});

/** Bugs that have been made elsewhere: text of a file, and what it becomes. */
const bugs: readonly (readonly [keyof Modules, string, string, string])[] = [
  ["attention", "rotary.ts", "sines[first + half] = scale", "sines[first + half] = -scale"],
  ["attention", "rotary.ts", "sines[first] = -scale", "sines[first] = scale"],
  ["attention", "rotary.ts", '"on" ? tables.sines : tables.backSines', '"back" ? tables.sines : tables.backSines'],
  ["attention", "rotary.ts", '"on" ? tables.sines : tables.backSines', '"on" ? tables.sines : tables.sines'],
  ["attention", "rotary.ts", "(-2 * i * log(base))", "(-1 * i * log(base))"],
  ["attention", "attention.ts", "const scale = Math.sqrt(1 / Math.sqrt(headWidth));", "const scale = 1;"],
  ["attention", "attention.ts", "tf.mul(x, Math.sqrt(1 / Math.sqrt(sizes.headWidth)))", "tf.clone(x)"],
  ["attention", "attention.ts", "key = query + 1;", "key = query + 2;"],
  ["attention", "attention.ts", "key = query + 1;", "key = query;"],
  ["attention", "attention.ts", "tf.sub(dShares, rowSums)", "dShares"],
  ["attention", "attention.ts", "tf.slice(turned, [0, heads, 0, 0]", "tf.slice(all, [0, heads, 0, 0]"],
  ["attention", "attention.ts", 'turn(backend, dTurned, { sizes, tables }, "back")', "dTurned"],
  [
    "attention",
    "attention.ts",
    "batchMatMul(dScores, saved.queries, true, false)",
    "batchMatMul(dScores, saved.mixed, true, false)",
  ],
  ["normalization", "normalization.ts", "tf.sub(dn, tf.mean(dn, 1, true))", "dn"],
  ["normalization", "normalization.ts", "const centred = tf.sub(x, tf.mean(x, 1, true));", "const centred = x;"],
  ["normalization", "normalization.ts", "tf.sub(centred, tf.mul(normalized, projection))", "centred"],
  ["normalization", "normalization.ts", "tf.sub(dn, tf.mul(normalized, projection))", "dn"],
  [
    "normalization",
    "normalization.ts",
    "columnSums(backend, tf.mul(dy, normalized))]",
    "columnSums(backend, tf.mul(dn, normalized))]",
  ],
  ["normalization", "normalization.ts", "normEpsilon = 1e-5", "normEpsilon = 1e-3"],
  ["feed-forward", "activation.ts", "linear * 0.044715", "linear * 0.04"],
  ["feed-forward", "activation.ts", "3 * cubic", "2 * cubic"],
  ["feed-forward", "activation.ts", "tf.sub(1, sigmoid)", "sigmoid"],
  ["feed-forward", "activation.ts", "tf.mul(dy, gated)], 1", "tf.mul(dy, up)], 1"],
  ["cross-entropy", "cross-entropy.ts", "1 / rows", "1"],
  ["cross-entropy", "cross-entropy.ts", "tf.sub(shares, isTarget)", "shares"],
  ["cross-entropy", "cross-entropy.ts", "row * classes)", "row)"],
  ["dense", "dense.ts", "tf.mul(dy, tf.step(y))", "dy"],
  ["dense", "dense.ts", "columnSums(backend, dLinear)", "tf.mean(dLinear, 0)"],
  ["convolution", "convolution.ts", "[row, 2 - row]", "[2 - row, row]"],
  ["convolution", "convolution.ts", "tf.slice(sum, [0, 1, 1, 0]", "tf.slice(sum, [0, 0, 1, 0]"],
  [
    "token-embedding",
    "token-embedding.ts",
    "gradient, tf.sum(tf.reshape(dy, [-1, context, width]), 0)",
    "gradient, tf.mean(tf.reshape(dy, [-1, context, width]), 0)",
  ],
  ["token-embedding", "token-embedding.ts", "tf.gather(matrix, tokens)", "tf.gather(matrix, tf.reverse(tokens))"],
]; // prettier-ignore

/** The module with one bug in one of its files. */
async function withBug([module, file, text, instead]: (typeof bugs)[number], folder: string): Promise<object> {
  const here = new URL("./", import.meta.url).pathname;
  const source = readFileSync(join(here, file), "utf8");
  expect(source.includes(text), `${file} has: ${text}`).toBe(true);
  const outfile = join(
    folder,
    `${bugs.findIndex((bug) => bug[1] === file && bug[2] === text && bug[3] === instead)}.mjs`,
  );
  await build({
    ...{ entryPoints: [join(here, `${module}.ts`)], outfile, bundle: true, format: "esm", platform: "node" },
    logLevel: "silent",
    plugins: [
      {
        name: "bug",
        setup: ({ onLoad, onResolve }) => {
          onLoad({ filter: new RegExp(`/layers/${file.replace(".", "\\.")}$`) }, () => ({
            contents: source.replace(text, () => instead),
            loader: "ts",
          }));
          onResolve({ filter: /^@shardlab\/numerics$/ }, () => ({
            path: join(here, "../../../numerics/src/index.ts"),
          }));
        },
      },
    ],
  });
  return await import(/* @vite-ignore */ pathToFileURL(outfile).href);
}

describe("planted bugs", () => {
  let backend: Backend;
  const folder = mkdtempSync(join(tmpdir(), "shardlab-bugs-"));
  beforeAll(async () => {
    backend = await openBackend({ kind: "cpu" });
  });
  afterAll(() => {
    backend.dispose();
    rmSync(folder, { recursive: true });
  });

  test.each(bugs)("are found: %s, in %s: %s -> %s", async (...bug) => {
    const modules = { ...originals, [bug[0]]: await withBug(bug, folder) };
    const errors: Errors[] = [];
    const begin = { normalization: /^(rms|layer)Norm/, "token-embedding": /^embedding/ }[bug[0] as string];
    for (const layer of cases.filter(({ shapes }) => sizeOf(shapes[0]) < 200))
      if (begin === undefined ? layer.name.startsWith(bug[0]) : begin.test(layer.name))
        errors.push(await errorsOf(layer, backend, modules));
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.every(isExact)).toBe(false);
  });
});
