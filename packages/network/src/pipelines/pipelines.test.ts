import { Environment } from "@shardlab/des";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Network } from "../network.ts";
import { type SerialLinkSeconds, transportLinks } from "./pipeline-links.ts";
import { bubbleFraction, type PipelineMethod } from "./pipeline-method.ts";
import { PipelineRun, passSecondsOf, simulatePipeline } from "./pipeline-run.ts";
import { type PipelineSchedule, type PipelineShape, peakActivations, weightDelays } from "./pipeline-schedule.ts";
import { gpipeSeconds, type PipelineTimes, pipelineBounds, steadyPeriodSeconds } from "./pipeline-times.ts";
import { createPipeline, pipelineKinds, pipelineSpec } from "./registry.ts";

const make = (input: unknown): PipelineMethod => createPipeline(pipelineSpec.parse(input));

/** Every kind with some parameters, the chunks of a stage, and shapes that it can serve. */
const methods = [
  { input: { kind: "gpipe" }, chunks: 1 },
  { input: { kind: "one-forward-one-backward" }, chunks: 1 },
  { input: { kind: "one-forward-one-backward", ahead: 2 }, chunks: 1 },
  { input: { kind: "asynchronous" }, chunks: 1 },
  { input: { kind: "asynchronous", ahead: 3 }, chunks: 1 },
  { input: { kind: "interleaved-one-forward-one-backward", chunks: 2 }, chunks: 2 },
  { input: { kind: "interleaved-one-forward-one-backward", chunks: 3 }, chunks: 3 },
];
const shapes = (chunks: number): fc.Arbitrary<PipelineShape> =>
  fc
    .record({ stages: fc.integer({ min: 1, max: 7 }), microbatches: fc.integer({ min: 1, max: 15 }) })
    .map(({ stages, microbatches }) => ({
      stages,
      microbatches: chunks === 1 ? microbatches : stages * (1 + (microbatches % 4)),
    }));
const seconds = fc.double({ min: 0.01, max: 3, noNaN: true });
const near = (actual: number, expected: number) =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * expected);

/** The passes of a stage as text: F or B, microbatch, and chunk where there are several. */
function orderOf(schedule: PipelineSchedule, stage: number): string {
  const names: string[] = [];
  for (let pass = schedule.offsets[stage]; pass < schedule.offsets[stage + 1]; pass++) {
    const chunk = schedule.chunks > 1 ? "abc"[schedule.chunk[pass]] : "";
    names.push(`${schedule.isBackward[pass] === 1 ? "B" : "F"}${schedule.microbatch[pass]}${chunk}`);
  }
  return names.join(" ");
}

/**
 * The end of the longest path through passes and transfers, by relaxation in no particular order: no events and no clock.
 * Transfers over one link follow one another in the order in which their sender's passes do.
 */
function longestPath(schedule: PipelineSchedule, passSeconds: ArrayLike<number>, links: SerialLinkSeconds): number {
  const { stages, chunks, microbatches, offsets } = schedule;
  const slices = stages * chunks;
  const count = schedule.microbatch.length;
  const name = (slice: number, microbatch: number, back: number) => (slice * microbatches + microbatch) * 2 + back;
  const passOf = new Map<number, number>();
  const stageOf = (slice: number) => slice % stages;
  for (let stage = 0; stage < stages; stage++) {
    for (let pass = offsets[stage]; pass < offsets[stage + 1]; pass++) {
      const slice = schedule.chunk[pass] * stages + stage;
      passOf.set(name(slice, schedule.microbatch[pass], schedule.isBackward[pass]), pass);
    }
  }
  // Node i is pass i, node count + i the transfer of its result; edges carry the delay after the end of the first node.
  const edges: [from: number, to: number, delay: number][] = [];
  const duration = new Float64Array(2 * count);
  for (let stage = 0; stage < stages; stage++) {
    const lastOnLink = new Map<number, number>();
    for (let pass = offsets[stage]; pass < offsets[stage + 1]; pass++) {
      duration[pass] = passSeconds[pass];
      if (pass > offsets[stage]) edges.push([pass - 1, pass, 0]);
      const back = schedule.isBackward[pass];
      const slice = schedule.chunk[pass] * stages + stage;
      if (back === 0 && slice === slices - 1) {
        edges.push([pass, passOf.get(name(slice, schedule.microbatch[pass], 1)) ?? -1, 0]);
        continue;
      }
      const next = slice + (back === 1 ? -1 : 1);
      if (next < 0) continue;
      const target = passOf.get(name(next, schedule.microbatch[pass], back)) ?? -1;
      if (stageOf(next) === stage) {
        edges.push([pass, target, 0]);
        continue;
      }
      duration[count + pass] = back === 1 ? links.backwardTransferSeconds : links.forwardTransferSeconds;
      edges.push([pass, count + pass, 0], [count + pass, target, links.latencySeconds]);
      const previous = lastOnLink.get(stageOf(next));
      if (previous !== undefined) edges.push([count + previous, count + pass, 0]);
      lastOnLink.set(stageOf(next), pass);
    }
  }
  const end = Float64Array.from(duration);
  for (let isChanging = true; isChanging; ) {
    isChanging = false;
    for (const [from, to, delay] of edges) {
      const reached = end[from] + delay + duration[to];
      if (reached <= end[to]) continue;
      end[to] = reached;
      isChanging = true;
    }
  }
  return end.slice(0, count).reduce((a, b) => Math.max(a, b), 0);
}

describe("orders", () => {
  it("of GPipe", () => {
    expect(orderOf(make({ kind: "gpipe" }).schedule({ stages: 2, microbatches: 3 }), 1)).toBe("F0 F1 F2 B2 B1 B0");
  });
  it("of 1F1B, as in Narayanan et al. (2021), figure 4 (four stages, eight microbatches)", () => {
    const schedule = make({ kind: "one-forward-one-backward" }).schedule({ stages: 4, microbatches: 8 });
    expect(orderOf(schedule, 0)).toBe("F0 F1 F2 F3 B0 F4 B1 F5 B2 F6 B3 F7 B4 B5 B6 B7");
    expect(orderOf(schedule, 2)).toBe("F0 F1 B0 F2 B1 F3 B2 F4 B3 F5 B4 F6 B5 F7 B6 B7");
    expect(orderOf(schedule, 3)).toBe("F0 B0 F1 B1 F2 B2 F3 B3 F4 B4 F5 B5 F6 B6 F7 B7");
  });
  it("of eager 1F1B", () => {
    const schedule = make({ kind: "one-forward-one-backward", ahead: 2 }).schedule({ stages: 3, microbatches: 6 });
    expect(orderOf(schedule, 1)).toBe("F0 F1 F2 B0 F3 B1 F4 B2 F5 B3 B4 B5");
  });
  it("of interleaved 1F1B", () => {
    const schedule = make({ kind: "interleaved-one-forward-one-backward" }).schedule({ stages: 2, microbatches: 4 });
    expect(orderOf(schedule, 0)).toBe("F0a F1a F0b F1b F2a B0b F3a B1b F2b B0a F3b B1a B2b B3b B2a B3a");
    expect(orderOf(schedule, 1)).toBe("F0a F1a F0b B0b F1b B1b F2a B0a F3a B1a F2b B2b F3b B3b B2a B3a");
  });
});

describe.each(methods)("$input", ({ input, chunks }) => {
  const method = make(input);

  it("does each pass once, forwards before backwards, and keeps as many activations as it says", () => {
    const property = fc.property(shapes(chunks), (shape) => {
      const schedule = method.schedule(shape);
      for (let stage = 0; stage < shape.stages; stage++) {
        const order = orderOf(schedule, stage).split(" ");
        expect(new Set(order).size).toBe(2 * chunks * shape.microbatches);
        expect(order.length).toBe(2 * chunks * shape.microbatches);
        for (const pass of order) {
          if (pass.startsWith("B")) expect(order.indexOf(`F${pass.slice(1)}`)).toBeLessThan(order.indexOf(pass));
        }
      }
      expect([...peakActivations(schedule)]).toEqual([...method.peakActivations(shape)]);
    });
    fc.assert(property, { numRuns: 40 });
  });

  it("takes its closed form where stages are alike, with the bubble of the papers", () => {
    const property = fc.property(shapes(chunks), seconds, seconds, (shape, forwardSeconds, backwardSeconds) => {
      const schedule = method.schedule(shape);
      const all = (value: number) => new Array<number>(shape.stages).fill(value);
      const result = simulatePipeline(schedule, passSecondsOf(schedule, all(forwardSeconds), all(backwardSeconds)));
      near(result.seconds, method.uniformSeconds(shape, { forwardSeconds, backwardSeconds }));
      near(1 - result.bubbleFraction, 1 - bubbleFraction(shape, chunks));
    });
    fc.assert(property, { numRuns: 60 });
  });

  it("ends where the longest path does, whatever the times of passes and transfers", () => {
    const links = fc.record({
      forwardTransferSeconds: fc.double({ min: 0, max: 4, noNaN: true }),
      backwardTransferSeconds: fc.double({ min: 0, max: 4, noNaN: true }),
      latencySeconds: fc.double({ min: 0, max: 2, noNaN: true }),
    });
    const property = fc.property(
      shapes(chunks),
      links,
      fc.integer({ min: 1, max: 1e6 }),
      (shape, linkSeconds, seed) => {
        // Between two interleaved stages activations and gradients share a link, in an order that only the clock decides.
        fc.pre(chunks === 1 || shape.stages !== 2);
        const schedule = method.schedule(shape);
        let state = seed;
        const passSeconds = Float64Array.from({ length: schedule.microbatch.length }, () => {
          state = (state * 48_271) % 2_147_483_647;
          return state / 2_147_483_647;
        });
        near(
          simulatePipeline(schedule, passSeconds, linkSeconds).seconds,
          longestPath(schedule, passSeconds, linkSeconds),
        );
      },
    );
    fc.assert(property, { numRuns: 60 });
  });

  it("refuses what is no pipeline", () => {
    expect(() => method.schedule({ stages: 0, microbatches: 4 })).toThrow("invalid stages: 0");
    expect(() => method.schedule({ stages: 2, microbatches: 0 })).toThrow("invalid microbatches: 0");
  });
});

const unlike = (stages: number): fc.Arbitrary<PipelineTimes> =>
  fc.record({
    forwardSeconds: fc.array(seconds, { minLength: stages, maxLength: stages }),
    backwardSeconds: fc.array(seconds, { minLength: stages, maxLength: stages }),
    forwardTransferSeconds: fc.double({ min: 0, max: 4, noNaN: true }),
    backwardTransferSeconds: fc.double({ min: 0, max: 4, noNaN: true }),
    latencySeconds: fc.double({ min: 0, max: 2, noNaN: true }),
  });
const unlikeShapes = shapes(1).chain((shape) => unlike(shape.stages).map((times) => ({ shape, times })));

const simulate = (method: PipelineMethod, shape: PipelineShape, times: PipelineTimes): number => {
  const schedule = method.schedule(shape);
  return simulatePipeline(schedule, passSecondsOf(schedule, times.forwardSeconds, times.backwardSeconds), times)
    .seconds;
};

describe("unlike stages and transfers", () => {
  it("GPipe takes its closed form", () => {
    const property = fc.property(unlikeShapes, ({ shape, times }) => {
      near(simulate(make({ kind: "gpipe" }), shape, times), gpipeSeconds(shape, times));
    });
    fc.assert(property, { numRuns: 100 });
  });

  it.each(methods.filter(({ chunks }) => chunks === 1))("$input stays within the bounds", ({ input }) => {
    const property = fc.property(unlikeShapes, ({ shape, times }) => {
      const { lowerSeconds, upperSeconds } = pipelineBounds(shape, times);
      const actual = simulate(make(input), shape, times);
      expect(actual).toBeGreaterThanOrEqual(lowerSeconds * (1 - 1e-9));
      expect(actual).toBeLessThanOrEqual(upperSeconds * (1 + 1e-9));
    });
    fc.assert(property, { numRuns: 60 });
  });

  it("the bounds meet where stages are alike and transfers take no time", () => {
    const times = { forwardSeconds: [2, 2, 2], backwardSeconds: [3, 3, 3] };
    const none = { forwardTransferSeconds: 0, backwardTransferSeconds: 0, latencySeconds: 0 };
    expect(pipelineBounds({ stages: 3, microbatches: 4 }, { ...times, ...none })).toEqual({
      lowerSeconds: 30,
      upperSeconds: 30,
    });
  });

  it.each([1, 2])("a long 1F1B settles to its period, %d ahead", (ahead) => {
    // 420 is a multiple of all cycle lengths up to 7, so that whole cycles are compared. With times in whole seconds two
    // cycles differ by 1/42 s or not at all, so that the slower one has won long before 2100 microbatches.
    const whole = fc.integer({ min: 1, max: 4 });
    const arbitrary = fc.integer({ min: 1, max: 4 }).chain((stages) =>
      fc.record({
        stages: fc.constant(stages),
        times: fc.record({
          forwardSeconds: fc.array(whole, { minLength: stages, maxLength: stages }),
          backwardSeconds: fc.array(whole, { minLength: stages, maxLength: stages }),
          forwardTransferSeconds: fc.integer({ min: 0, max: 6 }),
          backwardTransferSeconds: fc.integer({ min: 0, max: 6 }),
          latencySeconds: fc.integer({ min: 0, max: 3 }),
        }),
      }),
    );
    const property = fc.property(arbitrary, ({ stages, times }) => {
      const method = make({ kind: "one-forward-one-backward", ahead });
      const [short, long] = [2100, 2520].map((microbatches) => simulate(method, { stages, microbatches }, times));
      near((long - short) / 420, steadyPeriodSeconds({ stages, microbatches: 1 }, times, ahead));
    });
    fc.assert(property, { numRuns: 12 });
  });

  it("the period at rho: f + b + 2 (p - 1)/p c for 1F1B, hidden by going further ahead, and the link's own time at last", () => {
    const period = (rho: number, ahead: number) =>
      steadyPeriodSeconds(
        { stages: 4, microbatches: 1 },
        {
          forwardSeconds: [1, 1, 1, 1],
          backwardSeconds: [2, 2, 2, 2],
          forwardTransferSeconds: 1.5 * rho,
          backwardTransferSeconds: 1.5 * rho,
          latencySeconds: 0,
        },
        ahead,
      );
    expect(period(0, 1)).toBe(3);
    near(period(0.4, 1), 3 + 2 * 0.75 * 0.6);
    // Going down and up is 1.2 s more a stage, less than the 3 s of another microbatch under way.
    expect(period(0.4, 2)).toBe(3);
    expect(period(10, 50)).toBe(15);
  });
});

describe("asynchronous", () => {
  it("wastes the first filling only, where flushing wastes one per update", () => {
    const method = make({ kind: "asynchronous" });
    const flushed = make({ kind: "one-forward-one-backward" });
    expect([method.isFlushed, flushed.isFlushed]).toEqual([false, true]);
    const stage = { forwardSeconds: 1, backwardSeconds: 2 };
    // Ten updates of four microbatches over four stages: 43 rounds of 3 s, against ten times seven.
    expect(method.uniformSeconds({ stages: 4, microbatches: 40 }, stage)).toBe(129);
    expect(10 * flushed.uniformSeconds({ stages: 4, microbatches: 4 }, stage)).toBe(210);
  });
  it("meets weights that are newer by the updates of what was under way", () => {
    const property = fc.property(
      shapes(1),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 5 }),
      ({ stages, microbatches }, ahead, perUpdate) => {
        const delays = weightDelays(
          make({ kind: "asynchronous", ahead }).schedule({ stages, microbatches }),
          perUpdate,
        );
        for (let stage = 0; stage < stages; stage++) {
          const underWay = Math.min(microbatches, 1 + ahead * (stages - 1 - stage));
          for (let i = 0; i < microbatches; i++) {
            const before = Math.max(0, i - underWay + 1);
            const expected = Math.floor(i / perUpdate) - Math.floor(before / perUpdate);
            expect(delays[stage * microbatches + i]).toBe(expected);
          }
        }
      },
    );
    fc.assert(property);
  });
  it("is p - 1 - s updates late at stage s with an update per microbatch (PipeDream)", () => {
    const delays = weightDelays(make({ kind: "asynchronous" }).schedule({ stages: 4, microbatches: 20 }), 1);
    expect([0, 1, 2, 3].map((stage) => delays[stage * 20 + 10])).toEqual([3, 2, 1, 0]);
  });
  it("refuses to count what it cannot", () => {
    const shape = { stages: 2, microbatches: 4 };
    expect(() => weightDelays(make({ kind: "gpipe" }).schedule(shape), 0)).toThrow(
      "invalid microbatches per update: 0",
    );
    const interleaved = make({ kind: "interleaved-one-forward-one-backward" }).schedule(shape);
    expect(() => weightDelays(interleaved, 1)).toThrow("invalid chunks: 2");
  });
});

describe("PipelineRun", () => {
  it("sends over a network what it sends over plain links, while nothing shares a port", () => {
    const environment = new Environment({ seed: 1 });
    const node = { group: "stages", uplinkBytesPerSecond: 10, downlinkBytesPerSecond: 10, latencySeconds: 0.25 };
    const transport = new Network(environment, {
      nodes: new Array(5).fill(node),
      sharedLinks: [],
      route: () => ({ sharedLinks: [], latencySeconds: 0 }),
    });
    const schedule = make({ kind: "gpipe" }).schedule({ stages: 3, microbatches: 1 });
    const links = transportLinks(transport, { nodes: [4, 0, 2], activationBytes: 20, gradientBytes: 40 });
    const passSeconds = passSecondsOf(schedule, [1, 2, 3], [4, 5, 6]);
    let doneAt = Number.NaN;
    new PipelineRun({
      loop: environment,
      schedule,
      passSeconds,
      links,
      onDone: () => {
        doneAt = environment.now;
      },
    }).start();
    environment.run();
    // All passes, two transfers of 2 s down and two of 4 s up, and half a second for each.
    near(doneAt, 21 + 4 + 8 + 2);
    const plain = { forwardTransferSeconds: 2, backwardTransferSeconds: 4, latencySeconds: 0.5 };
    near(doneAt, simulatePipeline(schedule, passSeconds, plain).seconds);
  });

  it("says when stages wait for one another for ever, and when the schedule is none", () => {
    const schedule = make({ kind: "gpipe" }).schedule({ stages: 2, microbatches: 1 });
    const swapped = { ...schedule, isBackward: Uint8Array.of(0, 1, 1, 0) };
    expect(() => simulatePipeline(swapped, [1, 1, 1, 1])).toThrow("deadlocked pipeline: 3 passes wait");
    const twice = { ...schedule, isBackward: Uint8Array.of(0, 0, 0, 1) };
    expect(() => simulatePipeline(twice, [1, 1, 1, 1])).toThrow("pass scheduled twice: 1");
    expect(() => simulatePipeline(schedule, [1])).toThrow("invalid pass times: 1 of 4");
  });
});

describe("pipelineSpec", () => {
  it("names the kinds, and refuses shapes that do not interleave", () => {
    const message = pipelineSpec.safeParse({ kind: "1f1b" }).error?.message ?? "";
    for (const kind of pipelineKinds) expect(message).toContain(kind);
    const interleaved = make({ kind: "interleaved-one-forward-one-backward" });
    expect(() => interleaved.schedule({ stages: 4, microbatches: 6 })).toThrow(
      "invalid microbatches: 6 (expected a multiple of the stages, 4)",
    );
  });
});
