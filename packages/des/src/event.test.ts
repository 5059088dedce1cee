import { describe, expect, it } from "vitest";
import { Environment } from "./environment.ts";
import type { Event } from "./event.ts";
import type { ProcessGenerator } from "./process.ts";

describe("events", () => {
  it("are pending, then triggered, then processed", () => {
    const env = new Environment({ seed: 1 });
    const event = env.event<string>();
    const states = () => [event.triggered, event.processed, event.ok];
    expect(states()).toEqual([false, false, false]);
    expect(() => event.value).toThrow("value of a pending event: event");
    event.succeed("yes");
    expect(states()).toEqual([true, false, true]);
    env.run();
    expect(states()).toEqual([true, true, true]);
    expect(event.value).toBe("yes");
    expect(() => event.succeed("again")).toThrow("event already triggered: event");
    expect(() => event.fail(new Error("late"))).toThrow("event already triggered: event");
  });

  it("wake all who wait, in the order in which they began to", () => {
    const env = new Environment({ seed: 1 });
    const door = env.event<number>();
    const log: string[] = [];
    function* visitor(name: string): ProcessGenerator {
      const value = yield* door;
      log.push(`${name} ${value} at ${env.now}`);
    }
    for (const name of ["a", "b", "c", "d"]) env.process(visitor(name));
    env.process(function* () {
      yield env.timeout(3);
      door.succeed(7);
      log.push("opened");
    });
    env.run();
    expect(log).toEqual(["opened", "a 7 at 3", "b 7 at 3", "c 7 at 3", "d 7 at 3"]);
  });

  it("resume at once who yields one that was processed before", () => {
    const env = new Environment({ seed: 1 });
    const past = env.timeout(1, "old");
    const values = env.process(function* () {
      yield env.timeout(2);
      const before = env.eventCount;
      const value = yield past;
      return [value, yield* past, env.now, env.eventCount - before];
    });
    expect(env.run({ until: values })).toEqual(["old", "old", 2, 0]);
  });

  it("throw a failure into everybody who waits, and into who comes later", () => {
    const env = new Environment({ seed: 1 });
    const event = env.event();
    const caught: unknown[] = [];
    function* patient(delay: number): ProcessGenerator {
      yield env.timeout(delay);
      try {
        yield event;
      } catch (error) {
        caught.push(error);
      }
    }
    for (const delay of [0, 0, 5]) env.process(patient(delay));
    const failure = new Error("broken");
    env.schedule(1, () => event.fail(failure));
    env.run();
    expect(caught).toEqual([failure, failure, failure]);
    expect([event.ok, event.failed, event.error]).toEqual([false, true, failure]);
    expect(() => event.value).toThrow(failure);
  });

  it("stop the run when nobody handles their failure, unless defused", () => {
    const env = new Environment({ seed: 1 });
    const cause = new Error("broken");
    env.schedule(2.5, () => env.event().fail(cause));
    expect(() => env.run()).toThrow(
      expect.objectContaining({ message: "event failed: event at 2.5 s: broken", cause }),
    );
    const other = new Environment({ seed: 1 });
    other.event().fail(cause).defuse();
    expect(() => other.run()).not.toThrow();
  });

  it("fail with errors only", () => {
    const env = new Environment({ seed: 1 });
    expect(() => env.event().fail("no" as unknown as Error)).toThrow("not an error: no");
  });

  it("call back when processed, at once if they have been", () => {
    const env = new Environment({ seed: 1 });
    const seen: [string, number][] = [];
    const note = (label: string) => (event: Event<string>) => seen.push([`${label} ${event.value}`, env.now]);
    const timeout = env.timeout(4, "x");
    timeout.addCallback(note("first"));
    timeout.addCallback(note("second"));
    env.run();
    timeout.addCallback(note("late"));
    expect(seen).toEqual([
      ["first x", 4],
      ["second x", 4],
      ["late x", 4],
    ]);
  });
});

describe("timeouts", () => {
  it("happen after their delay, with their value, in the order in which they were made", () => {
    const env = new Environment({ seed: 1, initialTime: 10 });
    const log: string[] = [];
    function* sleeper(name: string, delay: number): ProcessGenerator {
      const value = yield* env.timeout(delay, `${name} woke`);
      log.push(`${value} at ${env.now}`);
    }
    env.process(sleeper("slow", 3));
    env.process(sleeper("quick", 1));
    env.process(sleeper("also slow", 3));
    env.run();
    expect(log).toEqual(["quick woke at 11", "slow woke at 13", "also slow woke at 13"]);
  });

  it("of zero let others of the same instant go first", () => {
    const env = new Environment({ seed: 1 });
    const log: string[] = [];
    function* yielding(name: string): ProcessGenerator {
      for (let i = 0; i < 3; i++) {
        log.push(`${name}${i}`);
        yield env.timeout(0);
      }
    }
    env.process(yielding("a"));
    env.process(yielding("b"));
    env.run();
    expect(log).toEqual(["a0", "b0", "a1", "b1", "a2", "b2"]);
    expect(env.now).toBe(0);
  });

  it("are triggered from the start", () => {
    const env = new Environment({ seed: 1 });
    const timeout = env.timeout(1);
    expect([timeout.triggered, timeout.processed]).toEqual([true, false]);
    expect(() => (timeout as Event).succeed()).toThrow("event already triggered: timeout");
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("refuse a delay of %d, and leave nothing behind", (delay) => {
    const env = new Environment({ seed: 1 });
    expect(() => env.timeout(delay)).toThrow(`invalid delay: ${delay}`);
    expect(env.pendingCount).toBe(0);
    env.timeout(1);
    env.run();
    expect(env.now).toBe(1);
  });
});

describe("a callback that throws", () => {
  const failing = (text: string) => () => {
    throw new Error(text);
  };

  it("leaves those who wait after it to the next run, in their order", () => {
    const env = new Environment({ seed: 1 });
    const event = env.event<string>();
    const log: string[] = [];
    function* waiter(name: string): ProcessGenerator {
      log.push(`${name} got ${yield* event} at ${env.now}`);
    }
    event.addCallback(failing("first"));
    env.process(waiter("a"));
    env.run();
    event.addCallback(failing("second"));
    env.process(waiter("b"));
    env.schedule(1, () => event.succeed("it"));
    env.schedule(1, () => log.push("earlier"));
    env.timeout(1).addCallback(() => log.push("earlier too"));
    expect(() => env.run()).toThrow("first");
    // They were on the agenda before the event.
    expect(log).toEqual(["earlier", "earlier too"]);
    expect(() => env.run()).toThrow("second");
    env.run();
    expect(log.slice(2)).toEqual(["a got it at 1", "b got it at 1"]);
    expect([event.awaited, env.pendingCount]).toEqual([false, 0]);
  });

  it("is followed by the others before what was due after the event", () => {
    const env = new Environment({ seed: 1 });
    const log: string[] = [];
    const first = env.timeout(1);
    first.addCallback(failing("broken"));
    first.addCallback(() => log.push("first"));
    env.timeout(1).addCallback(() => log.push("second"));
    expect(() => env.run()).toThrow("broken");
    env.run();
    expect(log).toEqual(["first", "second"]);
  });

  it("does not hide that the event failed", () => {
    const env = new Environment({ seed: 1 });
    const [lonely, handled] = [env.event(), env.event()];
    for (const event of [lonely, handled]) event.addCallback(failing("callback"));
    handled.addCallback((event) => event.defuse());
    env.schedule(1, () => handled.fail(new Error("handled")));
    env.schedule(2, () => lonely.fail(new Error("lonely")));
    for (const text of ["callback", "callback", "event failed: event at 2 s: lonely"])
      expect(() => env.run()).toThrow(text);
    env.run();
    expect(env.pendingCount).toBe(0);
  });

  it("on a condition leaves its value as it was", () => {
    const env = new Environment({ seed: 1 });
    const condition = env.anyOf([env.timeout(1, "a"), env.timeout(2, "b")]);
    condition.addCallback(failing("broken"));
    const process = env.process(function* () {
      return (yield* condition).values;
    });
    expect(() => env.run({ until: process })).toThrow("broken");
    const { value } = condition;
    expect(env.run({ until: process })).toEqual(["a"]);
    expect([condition.value === value, env.now]).toEqual([true, 1]);
  });
});

describe("an event that many wait for", () => {
  it("tells those who have not left, in the order in which they came or came back", () => {
    const env = new Environment({ seed: 1 });
    const event = env.event();
    const log: number[] = [];
    function* waiter(number: number): ProcessGenerator {
      try {
        yield event;
      } catch {
        // Odd ones come back, the others do not.
        if (number % 2 === 0) return;
        yield event;
      }
      log.push(number);
    }
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    const waiters = numbers.map((number) => env.process(waiter(number)));
    env.run();
    // 7 and 100 have no common factor, so these are all multiples of 3, in mixed order.
    const interrupted = numbers.map((i) => (i * 7) % 100).filter((number) => number % 3 === 0);
    for (const number of interrupted) waiters[number].interrupt();
    env.run();
    event.succeed();
    env.run();
    expect(log).toEqual([
      ...numbers.filter((number) => number % 3 !== 0),
      ...interrupted.filter((number) => number % 2 === 1),
    ]);
  });
});

describe("run", () => {
  it("until a time sets the clock to it", () => {
    const env = new Environment({ seed: 1 });
    const log: number[] = [];
    env.process(function* () {
      for (;;) {
        yield env.timeout(1);
        log.push(env.now);
      }
    });
    env.run({ until: 2.5 });
    expect([env.now, log]).toEqual([2.5, [1, 2]]);
    env.run({ until: 4 });
    expect([env.now, log]).toEqual([4, [1, 2, 3, 4]]);
  });

  it("until an event returns its value, and stops there", () => {
    const env = new Environment({ seed: 1 });
    env.timeout(9);
    const value: string = env.run({ until: env.timeout(3, "done") });
    expect([value, env.now, env.pendingCount]).toEqual(["done", 3, 1]);
    const past = env.timeout(0, 5);
    env.run();
    expect([env.run({ until: past }), env.now]).toEqual([5, 9]);
  });

  it("until an event that fails throws", () => {
    const env = new Environment({ seed: 1 });
    const cause = new Error("broken");
    const event = env.event();
    env.schedule(1, () => event.fail(cause));
    const failure = expect.objectContaining({ message: "event failed: event at 1 s: broken", cause });
    expect(() => env.run({ until: event })).toThrow(failure);
    expect(() => env.run({ until: event })).toThrow(failure);
  });

  it("until an event that cannot happen says who is stuck, and where", () => {
    const env = new Environment({ seed: 1 });
    const never = env.event();
    env.process(
      function* () {
        yield never;
      },
      { name: "optimist" },
    );
    expect(() => env.run({ until: never })).toThrow("event never happened: event; waiting: optimist for event");
  });

  it("until an event leaves no trace in it when the run ends before", () => {
    const env = new Environment({ seed: 1 });
    const event = env.event();
    env.schedule(1, () => env.stop());
    env.schedule(2, () => env.event().fail(new Error("other")));
    env.schedule(3, () => event.fail(new Error("broken")));
    expect(() => env.run({ until: event })).toThrow("run stopped before its event: event");
    expect(() => env.run({ until: event })).toThrow("event failed: event at 2 s: other");
    // Nobody waits for it now, so its failure is not handled.
    expect(() => env.run()).toThrow("event failed: event at 3 s: broken");
  });
});
