/** Places where a network is easily wrong: nothing to send, links that change by orders of magnitude, time before zero. */
import { Environment, EventLoop } from "@shardlab/des";
import { describe, expect, it } from "vitest";
import { CollectiveRun } from "./collectives/collective-run.ts";
import { createCollective } from "./collectives/registry.ts";
import { Network } from "./network.ts";
import { serialLinks } from "./pipelines/pipeline-links.ts";
import { PipelineRun, passSecondsOf } from "./pipelines/pipeline-run.ts";
import { createPipeline } from "./pipelines/registry.ts";
import type { Topology } from "./topology.ts";

const starOf = (nodes: number, bytesPerSecond: number, lossRate = 0): Topology => ({
  nodes: Array.from({ length: nodes }, () => ({
    ...{ group: "peer", uplinkBytesPerSecond: bytesPerSecond, downlinkBytesPerSecond: bytesPerSecond },
    ...{ latencySeconds: 0.025, lossRate },
  })),
  sharedLinks: [],
  route: () => ({ sharedLinks: [], latencySeconds: 0 }),
});

function worldOf(topology: Topology, initialTime = 0) {
  const environment = new Environment({ seed: 1, initialTime });
  const network = new Network(environment, topology);
  const arrivals: number[] = [];
  const transfer = (from: number, to: number, bytes: number): number =>
    network.transfer({ from, to, bytes, onDelivered: () => arrivals.push(environment.now) });
  return { environment, network, arrivals, transfer };
}

describe("a transfer of nothing", () => {
  it("arrives a latency later", () => {
    const { environment, arrivals, transfer } = worldOf(starOf(2, 100));
    transfer(0, 1, 0);
    environment.run();
    expect(arrivals).toEqual([0.05]);
  });

  it("waits for a partition to heal, like anything else", () => {
    const { environment, network, arrivals, transfer } = worldOf(starOf(2, 100));
    network.setPartition([0, 1]);
    transfer(0, 1, 0);
    environment.run({ until: 100 });
    expect(arrivals).toEqual([]);
    network.setPartition(undefined);
    environment.run();
    expect(arrivals).toEqual([100.05]);
  });

  it("crosses no link without capacity, and none that loses everything", () => {
    for (const topology of [starOf(2, 0), starOf(2, 100, 1)]) {
      const { environment, arrivals, transfer } = worldOf(topology);
      transfer(0, 1, 0);
      environment.run({ until: 1000 });
      expect(arrivals).toEqual([]);
    }
  });
});

describe("the end of sending", () => {
  it("is told when the last byte has left, so that the next one may begin then", () => {
    const log: string[] = [];
    const { environment, network } = worldOf(starOf(2, 10));
    const begin = (payload: number): void => {
      network.transfer({
        ...{ from: 0, to: 1, bytes: 20, payload },
        onDelivered: (which) => log.push(`${which} at ${environment.now.toFixed(2)}`),
        onSent: (which) => {
          log.push(`${which} sent at ${environment.now.toFixed(2)}`);
          if (which < 2) begin(which + 1);
        },
      });
    };
    begin(1);
    environment.run();
    expect(log).toEqual(["1 sent at 2.00", "1 at 2.05", "2 sent at 4.00", "2 at 4.05"]);
  });

  it("is not told where nothing has to leave", () => {
    const { environment, network } = worldOf(starOf(2, 10));
    let delivered = 0;
    const onDelivered = (): void => {
      delivered += 1;
    };
    const onSent = (): void => expect.unreachable();
    network.transfer({ from: 0, to: 1, bytes: 0, onDelivered, onSent });
    network.transfer({ from: 1, to: 1, bytes: 50, onDelivered, onSent });
    environment.run();
    expect(delivered).toBe(2);
  });
});

describe("rates", () => {
  it.each([
    [1e16, 1],
    [1e17, 1],
    [1e18, 10],
    [1e300, 10],
    [1e15, 0.1],
  ])("stay within a link that shrinks from %d to %d bytes a second", (before, after) => {
    const { environment, network, transfer } = worldOf(starOf(4, before));
    const handles = [1, 2, 3].map((to) => transfer(0, to, 1e305));
    environment.run({ until: 1 });
    network.setAccessRates(0, after, after);
    environment.run({ until: 2 });
    for (const handle of handles) expect(network.rateOf(handle) / (after / 3)).toBeCloseTo(1, 12);
  });

  it("are changed both or not at all", () => {
    const { environment, network, arrivals, transfer } = worldOf(starOf(2, 100));
    transfer(0, 1, 1000);
    expect(() => network.setAccessRates(0, 50, Number.NaN)).toThrow("invalid capacity: NaN");
    environment.run();
    expect(arrivals).toEqual([10.05]);
  });

  it("need somebody to deliver to", () => {
    const { network } = worldOf(starOf(2, 100));
    const request = { from: 0, to: 1, bytes: 1 } as unknown as Parameters<Network["transfer"]>[0];
    expect(() => network.transfer(request)).toThrow("invalid handler: undefined");
  });
});

describe("time before zero", () => {
  const pipelineSeconds = (initialTime: number): number => {
    const loop = new EventLoop({ initialTime });
    const schedule = createPipeline({ kind: "gpipe" }).schedule({ stages: 2, microbatches: 3 });
    const seconds = { forwardTransferSeconds: 1, backwardTransferSeconds: 1, latencySeconds: 0 };
    const passSeconds = passSecondsOf(schedule, [1, 1], [2, 2]);
    const run = new PipelineRun({ loop, schedule, passSeconds, links: serialLinks(loop, seconds) });
    run.start();
    loop.run();
    return Math.max(...run.endSeconds) - initialTime;
  };

  const collectiveSeconds = (initialTime: number): number => {
    const environment = new Environment({ seed: 1, initialTime });
    const schedule = createCollective({ kind: "ring" }).schedule({ ranks: 3, elements: 30, bytesPerElement: 4 });
    const transport = new Network(environment, starOf(3, 70));
    const run = new CollectiveRun({ schedule, loop: environment, transport, gammaSecondsPerByte: 0.01 });
    run.start();
    environment.run();
    return environment.now - initialTime;
  };

  it.each([-1000, -1, 0, 1000])("takes a pipeline and a collective as long from %d s on", (initialTime) => {
    // 3 forward and 3 backward passes of stage 1 behind one forward, one transfer; then one transfer and a backward.
    expect(pipelineSeconds(initialTime)).toBeCloseTo(14, 9);
    // Two rounds of 40 bytes that are added, and two that are not.
    expect(collectiveSeconds(initialTime)).toBeCloseTo(4 * (40 / 70 + 0.05) + 2 * 40 * 0.01, 9);
  });
});
