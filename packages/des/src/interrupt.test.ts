import { describe, expect, it } from "vitest";
import { Environment } from "./environment.ts";
import { Interrupt } from "./interrupt.ts";
import type { ProcessGenerator } from "./process.ts";
import { Resource } from "./resource.ts";

/** Sleeps again after each interrupt until the given time, and logs what woke it. */
function* sleeperUntil(env: Environment, end: number, log: string[]): ProcessGenerator {
  while (env.now < end) {
    try {
      yield env.timeout(end - env.now);
      log.push(`slept until ${env.now}`);
    } catch (error) {
      if (!(error instanceof Interrupt)) throw error;
      log.push(`${error.cause} at ${env.now}`);
    }
  }
}

describe("interrupts", () => {
  it("carry their cause, and let the process wait again", () => {
    const env = new Environment({ seed: 1 });
    const log: string[] = [];
    const sleeper = env.process(sleeperUntil(env, 10, log));
    env.process(function* () {
      yield env.timeout(3);
      sleeper.interrupt("noise");
      yield env.timeout(4);
      sleeper.interrupt("light");
    });
    env.run();
    expect(log).toEqual(["noise at 3", "light at 7", "slept until 10"]);
  });

  it("leave the event alone: it can be yielded again", () => {
    const env = new Environment({ seed: 1 });
    const sleeper = env.process(function* () {
      const timeout = env.timeout(5, "up");
      try {
        yield timeout;
      } catch {
        return [yield* timeout, env.now];
      }
      return [];
    });
    env.schedule(2, () => sleeper.interrupt());
    expect(env.run({ until: sleeper })).toEqual(["up", 5]);
  });

  it("come before the event that is due at the same time", () => {
    const env = new Environment({ seed: 1 });
    const log: string[] = [];
    // The interrupter's timeout is older, so it is processed first; the sleeper's is due at the same time.
    env.schedule(4, () => sleeper.interrupt("just in time"));
    const sleeper = env.process(sleeperUntil(env, 4, log));
    env.run();
    expect(log).toEqual(["just in time at 4"]);
  });

  it("come too late for a process that completed at the same time", () => {
    const env = new Environment({ seed: 1 });
    const log: string[] = [];
    const sleeper = env.process(sleeperUntil(env, 4, log), { name: "sleeper" });
    env.process(function* () {
      yield env.timeout(0);
      yield env.timeout(4);
      expect(() => sleeper.interrupt()).toThrow("interrupt of a finished process: sleeper");
    });
    env.run();
    expect(log).toEqual(["slept until 4"]);
  });

  it("of one instant are all delivered, in order, unless the process ends before", () => {
    const env = new Environment({ seed: 1 });
    const log: string[] = [];
    const sleeper = env.process(sleeperUntil(env, 10, log));
    const quitter = env.process(function* () {
      try {
        yield env.timeout(10);
      } catch {
        log.push("quit");
      }
    });
    env.schedule(1, () => {
      sleeper.interrupt("one");
      sleeper.interrupt("two");
      quitter.interrupt();
      quitter.interrupt();
    });
    env.run();
    expect(log).toEqual(["one at 1", "two at 1", "quit", "slept until 10"]);
  });

  it("reach a process only after its first line", () => {
    const env = new Environment({ seed: 1 });
    const log: string[] = [];
    env.process(function* () {
      const child = env.process(function* () {
        try {
          log.push("started");
          yield env.timeout(1);
        } catch (error) {
          log.push((error as Error).message);
        }
      });
      child.interrupt("early");
      yield child;
      log.push(`joined at ${env.now}`);
    });
    env.run();
    expect(log).toEqual(["started", "interrupted: early", "joined at 0"]);
  });

  it("reach a process that waits for another, which goes on", () => {
    const env = new Environment({ seed: 1 });
    const log: string[] = [];
    const child = env.process(sleeperUntil(env, 5, log));
    const parent = env.process(function* () {
      try {
        yield child;
      } catch {
        log.push(`parent at ${env.now}`);
      }
    });
    env.schedule(2, () => parent.interrupt());
    env.run();
    expect(log).toEqual(["parent at 2", "slept until 5"]);
  });

  it("of one waiter leave the others their order", () => {
    const env = new Environment({ seed: 1 });
    const door = env.event();
    const log: string[] = [];
    function* visitor(name: string): ProcessGenerator {
      try {
        yield door;
        log.push(name);
      } catch {
        log.push(`${name} left`);
      }
    }
    const visitors = ["a", "b", "c", "d"].map((name) => env.process(visitor(name)));
    env.schedule(1, () => visitors[2].interrupt());
    env.schedule(2, () => visitors[0].interrupt());
    env.schedule(3, () => door.succeed());
    env.run();
    expect(log).toEqual(["c left", "a left", "b", "d"]);
  });

  it("cannot be sent by a process to itself", () => {
    const env = new Environment({ seed: 1 });
    env.process(
      function* () {
        yield env.timeout(1);
        env.activeProcess?.interrupt();
      },
      { name: "ouroboros" },
    );
    expect(() => env.run()).toThrow("interrupt of a process by itself: ouroboros");
  });

  it("while waiting for a resource leave the request in its line until it is cancelled", () => {
    const env = new Environment({ seed: 1 });
    const server = new Resource(env);
    const log: string[] = [];
    function* holder(): ProcessGenerator {
      const request = yield* server.request();
      yield env.timeout(10);
      server.release(request);
    }
    function* impatient(cancels: boolean): ProcessGenerator {
      const request = server.request();
      try {
        yield request;
      } catch {
        if (cancels) request.cancel();
        log.push(`waiting: ${server.queueLength}`);
      }
    }
    env.process(holder);
    const patients = [true, false].map((cancels) => env.process(impatient(cancels)));
    env.schedule(1, () => {
      for (const patient of patients) patient.interrupt();
    });
    env.run();
    // The request that was forgotten was granted in the end, to nobody.
    expect([log, server.count, server.queueLength]).toEqual([["waiting: 1", "waiting: 1"], 1, 0]);
  });
});
