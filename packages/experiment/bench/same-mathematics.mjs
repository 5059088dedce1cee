// Sharded training against training in one piece, update by update: 4 stages x 2 replicas on real processes, and the same on
// virtual time. Usage: node packages/experiment/bench/same-mathematics.mjs [--backends wasm,tensorflow] [--set PATH=VALUE ...]
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openBackend, UnshardedTrainer } from "@shardlab/learning";
import { openResults } from "@shardlab/results";
import { loadScenario } from "@shardlab/scenario";

const self = fileURLToPath(import.meta.url);
const root = fileURLToPath(new URL("../../../", import.meta.url));
const file = "scenarios/same-mathematics.yaml";
const seed = 1;
/** What is allowed where the order of sums differs. */
const tolerance = 1e-5;

const { values } = parseArgs({
  options: {
    backends: { type: "string", default: "wasm,tensorflow" },
    set: { type: "string", multiple: true, default: [] },
    unsharded: { type: "boolean", default: false },
  },
});

function runSharded(settings, out) {
  const overrides = settings.flatMap((setting) => ["--set", setting]);
  const args = ["run", file, "--seeds", "1", "--no-report", "--out", out, ...overrides];
  execFileSync(process.execPath, [join(root, "bin/shardlab.mjs"), ...args], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** Losses and gradient norms of each engine's run, by update. */
async function storedUpdates(out) {
  const results = await openResults(out);
  const { rows } = await results.query(
    `select engine, update, loss, "gradient-norm" from updates join runs using (experiment, run) order by 1, 2`,
  );
  results.close();
  return rows.map(([engine, update, loss, norm]) => ({ engine, update, loss, norm }));
}

/** In a process of its own: tensor libraries share their registries, and a process has one backend. */
function unshardedUpdates(settings) {
  const args = [self, "--unsharded", ...settings.flatMap((setting) => ["--set", setting])];
  const text = execFileSync(process.execPath, args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 });
  return JSON.parse(text);
}

function resolve(settings) {
  const loaded = loadScenario(readFileSync(join(root, file)), { file, overrides: settings });
  if (!loaded.ok) throw new Error(loaded.faults.map(({ message }) => message).join("\n"));
  return loaded.scenario.resolved;
}

async function runUnsharded() {
  const { model, training, hardware } = resolve(values.set);
  const backend = await openBackend({ kind: hardware.backend });
  const { microbatches, replicas, stages } = training.parallelism;
  const trainer = new UnshardedTrainer({ backend, model, training, seed, microbatches, replicas, stages });
  const updates = [];
  for (let update = 0; update < training.updates; update++) updates.push(await trainer.update(update));
  process.stdout.write(JSON.stringify(updates));
}

function compare(rows, unsharded) {
  let equal = 0;
  let worst = 0;
  for (const { update, loss, norm } of rows) {
    const whole = unsharded[Number(update)];
    if (loss === whole.loss && norm === whole.gradientNorm) equal += 1;
    worst = Math.max(
      worst,
      Math.abs(loss - whole.loss) / whole.loss,
      Math.abs(norm - whole.gradientNorm) / whole.gradientNorm,
    );
  }
  return { equal, worst };
}

/** Prints what one backend's runs were like; false where they were not the same. */
async function compareBackend(kind) {
  const settings = [`hardware.backend=${kind}`, ...values.set];
  const count = resolve(settings).training.updates;
  const out = mkdtempSync(join(tmpdir(), "shardlab-mathematics-"));
  try {
    runSharded(settings, out);
    const rows = await storedUpdates(out);
    const unsharded = unshardedUpdates(settings);
    let isSame = true;
    for (const engine of new Set(rows.map((row) => row.engine))) {
      const ofEngine = rows.filter((row) => row.engine === engine);
      const { equal, worst } = compare(ofEngine, unsharded);
      isSame &&= ofEngine.length === count && worst <= tolerance;
      const difference = worst === 0 ? "" : `; largest relative difference ${worst.toExponential(1)}`;
      console.log(
        `${kind}, ${engine}: ${equal} of ${count} updates equal bit for bit${difference} (allowed ${tolerance})`,
      );
    }
    console.log(`${kind}: loss ${unsharded[0].loss.toFixed(4)} -> ${unsharded.at(-1).loss.toFixed(4)} nats per token`);
    return isSame;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

if (values.unsharded) {
  await runUnsharded();
} else {
  for (const kind of values.backends.split(",")) {
    if (await compareBackend(kind)) continue;
    console.error(`${kind}: not the same mathematics`);
    process.exitCode = 1;
  }
}
