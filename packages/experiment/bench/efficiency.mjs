// What cutting a model costs: two single-threaded stages on two cores beside one single-threaded process, and what the
// protocol and its transport add to a step at 1 Gbit/s. Usage: node packages/experiment/bench/efficiency.mjs
// [--backend wasm] [--updates 12] [--set PATH=VALUE ...]. Wants two idle cores.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openResults } from "@shardlab/results";
import { idealStepSeconds, median } from "./ideal-step.mjs";

const self = fileURLToPath(import.meta.url);
const root = fileURLToPath(new URL("../../../", import.meta.url));
const file = "packages/experiment/bench/efficiency.yaml";
const warmUpUpdates = 2;
const targets = { speedUp: 1.6, overhead: 0.05 };

const { values } = parseArgs({
  options: {
    backend: { type: "string", default: "wasm" },
    updates: { type: "string", default: "12" },
    set: { type: "string", multiple: true, default: [] },
    unsharded: { type: "boolean", default: false },
  },
});
const settings = [`hardware.backend=${values.backend}`, `training.updates=${values.updates}`, ...values.set];

/** In a process of its own, so that nothing else is in its memory. */
async function runUnsharded() {
  const { readFileSync } = await import("node:fs");
  const { openBackend, UnshardedTrainer } = await import("@shardlab/learning");
  const { loadScenario } = await import("@shardlab/scenario");
  const loaded = loadScenario(readFileSync(join(root, file)), { file, overrides: settings });
  if (!loaded.ok) throw new Error(loaded.faults.map(({ message }) => message).join("\n"));
  const { model, training } = loaded.scenario.resolved;
  const backend = await openBackend({ kind: values.backend, threads: 1 });
  const { microbatches } = training.parallelism;
  const trainer = new UnshardedTrainer({ backend, model, training, seed: 1, microbatches });
  const seconds = [];
  for (let update = 0; update < training.updates; update++) {
    const begin = performance.now();
    await trainer.update(update);
    seconds.push((performance.now() - begin) / 1000);
  }
  console.log(JSON.stringify(seconds));
}

const unsharded = () =>
  JSON.parse(
    execFileSync(process.execPath, [self, ...process.argv.slice(2), "--unsharded"], { cwd: root, encoding: "utf8" }),
  );

/** Times at which updates were decided, and what the devices did. */
async function sharded(overrides) {
  const out = mkdtempSync(join(tmpdir(), "shardlab-efficiency-"));
  try {
    const sets = [...settings, ...overrides].flatMap((setting) => ["--set", setting]);
    const args = [join(root, "bin/shardlab.mjs"), "run", file, "--no-report", "--out", out, ...sets];
    execFileSync(process.execPath, args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
    const results = await openResults(out);
    const updates = await results.query("select seconds from updates order by update");
    const tasks = await results.query(
      `select node, stage, task, update, microbatch, start, "end" from tasks order by start`,
    );
    results.close();
    const decided = updates.rows.map(([seconds]) => seconds);
    return {
      stepSeconds: decided.slice(1).map((seconds, i) => seconds - decided[i]),
      tasks: tasks.rows.map(([node, stage, task, update, microbatch, start, end]) => ({
        ...{ node, stage, task, update, microbatch, seconds: end - start },
      })),
    };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;

if (values.unsharded) {
  await runUnsharded();
} else {
  const alone = median(unsharded().slice(warmUpUpdates));
  console.log(`one process, one thread:              ${alone.toFixed(3)} s per update`);
  const free = await sharded(["hardware.shaping=none"]);
  const two = median(free.stepSeconds.slice(warmUpUpdates - 1));
  console.log(
    `two stages, one thread each:          ${two.toFixed(3)} s per update, ${(alone / two).toFixed(2)} x one process (target ${targets.speedUp})`,
  );
  const shaped = await sharded(["hardware.shaping=relay"]);
  const step = median(shaped.stepSeconds.slice(warmUpUpdates - 1));
  const ideal = median(idealStepSeconds(shaped.tasks).slice(warmUpUpdates));
  console.log(`the same over links of 1 Gbit/s:      ${step.toFixed(3)} s per update`);
  console.log(
    `the same tasks if nothing else took time: ${ideal.toFixed(3)} s; protocol and transport take ${percent(1 - ideal / step)} of a step (target ${percent(targets.overhead)})`,
  );
}
