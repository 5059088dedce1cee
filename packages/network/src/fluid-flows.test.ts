import { EventLoop } from "@shardlab/des";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type NaiveTransfer, naiveCompletions } from "./fixtures/naive-fluid.ts";
import { FluidFlows } from "./fluid-flows.ts";

const unlimited = Number.POSITIVE_INFINITY;

interface Played {
  readonly completions: number[];
  readonly bytesOnLink: number[];
  readonly eventCount: number;
  readonly traceHash: string;
}

/** Runs transfers to the end, at most `maximumEvents` events. */
function play(capacities: readonly number[], transfers: readonly NaiveTransfer[], maximumEvents = 10_000): Played {
  const loop = new EventLoop();
  const completions = transfers.map(() => unlimited);
  const flows = new FluidFlows(loop, capacities, (flow) => {
    completions[flow] = loop.now;
  });
  const start = (flow: number): void => {
    const { bytes, links, weight, cap } = transfers[flow];
    flows.start(flow, { bytes, path: links, pathLength: links.length, weight, cap });
  };
  for (const [flow, { startSeconds }] of transfers.entries()) loop.schedule(startSeconds, start, flow);
  while (loop.eventCount < maximumEvents && loop.step());
  expect(loop.pendingCount).toBe(0);
  return {
    completions,
    bytesOnLink: capacities.map((_, link) => flows.settledBytesOn(link)),
    eventCount: loop.eventCount,
    traceHash: loop.traceHash,
  };
}

const transfer = (startSeconds: number, bytes: number, links: number[] = [0]): NaiveTransfer => ({
  startSeconds,
  bytes,
  links,
  weight: 1,
  cap: unlimited,
});

/** Transfers over up to 6 links; starts on a grid, so that many begin and end together. */
const workload = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 }).chain((capacities) => {
  const one = fc.record({
    startSeconds: fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 8),
    bytes: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.double({ min: 1e-9, max: 1e4, noNaN: true })),
    links: fc.uniqueArray(fc.nat({ max: capacities.length - 1 }), { minLength: 1, maxLength: 4 }),
    weight: fc.constantFrom(1, 1, 2, 0.3),
    cap: fc.constantFrom(unlimited, unlimited, 1, 7.5),
  });
  return fc.record({ capacities: fc.constant(capacities), transfers: fc.array(one, { minLength: 1, maxLength: 14 }) });
});

describe("completions in closed form", () => {
  it("takes bytes over rate alone", () => {
    expect(play([8], [transfer(0.5, 4)]).completions).toEqual([1]);
  });

  it("shares and then speeds up", () => {
    // 10 and 30 bytes at 10/s: both at 5 until 2 s, then the other 20 alone until 4 s.
    expect(play([10], [transfer(0, 10), transfer(0, 30)]).completions).toEqual([2, 4]);
  });

  it("makes room for one that comes in between", () => {
    // 20 bytes at 10/s; from 1 s on two share: 10 left each at 5/s, both done at 3 s.
    expect(play([10], [transfer(0, 20), transfer(1, 10)]).completions).toEqual([3, 3]);
  });

  it("completes many of one instant in one event", () => {
    const n = 1000;
    const { completions, eventCount } = play(
      [1],
      Array.from({ length: n }, () => transfer(0, 3)),
    );
    expect(completions).toEqual(Array(n).fill(completions[0]));
    expect(completions[0]).toBeCloseTo(3 * n, 6);
    // n starts, one solve, one completion.
    expect(eventCount).toBe(n + 2);
  });
});

describe("random workloads", () => {
  it("complete when a naive fluid simulation says, and conserve bytes", () => {
    fc.assert(
      fc.property(workload, ({ capacities, transfers }) => {
        const { completions, bytesOnLink } = play(capacities, transfers);
        const expected = naiveCompletions(capacities, transfers);
        for (const [i, time] of expected.entries()) {
          expect(Math.abs(completions[i] - time)).toBeLessThanOrEqual(1e-9 * Math.max(1, time));
        }
        for (const [link, carried] of bytesOnLink.entries()) {
          const sum = transfers.reduce((total, { bytes, links }) => total + (links.includes(link) ? bytes : 0), 0);
          expect(Math.abs(carried - sum)).toBeLessThanOrEqual(1e-12 * sum);
        }
      }),
      { numRuns: 300, seed: 5 },
    );
  });

  it("need few events each, however the times round", () => {
    fc.assert(
      fc.property(workload, fc.constantFrom(0, 1e6, 1e12), ({ capacities, transfers }, offset) => {
        const late = transfers.map((one) => ({ ...one, startSeconds: one.startSeconds + offset }));
        // A start, a solve and a completion each, and now and then a timer that has become too early.
        expect(play(capacities, late).eventCount).toBeLessThanOrEqual(6 * transfers.length);
      }),
      { numRuns: 300, seed: 6 },
    );
  });

  it("repeat bit by bit", () => {
    fc.assert(
      fc.property(workload, ({ capacities, transfers }) => {
        expect(play(capacities, transfers)).toEqual(play(capacities, transfers));
      }),
      { numRuns: 50, seed: 7 },
    );
  });
});

describe("changes under way", () => {
  const start = (flows: FluidFlows, flow: number, bytes: number, cap = unlimited): void =>
    flows.start(flow, { bytes, path: [0], pathLength: 1, weight: 1, cap });

  it("stalls at capacity 0 and goes on where it stopped", () => {
    const loop = new EventLoop();
    let done = 0;
    const flows = new FluidFlows(loop, [10], () => {
      done = loop.now;
    });
    start(flows, 0, 50);
    loop.schedule(2, () => flows.setCapacity(0, 0));
    loop.schedule(7, () => expect(flows.bytesLeft(0)).toBe(30));
    loop.schedule(12, () => flows.setCapacity(0, 15));
    loop.run();
    expect(done).toBe(14);
  });

  it("follows a cap", () => {
    const loop = new EventLoop();
    const done: number[] = [];
    const flows = new FluidFlows(loop, [10], (flow) => {
      done[flow] = loop.now;
    });
    start(flows, 0, 50, 2);
    start(flows, 1, 80);
    // Rates 2 and 8 until 10 s, when the second is done; then the first is freed with 30 left.
    loop.schedule(10, () => flows.setCap(0, unlimited));
    loop.run();
    expect(done).toEqual([13, 10]);
  });

  it("leaves no event behind when the last flow is stopped", () => {
    const loop = new EventLoop();
    const flows = new FluidFlows(loop, [10], () => {});
    start(flows, 0, 1000);
    loop.schedule(1, () => expect(flows.stop(0)).toBe(990));
    loop.run();
    expect(loop.now).toBe(1);
    expect(flows.settledBytesOn(0)).toBe(10);
  });

  it("is not disturbed by being asked", () => {
    const ask = (isAsked: boolean): string => {
      const loop = new EventLoop();
      const flows = new FluidFlows(loop, [10, 7], () => {});
      for (let flow = 0; flow < 9; flow++) {
        loop.schedule(0.1 * flow, () => {
          flows.start(flow, {
            bytes: 3 + flow / 7,
            path: [0, 1],
            pathLength: 1 + (flow % 2),
            weight: 1,
            cap: unlimited,
          });
          for (let other = 0; isAsked && other <= flow; other++) flows.rateOf(other) + flows.bytesLeft(other);
        });
      }
      loop.run();
      return loop.traceHash;
    };
    expect(ask(true)).toBe(ask(false));
  });
});
