import { describe, expect, it } from "vitest";
import { Environment } from "./environment.ts";
import type { ProcessGenerator } from "./process.ts";
import { Resource } from "./resource.ts";

/** Holds the server for a time, and logs when it got it. */
function* customer(server: Resource, name: string, seconds: number, log: string[], priority = 0): ProcessGenerator {
  const request = server.request({ priority });
  yield request;
  log.push(`${name} at ${server.env.now}`);
  yield server.env.timeout(seconds);
  server.release(request);
}

describe("a resource", () => {
  it("serves as many as it has room for, first come, first served", () => {
    const env = new Environment({ seed: 1 });
    const server = new Resource(env, { capacity: 2 });
    const log: string[] = [];
    for (const [name, seconds] of [
      ["a", 3],
      ["b", 1],
      ["c", 1],
      ["d", 1],
    ] as const)
      env.process(customer(server, name, seconds, log));
    env.run({ until: 0 });
    expect([server.count, server.queueLength]).toEqual([2, 2]);
    env.run();
    expect(log).toEqual(["a at 0", "b at 0", "c at 1", "d at 2"]);
    expect([server.count, server.queueLength]).toEqual([0, 0]);
  });

  it("serves lower priority numbers first, and never takes from who holds it", () => {
    const env = new Environment({ seed: 1 });
    const server = new Resource(env);
    const log: string[] = [];
    for (const [name, priority] of [
      ["holder", 9],
      ["low", 2],
      ["high", -1],
      ["also low", 2],
      ["middle", 0.5],
      ["also high", -1],
    ] as const)
      env.process(customer(server, name, 1, log, priority));
    env.run();
    expect(log).toEqual(["holder at 0", "high at 1", "also high at 2", "middle at 3", "low at 4", "also low at 5"]);
  });

  it("grants the head of the line before a newcomer of the same instant", () => {
    const env = new Environment({ seed: 1 });
    const server = new Resource(env);
    const log: string[] = [];
    env.process(function* () {
      const request = yield* server.request();
      yield env.timeout(1);
      server.release(request);
      yield* customer(server, "again", 1, log);
    });
    env.process(customer(server, "next", 1, log));
    env.run();
    expect(log).toEqual(["next at 1", "again at 2"]);
  });

  it("forgets a request that is cancelled while it waits", () => {
    const env = new Environment({ seed: 1 });
    const server = new Resource(env);
    const [held, waiting, last] = [server.request(), server.request(), server.request()];
    expect([waiting.cancel(), waiting.cancel(), held.cancel()]).toEqual([true, false, false]);
    expect([server.count, server.queueLength]).toEqual([1, 1]);
    server.release(held);
    env.run();
    expect([waiting.triggered, last.processed]).toEqual([false, true]);
  });

  it("takes a request back in any state, once", () => {
    const env = new Environment({ seed: 1 });
    const server = new Resource(env);
    const [held, waiting, third] = [server.request(), server.request(), server.request()];
    server.release(waiting);
    server.release(held);
    server.release(held);
    expect([server.count, server.queueLength, third.triggered, waiting.triggered]).toEqual([1, 0, true, false]);
    expect(() => new Resource(env, { name: "disk" }).release(third)).toThrow(
      "request of another resource: resource, not disk",
    );
  });

  it("lets a process yield its release without waiting", () => {
    const env = new Environment({ seed: 1 });
    const server = new Resource(env);
    const process = env.process(function* () {
      const request = yield* server.request();
      yield server.release(request);
      return [env.now, server.count];
    });
    expect(env.run({ until: process })).toEqual([0, 0]);
  });

  it("gives itself as the value of a request", () => {
    const env = new Environment({ seed: 1 });
    const server = new Resource(env);
    const request = server.request();
    expect(env.run({ until: request })).toBe(request);
  });

  it.each([0, -1, 1.5, Number.NaN])("cannot have a capacity of %d", (capacity) => {
    expect(() => new Resource(new Environment({ seed: 1 }), { capacity })).toThrow(`invalid capacity: ${capacity}`);
  });

  it("refuses a priority that has no place in an order", () => {
    const server = new Resource(new Environment({ seed: 1 }));
    for (const priority of [Number.NaN, "high", null])
      expect(() => server.request({ priority: priority as never })).toThrow(
        `invalid priority: ${priority} (expected a number)`,
      );
    expect([server.count, server.queueLength]).toEqual([0, 0]);
  });
});

describe("use", () => {
  it("holds the resource while its body runs, and returns what it returns", () => {
    const env = new Environment({ seed: 1 });
    const server = new Resource(env);
    const counts: number[] = [];
    const process = env.process(function* () {
      const result = yield* server.use(function* () {
        counts.push(server.count);
        yield env.timeout(2);
        return "done";
      });
      counts.push(server.count);
      return result;
    });
    expect([env.run({ until: process }), counts, env.now]).toEqual(["done", [1, 0], 2]);
  });

  it("releases when the body throws, and when the process is interrupted, waiting or holding", () => {
    const env = new Environment({ seed: 1 });
    const server = new Resource(env);
    const log: string[] = [];
    function* user(name: string, fails: boolean): ProcessGenerator {
      try {
        yield* server.use(function* () {
          yield env.timeout(10);
          if (fails) throw new Error("failed");
        });
      } catch (error) {
        log.push(`${name}: ${(error as Error).message} at ${env.now}`);
      }
    }
    const [, waiting, holding] = [
      env.process(user("a", true)),
      env.process(user("b", false)),
      env.process(user("c", false)),
    ];
    env.schedule(5, () => waiting.interrupt("no patience"));
    env.schedule(12, () => holding.interrupt("fire"));
    env.run({ until: 6 });
    expect(server.queueLength).toBe(1);
    env.run();
    expect(log).toEqual(["b: interrupted: no patience at 5", "a: failed at 10", "c: interrupted: fire at 12"]);
    expect([server.count, server.queueLength]).toEqual([0, 0]);
  });
});

describe("a resource monitor", () => {
  it("averages over time what holds and what waits", () => {
    const env = new Environment({ seed: 1 });
    const server = new Resource(env, { capacity: 2 });
    const monitor = server.monitor();
    const log: string[] = [];
    // Holding: 2 from 0 to 3, 1 from 3 to 4, none until 8. Waiting: 1 from 0 to 1.
    for (const seconds of [1, 4, 2]) env.process(customer(server, "", seconds, log));
    env.run({ until: 8 });
    expect(monitor.holding.integral).toBe(7);
    expect(monitor.utilisation).toBe(7 / 16);
    expect([monitor.meanQueueLength, monitor.waiting.maximum]).toEqual([1 / 8, 1]);
    expect(monitor.meanPopulation).toBe(1);
    expect(server.monitor()).toBe(monitor);
    monitor.restart();
    env.process(customer(server, "", 1, log));
    env.run({ until: 10 });
    expect(monitor.utilisation).toBe(1 / 4);
  });
});
