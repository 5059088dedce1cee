/**
 * What each compressor sends of a gradient and of an activation, and how fast it encodes and decodes: one loop over the registry.
 *
 *   node packages/compressors/bench/compressors.mjs [elements]     (10,000,000 by default)
 */
import { createStreams } from "@shardlab/random";
import { compressorKinds, compressorSpec, createCompressor } from "../dist/index.js";

const elements = Number(process.argv[2] ?? 1e7);
const width = 1024;
const context = { width, vocabulary: 1000, seed: 1 };
const topK = { kind: "top-k", share: 0.01 };

/** Specifications beyond the defaults of each kind. */
const variants = {
  chain: [
    { outer: { kind: "subspace", rank: 10 }, inner: { kind: "bfloat16" } },
    { outer: { kind: "top-k", count: 64, chunk: 4096 }, inner: { kind: "uniform-quantization", bits: 2, block: 64 } },
  ],
  "error-feedback": [{ inner: topK }],
  "top-k": [{ share: 0.01 }, { share: 0.25 }, { count: 64, chunk: 4096 }, { count: 8, chunk: 64 }],
  "uniform-quantization": [{ bits: 8 }, { bits: 4 }, { bits: 2 }],
};

/** Sums of uniforms are as good as normals for timing, and cheaper. */
function sample(length) {
  const uniforms = new Float64Array(4 * 65_536);
  createStreams(1).stream("bench").uniformsInto(uniforms);
  const place = (i, part) => uniforms[(i * 4 + part + (i >> 16)) & (uniforms.length - 1)];
  return Float32Array.from({ length }, (_, i) => place(i, 0) + place(i, 1) - place(i, 2) - place(i, 3));
}

/** The fastest of `rounds` calls, in seconds, with the last answer. */
function fastest(rounds, work) {
  let seconds = Number.POSITIVE_INFINITY;
  let answer;
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    answer = work();
    seconds = Math.min(seconds, (performance.now() - started) / 1000);
  }
  return { seconds, answer };
}

function measure(spec, role, values) {
  const compressor = createCompressor(compressorSpec.parse(spec), context);
  const shape = role === "activation" ? [values.length / width, width] : [values.length];
  const tensor = { name: "bench", role, shape };
  const tokens = Uint16Array.from({ length: shape[0] }, (_, row) => row % context.vocabulary);
  const encoder = compressor.encoder(tensor);
  const encoded = fastest(5, () => encoder.encode(values, { tokens }));
  const decoded = fastest(5, () => compressor.decode(encoded.answer, tensor));
  const megabytes = (4 * values.length) / 1e6;
  console.log(
    [
      JSON.stringify(spec).padEnd(138),
      role.padEnd(10),
      `${(encoded.answer.length / 1e6).toFixed(3).padStart(8)} MB`,
      `${((4 * values.length) / encoded.answer.length).toFixed(2).padStart(8)}x`,
      `encode ${(1000 * encoded.seconds).toFixed(1).padStart(7)} ms ${(megabytes / encoded.seconds).toFixed(0).padStart(6)} MB/s`,
      `decode ${(1000 * decoded.seconds).toFixed(1).padStart(7)} ms ${(megabytes / decoded.seconds).toFixed(0).padStart(6)} MB/s`,
    ].join("  "),
  );
}

const gradient = sample(elements);
const activation = sample(width * Math.max(1, Math.round(elements / 10 / width)));
console.log(`gradient: ${gradient.length} values; activation: ${activation.length / width} tokens of width ${width}`);
for (const kind of compressorKinds) {
  for (const variant of variants[kind] ?? [{}]) {
    measure({ kind, ...variant }, "gradient", gradient);
    if (kind === "subspace" || variant.outer?.kind === "subspace")
      measure({ kind, ...variant }, "activation", activation);
  }
}
