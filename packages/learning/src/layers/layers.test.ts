/** Every layer against the same in double precision, its gradients against central differences; and planted bugs, all found. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backend, type BackendKind, openBackend } from "../backends/index.ts";
import {
  cases,
  type Errors,
  errorsOf,
  isExact,
  type Modules,
  originals,
  sizeOf,
  tolerance,
} from "../fixtures/layer-cases.ts";

async function open(kind: BackendKind): Promise<Backend | undefined> {
  try {
    return await openBackend({ kind });
  } catch (error) {
    const isOptional = kind === "webgpu" || (kind === "tensorflow" && process.env.CI !== "true");
    if (!isOptional) throw error;
    process.stderr.write(`skipped: ${error instanceof Error ? error.message : error}\n`);
    return undefined;
  }
}

describe.each(["cpu", "wasm", "tensorflow", "webgpu"] as const)("layers on %s", (kind) => {
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
