/**
 * How a sweep scales with workers: the wall time of one worker over that of several, for runs of some seconds, on a
 * CPU-bound fake world and on the economy. One and several workers take turns, so that a busy machine slows both; the
 * machine's own limit (the same loop in as many bare threads) is measured beside them, because two threads of one core do
 * not do the work of two. Start-up is included: it is what a person waits for. "Busy" is the share of the several workers'
 * time that was spent inside runs; what is missing is start-up, waiting and writing, and it holds on a busy machine, too.
 *
 *   node packages/experiment/bench/sweep.mjs [jobs] [rounds]
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { listExperimentRuns } from "@shardlab/results";
import { loadScenario } from "@shardlab/scenario";
import { executePlan, planExperiment } from "../dist/index.js";

const [jobs = 2, rounds = 3] = process.argv.slice(2).map(Number);
const runsPerJob = 6;
const folder = mkdtempSync(join(tmpdir(), "shardlab-sweep-"));
const seconds = () => performance.now() / 1000;

/** About a second of floating-point work that no optimiser can leave out. */
const work = "let x = 0; for (let i = 0; i < 5e7; i++) x = (x * 1.0000001 + i) % 1000003;";
const fakeWorld = `export function simulate({ seed }) {
  ${work}
  return { measures: [{ name: "x", unit: "1", value: x }], tables: [], traceHash: "trace-" + seed, determinism: "exact", assumptions: [] };
}`;

const scenarioText = (providers) => `
question: How fast is a sweep?
expect: As fast as there are workers.
horizon: 1 y
seeds: { count: ${runsPerJob * jobs} }
outlay: $${3000 * providers}
providers:
  - { group: gamers, count: ${providers}, device: rtx-4090, opportunitySpread: 0.5 }
models:
  - { name: toy, parameters: 13B, targetTokens: 260B, publicTokens: 500B, plannedTraining: 60 d, deadline: 120 d }
market: { revenueMultiple: 3 }
beliefs: { kind: rational }
mechanism: { kind: protocol-models }
`;

function planOf(providers) {
  const loaded = loadScenario(scenarioText(providers), { file: "sweep.yaml", overrides: [] });
  if (!loaded.ok) throw new Error(loaded.faults.map(({ path, message }) => `${path}: ${message}`).join("; "));
  return planExperiment(loaded.scenario, { modelHash: "0123456789abcdef", designs: ["main"] });
}

async function timeOf(plan, workers, simulator) {
  const directory = mkdtempSync(join(folder, "results-"));
  const provenance = { commit: null, dirty: null, node: process.versions.node };
  const start = seconds();
  const ended = await executePlan(plan, {
    directory,
    jobs: workers,
    provenance,
    now: seconds,
    ...(simulator && { simulator }),
  });
  const taken = seconds() - start;
  if (ended.made !== plan.tasks.length) throw new Error(`runs made: ${ended.made} of ${plan.tasks.length}`);
  const inRuns = listExperimentRuns(directory).reduce(
    (sum, { manifest }) => sum + manifest.phases.simulate.wallSeconds,
    0,
  );
  return { taken, busy: inRuns / (workers * taken) };
}

/** Seconds that bare threads take for as many pieces of the same work, without anything of ours around it. */
async function bareTime(threads) {
  const start = seconds();
  const source = `for (let run = 0; run < ${(runsPerJob * jobs) / threads}; run++) { ${work} }`;
  const ends = Array.from({ length: threads }, () => {
    const worker = new Worker(source, { eval: true });
    return new Promise((resolve) => worker.once("exit", resolve));
  });
  await Promise.all(ends);
  return { taken: seconds() - start, busy: 1 };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function compare(name, time) {
  const ratios = [];
  const alone = [];
  const busy = [];
  for (let round = 0; round < rounds; round++) {
    const one = await time(1);
    const several = await time(jobs);
    alone.push(one.taken);
    ratios.push(one.taken / several.taken);
    busy.push(several.busy);
  }
  const perRun = median(alone) / (runsPerJob * jobs);
  const each = ratios.map((ratio) => ratio.toFixed(2)).join(", ");
  process.stdout.write(
    `${name.padEnd(28)} ${perRun.toFixed(2).padStart(6)} s a run   ${median(ratios).toFixed(3)}x on ${jobs} workers (${each}), busy ${(100 * median(busy)).toFixed(1)} %\n`,
  );
}

const simulatorFile = join(folder, "simulator.mjs");
writeFileSync(simulatorFile, fakeWorld);
try {
  const fake = planOf(10);
  const economy = planOf(60_000);
  await compare("bare threads", bareTime);
  await compare("fake world", (workers) => timeOf(fake, workers, pathToFileURL(simulatorFile).href));
  await compare("economy, 60,000 providers", (workers) => timeOf(economy, workers));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
