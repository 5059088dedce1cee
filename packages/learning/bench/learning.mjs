// One training step of the same transformer in PyTorch and on each backend, one thread each, in one run; then where the time goes.
// Usage: node packages/learning/bench/learning.mjs [backend ...]; a backend is run in a process of its own.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { measureTrainingStep, modelSpec, openBackend } from "@shardlab/learning";
import { profileLayers } from "./profile-layers.mjs";

const cases = [
  { layers: 4, width: 128, heads: 4, context: 128, microbatchSize: 8, steps: 6 },
  { layers: 6, width: 256, heads: 8, context: 128, microbatchSize: 16, steps: 2 },
].map((sizes) => ({ ...sizes, vocabulary: 256, threads: 1 }));
const rounds = 4;
const targets = { tensorflow: 1.3, wasm: 8 };
const self = fileURLToPath(import.meta.url);

const nowSeconds = () => performance.now() / 1000;

async function runBackend(kind, sizes, withProfile) {
  const backend = await openBackend({ kind, threads: sizes.threads });
  const { layers, width, heads, vocabulary, context, microbatchSize } = sizes;
  const model = modelSpec.parse({ kind: "gpt", layers, width, heads, vocabulary, context });
  const steps = kind === "cpu" ? 1 : sizes.steps;
  const rate = await measureTrainingStep(backend, { model, microbatchSize, steps }, nowSeconds);
  const profile = withProfile ? { profile: await profileLayers({ backend, model, microbatchSize, nowSeconds }) } : {};
  console.log(JSON.stringify({ seconds: rate.secondsPerStep, version: backend.version, ...profile }));
  backend.dispose();
}

// Debian's PyTorch multiplies by whatever BLAS is installed: with libopenblas0 it is fast.
const env = { ...process.env, OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1" };

function attempt(command, args) {
  try {
    return JSON.parse(
      execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], env })
        .trim()
        .split("\n")
        .at(-1),
    );
  } catch (error) {
    return {
      reason: String(error.stderr || error.message)
        .trim()
        .split("\n")
        .at(-1),
    };
  }
}

function pytorch(sizes) {
  const script = fileURLToPath(new URL("training_step.py", import.meta.url));
  const found = ["/usr/bin/python3", "python3"].map((python) => attempt(python, [script, JSON.stringify(sizes)]));
  return found.find(({ seconds }) => seconds !== undefined) ?? found[0];
}

const milliseconds = (seconds) => `${(seconds * 1000).toFixed(1).padStart(9)} ms`;

function report(name, { seconds, version, reason }, reference) {
  if (seconds === undefined) return console.log(`  ${name.padEnd(12)} skipped: ${reason}`);
  const ratio = reference === undefined ? "" : `${(seconds / reference).toFixed(2).padStart(7)} x PyTorch`;
  const target = targets[name] === undefined || reference === undefined ? "" : ` (target ${targets[name]})`;
  console.log(`  ${name.padEnd(12)} ${milliseconds(seconds)} ${ratio}${target}  [${version}]`);
}

/** The fastest of several rounds, in which the candidates take turns, because others use the machine too. */
function fastest(candidates) {
  const best = candidates.map(() => undefined);
  for (let round = 0; round < rounds; round++)
    for (const [index, candidate] of candidates.entries()) {
      const result = candidate(round);
      if (best[index] === undefined || result.seconds < best[index].seconds)
        best[index] = { profile: best[index]?.profile, ...result };
    }
  return best;
}

if (process.argv[2] === "--child") {
  await runBackend(process.argv[3], JSON.parse(process.argv[4]), process.argv[5] === "profile");
} else {
  const kinds = process.argv.length > 2 ? process.argv.slice(2) : ["tensorflow", "wasm"];
  for (const sizes of cases) {
    const { layers, width, context, microbatchSize } = sizes;
    console.log(`${layers} layers, width ${width}, sequence ${context}, batch ${microbatchSize}, 1 thread:`);
    const inChild = (kind) => (round) =>
      attempt(process.execPath, [self, "--child", kind, JSON.stringify(sizes), round === 0 ? "profile" : ""]);
    const [reference, ...results] = fastest([() => pytorch(sizes), ...kinds.map(inChild)]);
    report("PyTorch", reference, undefined);
    for (const [index, result] of results.entries()) {
      report(kinds[index], result, reference.seconds);
      for (const { name, seconds } of result.profile ?? [])
        console.log(`    ${name.padEnd(30)} ${milliseconds(seconds)}`);
    }
  }
}
