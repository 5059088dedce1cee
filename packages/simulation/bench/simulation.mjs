/**
 * What a simulated swarm costs: events of virtual time per second, for 992 workers that train a model of 8 billion parameters.
 *
 *   npm run bench:simulation -- [updates]
 */
import { modelSpec } from "@shardlab/learning/spec";
import { protocolFields, workerGroupSpec } from "@shardlab/protocol/spec";
import { z } from "zod";
import { runSimulation, simulationSpec } from "../dist/index.js";

const updates = Number(process.argv[2] ?? 21);
const plainFloats = {
  encodedBytes: ({ shape }) => 4 * shape.reduce((product, size) => product * size, 1),
  isLossless: () => true,
};
const link = { down: "200 Mbit/s", up: "80 Mbit/s", latency: "20 ms" };
// Few signs of life, so that events are those of training.
const faultTolerance = { heartbeat: "2 min", timeout: "10 min", firstUpdateTimeout: "30 d", patience: 100 };
const protocol = z.strictObject(protocolFields);

function swarm(parallelism) {
  return {
    run: "bench",
    seed: 1,
    spec: simulationSpec.parse({}),
    model: modelSpec.parse({ kind: "gpt", layers: 32, width: 4096, heads: 32, vocabulary: 50_257, context: 1024 }),
    training: {
      ...protocol.parse({ updates, parallelism, faultTolerance }),
      microbatchSize: 1,
      optimizer: { kind: "adam-w", learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
    },
    population: [
      workerGroupSpec.parse({
        group: "workers",
        count: parallelism.stages * parallelism.replicas,
        device: "rtx-4090",
        link,
      }),
    ],
    activations: plainFloats,
    gradients: plainFloats,
    detail: "measures",
  };
}

const cases = [
  ["32 stages x 31 replicas, ring", { stages: 32, replicas: 31, microbatches: 31 * 64 }],
  [
    "32 stages x 31 replicas, gpipe, recursive halving and doubling",
    {
      stages: 32,
      replicas: 31,
      microbatches: 31 * 64,
      schedule: { kind: "gpipe" },
      reduction: { kind: "recursive-halving-doubling" },
    },
  ],
];

console.log("case | updates | events | wall s | CPU s | events/s | virtual s | heap MiB");
for (const [name, parallelism] of cases) {
  const options = swarm(parallelism);
  const cpu = process.cpuUsage();
  const started = performance.now();
  const report = await runSimulation(options);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const measure = (wanted) => report.measures.find((found) => found.name === wanted)?.value;
  const heap = process.memoryUsage().heapUsed / 2 ** 20;
  const figures = [
    measure("updates"),
    report.events,
    seconds.toFixed(2),
    ((user + system) / 1e6).toFixed(2),
    Math.round(report.events / seconds),
    measure("duration")?.toFixed(0),
    heap.toFixed(0),
  ];
  console.log(`${name} | ${figures.join(" | ")}`);
}
