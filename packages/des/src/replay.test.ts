/** The same seed gives the same run, event for event, whichever queue orders the events. */
import { describe, expect, it } from "vitest";
import { Environment } from "./environment.ts";
import type { QueueKind } from "./event-loop.ts";
import { simulatePriorities, simulateStation } from "./fixtures/queueing-models.ts";
import { Interrupt } from "./interrupt.ts";
import type { Process, ProcessGenerator } from "./process.ts";

const kinds: readonly QueueKind[] = ["auto", "heap", "ladder", "auto"];

/** Many processes that interrupt one another; more than a thousand events are pending at a time. */
function simulateCrowd(seed: number, queue: QueueKind): string {
  const env = new Environment({ seed, queue });
  const crowd: Process[] = [];
  function* member(index: number): ProcessGenerator {
    const stream = env.random("member", index);
    for (let round = 0; round < 2; round++) {
      try {
        yield env.anyOf([env.timeout(stream.exponential(1)), env.timeout(stream.integer(3))]);
        const other = crowd[stream.integer(crowd.length)];
        if (other.isAlive && other !== env.activeProcess) other.interrupt(index);
      } catch (error) {
        if (!(error instanceof Interrupt)) throw error;
      }
    }
  }
  for (let i = 0; i < 600; i++) crowd.push(env.process(member(i)));
  env.run();
  return `${env.traceHash} ${env.eventCount} ${env.now}`;
}

const runs: Record<string, (seed: number, queue: QueueKind) => string> = {
  "a station": (seed, queue) =>
    simulateStation({
      seed,
      queue,
      arrivalRate: 2.5,
      servers: 3,
      service: (stream) => stream.exponential(1),
      warmUp: 0,
      customers: 1000,
    }).traceHash,
  "preemptive priorities": (seed, queue) =>
    simulatePriorities({
      seed,
      queue,
      preemptive: true,
      classes: [0.3, 0.4].map((arrivalRate) => ({ arrivalRate, service: (stream) => stream.exponential(1) })),
      warmUpSeconds: 0,
      seconds: 500,
    }).traceHash,
  "a crowd": simulateCrowd,
};

describe.each(Object.entries(runs))("%s", (_, run) => {
  it("has one trace for each seed, with every queue", () => {
    const hashes = [1, 2].map((seed) => new Set(kinds.map((kind) => run(seed, kind))));
    expect(hashes.map(({ size }) => size)).toEqual([1, 1]);
    expect([...hashes[0]]).not.toEqual([...hashes[1]]);
  });
});
