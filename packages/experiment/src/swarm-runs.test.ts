import { describe, expect, it } from "vitest";
import { swarmMemoryBytes, swarmSeconds } from "./estimate-swarm.ts";
import { smallSwarm } from "./fixtures/small-swarm.ts";
import { lossFloorOf } from "./loss-floor.ts";
import { simulateSwarm } from "./simulate-swarm.ts";

const simulate = (...overrides: string[]) =>
  simulateSwarm(smallSwarm(...overrides), { run: "test", seed: 1, design: "main" });

describe("the cost of a swarm", () => {
  it("grows with updates, with slower links on hardware, and with real numbers in a simulation", () => {
    const [few, many] = [10, 110].map((updates) =>
      swarmSeconds(smallSwarm("engine=hardware", `training.updates=${updates}`)),
    );
    const [fewer, more] = [20, 120].map((updates) =>
      swarmSeconds(smallSwarm("engine=hardware", `training.updates=${updates}`)),
    );
    expect(many - few).toBeCloseTo(more - fewer, 9);
    const slow = swarmSeconds(smallSwarm("engine=hardware", "population.home.link.up=4 Mbit/s"));
    // A microbatch of 2 x 32 x 64 numbers of 4 bytes is 16 kB; the middle stages send one forward and one back, four times an
    // update: 131 kB, which takes 0.131 s at 8 Mbit/s and as much again at half of that.
    expect(slow - few).toBeCloseTo(10 * 0.131072, 6);
    expect(swarmSeconds(smallSwarm("simulation.compute=real"))).toBeGreaterThan(swarmSeconds(smallSwarm()));
  });

  it("counts weights, a copy, gradients and Adam's two moments of every replica", () => {
    const byReplica = (replicas: number): number =>
      swarmMemoryBytes(
        smallSwarm("engine=hardware", "population.home.count=8", `training.parallelism.replicas=${replicas}`),
      );
    // 12 x 64^2 and two gains for each of 4 blocks, two embeddings, the last gain: 4 (1 + 1 + 1 + 2 x 2) bytes for each number.
    const parameters = 4 * (12 * 64 * 64 + 2 * 64) + 2 * 256 * 64 + 64;
    expect(byReplica(2) - byReplica(1)).toBe(28 * parameters);
  });
});

describe("lossFloorOf", () => {
  it("is the entropy of symbols that follow one another almost evenly, and unknown of texts and of what has no loss", () => {
    const even = [
      "training.data={ kind: markov, alphabet: 8, order: 1, concentration: 1000 }",
      "simulation.compute=real",
    ];
    expect(lossFloorOf(smallSwarm(...even), 1)).toBeCloseTo(Math.log(8), 2);
    expect(lossFloorOf(smallSwarm("training.data=moby-dick", "simulation.compute=real"), 1)).toBeUndefined();
    expect(lossFloorOf(smallSwarm(), 1)).toBeUndefined();
  });
});

describe("simulateSwarm", () => {
  it("gives the same trace again, another one for another seed's links, and every measure that the scenario promises", async () => {
    const jitter = "population.home.link.jitter=5 ms";
    const [first, again] = [await simulate(jitter), await simulate(jitter)];
    expect(again.traceHash).toBe(first.traceHash);
    const other = await simulateSwarm(smallSwarm(jitter), { run: "test", seed: 2, design: "main" });
    expect(other.traceHash).not.toBe(first.traceHash);
    const { measureNames } = await import("@shardlab/scenario");
    expect(first.measures.map(({ name }) => name)).toEqual(measureNames(smallSwarm()));
    expect(first.determinism).toBe("exact");
    expect(first.tables.map(({ name }) => name)).toContain("tasks");
  });

  it("tells of its progress", async () => {
    const told: number[] = [];
    await simulateSwarm(smallSwarm(), {
      ...{ run: "test", seed: 1, design: "main" },
      onProgress: ({ update }) => told.push(update),
    });
    expect(told.at(-1)).toBe(10);
  });

  it("refuses a text that is not there before anything starts", async () => {
    const data = "training.data={ kind: local-text, path: /nowhere.txt }";
    await expect(simulate(data, "simulation.compute=real")).rejects.toThrow(/^unreadable text: \/nowhere\.txt/);
  });
});
