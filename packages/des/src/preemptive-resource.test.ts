import { describe, expect, it } from "vitest";
import { Environment } from "./environment.ts";
import { Interrupt } from "./interrupt.ts";
import { Preempted, PreemptiveResource } from "./preemptive-resource.ts";
import type { ProcessGenerator } from "./process.ts";

interface Job {
  readonly name: string;
  readonly priority: number;
  readonly arrival: number;
  readonly seconds: number;
  readonly preempt?: boolean;
}

/** Runs jobs that give up when they are preempted; logs who started, ended or was preempted, by whom and since when. */
function runJobs(capacity: number, jobs: readonly Job[]): string[] {
  const env = new Environment({ seed: 1 });
  const server = new PreemptiveResource(env, { capacity, name: "server" });
  const log: string[] = [];
  function* run({ name, priority, arrival, seconds, preempt }: Job): ProcessGenerator {
    yield env.timeout(arrival);
    const request = server.request({ priority, preempt });
    try {
      yield request;
      log.push(`${name} starts at ${env.now}`);
      yield env.timeout(seconds);
      log.push(`${name} ends at ${env.now}`);
    } catch (error) {
      if (!(error instanceof Interrupt && error.cause instanceof Preempted)) throw error;
      const { by, usageSince, resource, request: lost } = error.cause;
      expect(resource).toBe(server);
      expect(lost).toBe(request);
      log.push(`${name} loses to ${by} at ${env.now}, held since ${usageSince}`);
    } finally {
      server.release(request);
    }
  }
  for (const job of jobs) env.process(run(job), { name: job.name });
  env.run();
  expect([server.count, server.queueLength]).toEqual([0, 0]);
  return log;
}

describe("a preemptive resource", () => {
  it("is taken from a less important holder, who learns by whom", () => {
    expect(
      runJobs(1, [
        { name: "low", priority: 1, arrival: 1, seconds: 10 },
        { name: "high", priority: 0, arrival: 4, seconds: 2 },
      ]),
    ).toEqual(["low starts at 1", "low loses to high at 4, held since 1", "high starts at 4", "high ends at 6"]);
  });

  it("is not taken from an equal, nor by who does not want to", () => {
    expect(
      runJobs(1, [
        { name: "first", priority: 1, arrival: 0, seconds: 3 },
        { name: "equal", priority: 1, arrival: 1, seconds: 1 },
        { name: "polite", priority: 0, arrival: 2, seconds: 1, preempt: false },
      ]),
    ).toEqual([
      "first starts at 0",
      "first ends at 3",
      "polite starts at 3",
      "polite ends at 4",
      "equal starts at 4",
      "equal ends at 5",
    ]);
  });

  it("is taken from the least important holder, the latest among equals", () => {
    expect(
      runJobs(3, [
        { name: "a", priority: 2, arrival: 0, seconds: 9 },
        { name: "b", priority: 2, arrival: 1, seconds: 9 },
        { name: "c", priority: 1, arrival: 2, seconds: 9 },
        { name: "d", priority: 0, arrival: 3, seconds: 9 },
      ]).filter((line) => line.includes("loses")),
    ).toEqual(["b loses to d at 3, held since 1"]);
  });

  it("does not let a request past one that waits with the same or a lower number", () => {
    expect(
      runJobs(1, [
        { name: "low", priority: 5, arrival: 0, seconds: 4 },
        { name: "polite", priority: 1, arrival: 1, seconds: 1, preempt: false },
        { name: "pushy", priority: 1, arrival: 2, seconds: 1 },
        { name: "urgent", priority: 0, arrival: 3, seconds: 1 },
      ]),
    ).toEqual([
      "low starts at 0",
      "low loses to urgent at 3, held since 0",
      "urgent starts at 3",
      "urgent ends at 4",
      "polite starts at 4",
      "polite ends at 5",
      "pushy starts at 5",
      "pushy ends at 6",
    ]);
  });

  it("reaches a holder that has not gone on since its request was granted", () => {
    expect(
      runJobs(1, [
        { name: "low", priority: 1, arrival: 2, seconds: 5 },
        { name: "high", priority: 0, arrival: 2, seconds: 1 },
      ]),
    ).toEqual(["low loses to high at 2, held since 2", "high starts at 2", "high ends at 3"]);
  });

  it("is taken without a word from a process that has ended, and from outside of processes", () => {
    const env = new Environment({ seed: 1 });
    const server = new PreemptiveResource(env);
    env.process(function* () {
      yield server.request({ priority: 3 });
    });
    env.run();
    const second = server.request({ priority: 2 });
    const third = server.request({ priority: 1 });
    server.release(second);
    env.run();
    expect([third.processed, server.count]).toEqual([true, 1]);
  });

  it("is not held by who yields a lost request again, which goes on at once as in SimPy", () => {
    const env = new Environment({ seed: 1 });
    const server = new PreemptiveResource(env);
    const log: unknown[] = [];
    env.process(function* loser() {
      const lost = yield* server.request({ priority: 1 });
      try {
        yield env.timeout(10);
      } catch {
        yield lost;
        log.push(["yielded again", env.now, server.count]);
        server.release(lost);
        log.push(["released again", server.count]);
        const own = yield* server.request({ priority: 1 });
        log.push(["asked again", env.now]);
        server.release(own);
      }
    });
    env.process(function* winner() {
      yield env.timeout(1);
      const request = yield* server.request({ priority: 0 });
      yield env.timeout(5);
      server.release(request);
    });
    env.run();
    expect(log).toEqual([
      ["yielded again", 1, 1],
      ["released again", 1],
      ["asked again", 6],
    ]);
  });
});
