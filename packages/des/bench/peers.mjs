/** The simulators that the benchmark compares with: how to find and build them, and how to start them. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("peers/", import.meta.url));
const cache = fileURLToPath(new URL("../../../.cache/des-bench/", import.meta.url));

function run(program, programArguments) {
  const { status, stdout, stderr, error } = spawnSync(program, programArguments, {
    encoding: "utf8",
    maxBuffer: 2 ** 24,
  });
  return { isDone: error === undefined && status === 0, stdout: stdout ?? "", stderr: stderr ?? error?.message ?? "" };
}

/** Compiles a source of this folder with -O2; undefined when that fails. */
function compile(name, libraries = []) {
  mkdirSync(cache, { recursive: true });
  const binary = `${cache}${name}`;
  const { isDone } = run("g++", ["-O2", "-std=c++17", `${folder}${name}.cpp`, "-o", binary, ...libraries]);
  return isDone ? binary : undefined;
}

const ns3Schedulers = ["PriorityQueueScheduler", "HeapScheduler", "MapScheduler"];

/**
 * Each peer is `{ name, how, works, variants }`: `variants` are the commands that its workloads are appended to,
 * of which the fastest counts, and `works` maps a workload to the peer's word for it; a peer without variants is missing, and `how` says how to get it.
 */
export function findPeers({ python, simjs }) {
  const queue = compile("priority-queue");
  const ns3 = compile("ns3", ["-lns3-core"]);
  const simpyVersion = run(python, ["-c", "import simpy; print(simpy.__version__)"]);
  const simjsPath = simjs ?? fileURLToPath(new URL("../../../node_modules/simjs/sim.js", import.meta.url));
  return [
    {
      name: "C++",
      full: "std::priority_queue of plain structs, g++ -O2; mt19937_64 and std::log",
      how: "needs g++",
      works: { hold: "hold", callbacks: "mm1" },
      variants: queue ? [[queue]] : [],
    },
    {
      name: "ns-3",
      full: `the best of ${ns3Schedulers.join(", ")}; mt19937_64 and std::log`,
      how: "apt-get install libns3-dev",
      works: { hold: "hold", callbacks: "mm1" },
      variants: ns3 ? ns3Schedulers.map((scheduler) => [ns3, scheduler]) : [],
    },
    {
      name: "SimPy",
      full: `version ${simpyVersion.stdout.trim()}; random.expovariate (mt19937, C logarithm)`,
      how: "python3 -m venv V && V/bin/pip install simpy, then --python V/bin/python",
      works: { hold: "hold", processes: "mm1" },
      variants: simpyVersion.isDone ? [[python, `${folder}simpy-peer.py`]] : [],
      isSlow: true,
    },
    {
      name: "simjs",
      full: "npm simjs with a Facility for the queue; Math.random and Math.log",
      how: "npm install simjs@2.0.3, then --simjs PATH/sim.js",
      works: { hold: "hold", callbacks: "mm1" },
      variants: existsSync(simjsPath) ? [[process.execPath, `${folder}simjs.mjs`, simjsPath]] : [],
      isSlow: true,
    },
  ];
}

export const shardlab = {
  name: "ShardLab",
  full: "Environment.schedule with handler and payload, run until, trace hash on; Philox4x32-10 and its own log",
  works: { hold: "hold", callbacks: "callbacks", processes: "processes" },
  variants: [[process.execPath, `${folder}shardlab.mjs`]],
};

/** Runs one workload once; its units per second. @throws Error when the program fails or computes something else */
export function measure([program, ...first], peer, { work, numbers, expected, tolerance }) {
  const { isDone, stdout, stderr } = run(program, [...first, peer.works[work], ...numbers.map(String)]);
  if (!isDone) throw new Error(`${peer.name} failed: ${stderr.slice(0, 500)}`);
  const { seconds, units, check } = JSON.parse(stdout);
  if (!(Math.abs(check / expected - 1) < tolerance)) {
    throw new Error(`${peer.name} computes something else: ${check}, expected ${expected}`);
  }
  return units / seconds;
}
