/** What the roles' own code costs in a large swarm, with a host that does nothing: `node packages/protocol/bench/protocol.mjs`. */
import { createCoordinator, createWorker, faultToleranceSpec, parallelismSpec } from "../dist/index.js";

/** Everything at once: tasks end and messages arrive in the order in which they were asked for. */
class Swarm {
  roles = [];
  queue = [];
  isLast = [];
  tasks = 0;
  messages = 0;
  updates = 0;
  id = 0;
  now = 0;
  tensor = () => ({ id: ++this.id, shape: [4], digest: "", bytes: 16 });
  host(node) {
    const swarm = this;
    return {
      node,
      get nowSeconds() {
        return swarm.now;
      },
      send: (to, message) => swarm.queue.push(0, node, to, message),
      compute: (task) => swarm.queue.push(1, node, node, task),
      cancelCompute: () => 0,
      setTimer() {},
      cancelTimer() {},
      release() {},
      persist() {},
      record: ({ kind }) => {
        if (kind === "update") swarm.updates += 1;
      },
      finish() {},
    };
  }
  resultOf(node, task) {
    switch (task.kind) {
      case "open":
        this.isLast[node] = task.stage === task.stages - 1;
        return { flop: 0, elementCount: 4096, tiedElementCount: 0 };
      case "forward":
        return this.isLast[node] ? { flop: 1, loss: 1, tokens: 1 } : { flop: 1, output: this.tensor() };
      case "backward":
      case "reduce-export":
        return { flop: 2, output: this.tensor() };
      case "gradient-norm":
        return { flop: 1, squaredNorm: 1 };
      default:
        return { flop: 1, bytes: 1 };
    }
  }
  run() {
    while (this.queue.length > 0) {
      const { queue } = this;
      this.queue = [];
      for (let at = 0; at < queue.length; at += 4) this.step(queue[at], queue[at + 1], queue[at + 2], queue[at + 3]);
      this.now += 1e-3;
    }
  }
  step(code, from, to, what) {
    if (code === 0) {
      this.messages += 1;
      this.roles[to].receive(from, what);
    } else {
      this.tasks += 1;
      this.roles[to].computed(what, this.resultOf(to, what));
    }
  }
}

for (const [stages, replicas, perReplica] of [
  [8, 8, 4],
  [32, 31, 4],
]) {
  const microbatches = replicas * perReplica;
  const faultTolerance = faultToleranceSpec.parse({ gather: "0 s", digestEvery: 1e6, checkpointEvery: 1e6 });
  const settings = {
    run: "bench",
    updates: 20,
    parallelism: parallelismSpec.parse({
      stages,
      replicas,
      microbatches,
      reduction: { kind: "recursive-halving-doubling" },
    }),
    faultTolerance,
    gradientsAreLossless: true,
    checkpointsAreShared: true,
  };
  const swarm = new Swarm();
  for (let node = 1; node <= stages * replicas; node++) {
    swarm.roles[node] = createWorker({ faultTolerance }, swarm.host(node));
  }
  swarm.roles[0] = createCoordinator(
    { ...settings, faultTolerance: { ...faultTolerance, gather: 1e9 } },
    swarm.host(0),
    [],
  );
  const began = performance.now();
  for (const role of swarm.roles) role.start();
  swarm.run();
  const microseconds = (performance.now() - began) * 1000;
  const calls = swarm.tasks + swarm.messages;
  console.log(
    `${stages} x ${replicas}: ${swarm.updates} updates, ${swarm.tasks} tasks, ${swarm.messages} messages, ` +
      `${(microseconds / calls).toFixed(2)} us each, ${(microseconds / 1e6).toFixed(2)} s`,
  );
}
