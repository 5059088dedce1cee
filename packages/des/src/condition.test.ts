import { describe, expect, it } from "vitest";
import { Environment } from "./environment.ts";

describe("allOf", () => {
  it("happens with the last event, and has all values in order", () => {
    const env = new Environment({ seed: 1 });
    const events = [env.timeout(3, "c"), env.timeout(1, "a"), env.timeout(2, "b")];
    const value = env.run({ until: env.allOf(events) });
    expect([env.now, value.values]).toEqual([3, ["c", "a", "b"]]);
    expect(events.map((event) => value.get(event))).toEqual(["c", "a", "b"]);
  });

  it("of nothing happens at once", () => {
    const env = new Environment({ seed: 1 });
    env.timeout(5);
    expect(env.run({ until: env.allOf([]) }).values).toEqual([]);
    expect(env.run({ until: env.anyOf([]) }).values).toEqual([]);
    expect(env.now).toBe(0);
  });

  it("counts events that were processed before, and one event named twice", () => {
    const env = new Environment({ seed: 1 });
    const past = env.timeout(1, "past");
    env.run();
    const next = env.timeout(2, "next");
    expect(env.run({ until: env.allOf([past, next, next]) }).values).toEqual(["past", "next", "next"]);
    expect(env.now).toBe(3);
    expect(env.run({ until: env.allOf([past, next]) }).values).toEqual(["past", "next"]);
  });

  it("fails with the first event that fails", () => {
    const env = new Environment({ seed: 1 });
    const event = env.event();
    env.schedule(1, () => event.fail(new Error("broken")));
    const waiting = env.process(function* () {
      try {
        yield env.allOf([env.timeout(5), event]);
      } catch (error) {
        return [(error as Error).message, env.now];
      }
      return [];
    });
    expect(env.run({ until: waiting })).toEqual(["broken", 1]);
    expect(() => env.run()).not.toThrow();
  });
});

describe("anyOf", () => {
  it("happens with the first event, and says which", () => {
    const env = new Environment({ seed: 1 });
    const [slow, quick] = [env.timeout(3, "slow"), env.timeout(1, "quick")];
    const value = env.run({ until: env.anyOf([slow, quick]) });
    expect([env.now, value.has(quick), value.has(slow)]).toEqual([1, true, false]);
    expect([value.get(quick), value.get(slow), value.events, value.values]).toEqual([
      "quick",
      undefined,
      [quick],
      ["quick"],
    ]);
    env.run();
    // What happens later does not change it.
    expect([value.has(slow), value.get(slow)]).toEqual([false, undefined]);
  });

  it("has all events of the instant that were processed before it", () => {
    const env = new Environment({ seed: 1 });
    const events = [env.timeout(1, "a"), env.timeout(1, "b")];
    expect(env.run({ until: env.anyOf(events) }).values).toEqual(["a", "b"]);
  });

  it("leaves later failures to others", () => {
    const env = new Environment({ seed: 1 });
    const event = env.event();
    env.process(function* () {
      yield env.anyOf([env.timeout(1), event]);
    });
    env.schedule(2, () => event.fail(new Error("late")));
    expect(() => env.run()).toThrow("event failed: event at 2 s: late");
  });

  it("waits for processes, and for conditions", () => {
    const env = new Environment({ seed: 1 });
    const [a, b, c] = [env.timeout(1, "a"), env.timeout(4, "b"), env.timeout(2, "c")];
    const both = env.allOf([a, b]);
    const worker = env.process(function* () {
      yield env.timeout(6);
    });
    const value = env.run({ until: env.anyOf([both, c, worker]) });
    expect(env.now).toBe(2);
    // `both` has not happened, but its first part has.
    expect([both, a, b, c, worker].map((event) => value.has(event))).toEqual([false, true, false, true, false]);
    expect(value.get(a)).toBe("a");
    const later = env.run({ until: env.allOf([both, worker]) });
    expect([env.now, later.has(b), later.values[0].values]).toEqual([6, true, ["a", "b"]]);
  });

  it("takes events of its own environment only", () => {
    const env = new Environment({ seed: 1 });
    const other = new Environment({ seed: 1 });
    expect(() => env.anyOf([env.timeout(1), other.timeout(1)])).toThrow("event of another environment: timeout");
  });
});

describe("conditions", () => {
  it("are made of lists of events", () => {
    const env = new Environment({ seed: 1 });
    const event = env.event();
    // An event can be iterated, and a forgotten pair of brackets would wait for ever.
    expect(() => env.anyOf(event as never)).toThrow("not a list of events: event");
    expect(() => env.allOf(undefined as never)).toThrow("not a list of events: undefined");
    expect(() => env.allOf([event, 5 as never])).toThrow("not an event: 5");
    expect(() => env.allOf([new Environment({ seed: 1 }).event()])).toThrow("event of another environment: event");
    expect(event.awaited).toBe(false);
  });

  it("let go of an event that they name twice", () => {
    const env = new Environment({ seed: 1 });
    const stop = env.event();
    for (let i = 0; i < 100; i++) env.anyOf([stop, stop, stop, env.timeout(i)]);
    env.run();
    expect(stop.awaited).toBe(false);
  });
});
