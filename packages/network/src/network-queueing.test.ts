import { Environment } from "@shardlab/des";
import { describe, expect, it } from "vitest";
import { Network } from "./network.ts";

describe("processor sharing", () => {
  /** Mean time of a transfer in a downlink of 1 byte/s, by Poisson arrivals at `rate`; one value per replication. */
  const meansOf = (rate: number, size: (draw: number) => number, replications: number): number[] =>
    Array.from({ length: replications }, (_, seed) => {
      const node = { group: "peer", uplinkBytesPerSecond: 1e6, downlinkBytesPerSecond: 1, latencySeconds: 0 };
      const environment = new Environment({ seed });
      const route = { sharedLinks: [], latencySeconds: 0 };
      const network = new Network(environment, { nodes: Array(8).fill(node), sharedLinks: [], route: () => route });
      const [arrivals, sizes] = [environment.random("arrivals"), environment.random("sizes")];
      const total = 2500;
      const warmUp = 500;
      const startedAt: number[] = [];
      let sum = 0;
      const onDelivered = (payload: number) => {
        if (payload >= warmUp) sum += environment.now - startedAt[payload];
      };
      const arrive = (payload: number): void => {
        startedAt[payload] = environment.now;
        network.transfer({ from: 1 + (payload % 7), to: 0, bytes: size(sizes.uniform()), payload, onDelivered });
        if (payload + 1 < total) environment.schedule(arrivals.exponential(rate), arrive, payload + 1);
      };
      arrive(0);
      environment.run();
      return sum / (total - warmUp);
    });

  const expectMean = (values: readonly number[], expected: number): void => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
    const error = Math.sqrt(variance / values.length);
    expect(error).toBeLessThan(0.03 * expected);
    expect(Math.abs(mean - expected)).toBeLessThan(4 * error);
  };

  it("has the mean sojourn of M/M/1-PS, 1 / (mu - lambda)", () => {
    expectMean(
      meansOf(0.6, (u) => -Math.log(1 - u), 24),
      1 / (1 - 0.6),
    );
  });

  it("does not care how sizes are distributed (M/G/1-PS is insensitive)", () => {
    // Nine in ten of 0.5, one of 5.5: mean 1, squared coefficient of variation 2.25.
    expectMean(
      meansOf(0.5, (u) => (u < 0.9 ? 0.5 : 5.5), 24),
      1 / (1 - 0.5),
    );
  });
});
