/**
 * Plays seeds of the fault test on all cores: `node packages/protocol/bench/fault-seeds.mjs --seeds 100000 [--from 1]`, or
 * one of them with everything that was told: `--seed 17`. Needs a build.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { runFaultSeed } from "../dist/fixtures/fault-run.js";

const replay = (seed) => `npm run fault-seeds -- --seed ${seed}`;

function playOne(seed) {
  const { scenario, faults, seconds, restarts, traceHash } = runFaultSeed(seed, {}, (timed) => {
    console.log(timed.seconds.toFixed(6), timed.by, JSON.stringify(timed.record));
  });
  console.log(JSON.stringify({ ...scenario, faults: [...scenario.faults] }));
  console.log(`${seconds} s, ${restarts} restarts, trace ${traceHash}`);
  for (const fault of faults) console.log(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
}

function playMany(from, count) {
  const jobs = Math.min(availableParallelism(), count);
  let failed = 0;
  let next = from;
  const chunk = Math.max(1, Math.min(500, Math.ceil(count / jobs)));
  const began = performance.now();
  for (let job = 0; job < jobs; job++) {
    const worker = new Worker(new URL(import.meta.url));
    const give = () => {
      const size = Math.min(chunk, from + count - next);
      if (size <= 0) return worker.postMessage(null);
      worker.postMessage({ from: next, count: size });
      next += size;
    };
    worker.on("message", (failures) => {
      for (const { seed, faults } of failures) {
        failed += 1;
        console.log(`seed ${seed}: ${faults[0]}\n  ${replay(seed)}`);
      }
      give();
    });
    give();
  }
  process.on("exit", () => {
    const seconds = (performance.now() - began) / 1000;
    console.log(`${count} seeds from ${from}, ${failed} failed, ${seconds.toFixed(1)} s`);
    if (failed > 0) process.exitCode = 1;
  });
}

function playAsked(asked) {
  if (asked === null) return parentPort.close();
  const failures = [];
  for (let seed = asked.from; seed < asked.from + asked.count; seed++) {
    const { faults } = runFaultSeed(seed);
    if (faults.length > 0) failures.push({ seed, faults });
  }
  parentPort.postMessage(failures);
}

if (isMainThread) {
  const options = { seeds: { type: "string" }, from: { type: "string" }, seed: { type: "string" } };
  const { values } = parseArgs({ options });
  if (values.seed !== undefined) playOne(Number(values.seed));
  else playMany(Number(values.from ?? 1), Number(values.seeds ?? 10_000));
} else parentPort.on("message", playAsked);
