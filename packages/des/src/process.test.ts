import { describe, expect, it } from "vitest";
import { Environment } from "./environment.ts";
import type { Event } from "./event.ts";
import { Interrupt } from "./interrupt.ts";
import type { ProcessGenerator } from "./process.ts";

const boom = (): never => {
  throw new Error("boom");
};

describe("processes", () => {
  it("return a value to those who wait for them", () => {
    const env = new Environment({ seed: 1 });
    function* child(delay: number): ProcessGenerator<string> {
      yield env.timeout(delay);
      return `child of ${delay}`;
    }
    const parent = env.process(function* () {
      const slow = env.process(child(5));
      const quick = yield* env.process(child(2));
      return [quick, yield* slow, yield* slow, env.now];
    });
    expect(env.run({ until: parent })).toEqual(["child of 2", "child of 5", "child of 5", 5]);
    expect([parent.isAlive, parent.processed, parent.target]).toEqual([false, true, undefined]);
  });

  it("start after what runs now, and before all else of the instant", () => {
    const env = new Environment({ seed: 1 });
    const log: string[] = [];
    function* said(text: string): ProcessGenerator {
      log.push(text);
      yield env.timeout(0);
    }
    env.process(function* () {
      const now = env.timeout(0);
      now.addCallback(() => log.push("timeout"));
      env.process(said("first child"));
      env.process(said("second child"));
      log.push("parent");
      yield now;
      log.push("parent again");
    });
    env.run();
    expect(log).toEqual(["parent", "first child", "second child", "timeout", "parent again"]);
  });

  it("know their name, and are known while they run", () => {
    const env = new Environment({ seed: 1 });
    const active: (string | undefined)[] = [];
    function* worker(): ProcessGenerator {
      active.push(env.activeProcess?.name);
      yield env.timeout(1);
      active.push(env.activeProcess?.name);
    }
    env.process(worker, { name: "worker 3" });
    env.process(worker);
    env.process(worker());
    env.schedule(0.5, () => active.push(env.activeProcess?.name));
    env.run();
    expect(active).toEqual(["worker 3", "worker 2", "process 3", undefined, "worker 3", "worker 2", "process 3"]);
  });

  it("that wait are listed in the order in which they were started", () => {
    const env = new Environment({ seed: 1 });
    const never = env.event();
    function* stuck(delay: number, event: Event): ProcessGenerator {
      yield env.timeout(delay);
      yield event;
    }
    for (const [i, event] of [env.timeout(0), never, env.timeout(1), never, never].entries())
      env.process(stuck(5 - i, event), { name: `p${i}` });
    env.run();
    expect(env.waitingProcesses().map(({ name, target }) => [name, target])).toEqual(
      ["p1", "p3", "p4"].map((name) => [name, never]),
    );
  });

  it("are listed rightly while many others end", () => {
    const env = new Environment({ seed: 1 });
    const never = env.event();
    const delays = env.random("delays");
    function* member(stays: boolean): ProcessGenerator {
      yield env.timeout(delays.uniform());
      if (stays) yield never;
    }
    const names: string[] = [];
    for (let i = 0; i < 1000; i++) {
      const stays = i % 7 === 0;
      const { name } = env.process(member(stays), { name: `m${i}` });
      if (stays) names.push(name);
      if (i % 100 === 0) env.run({ until: env.now + 0.5 });
    }
    env.run();
    expect(env.waitingProcesses().map(({ name }) => name)).toEqual(names);
  });

  it("are made of generators, or of functions that make one", () => {
    const env = new Environment({ seed: 1 });
    expect(() => env.process((() => 5) as never)).toThrow("not a generator: 5");
    expect(() => env.process(undefined as never)).toThrow("not a generator: undefined");
  });

  it("are told when they yield something else than an event of their environment", () => {
    for (const [yielded, text] of [
      [5, "not an event: 5"],
      [undefined, "not an event: undefined"],
      [null, "not an event: null"],
      [new Environment({ seed: 2 }).event(), "event of another environment: event"],
    ]) {
      const env = new Environment({ seed: 1 });
      env.process(
        function* () {
          yield env.timeout(2);
          yield yielded as Event;
        },
        { name: "worker 3" },
      );
      expect(() => env.run()).toThrow(`process failed: worker 3 at 2 s: ${text}, yielded by worker 3`);
    }
  });

  it("may go on after such a mistake if they catch it", () => {
    const env = new Environment({ seed: 1 });
    const process = env.process(function* () {
      try {
        yield 5 as unknown as Event;
      } catch {
        return yield* env.timeout(1, "recovered");
      }
      return "unreached";
    });
    expect(env.run({ until: process })).toBe("recovered");
  });
});

describe("failures", () => {
  it("stop the run, and name the process and the time", () => {
    const env = new Environment({ seed: 1 });
    env.process(
      function* () {
        yield env.timeout(12.5);
        boom();
      },
      { name: "worker 3" },
    );
    let error: unknown;
    try {
      env.run();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ message: "process failed: worker 3 at 12.5 s: boom", cause: { message: "boom" } });
  });

  it("pass through joins, and keep the name of where they arose", () => {
    const env = new Environment({ seed: 1 });
    function* child(): ProcessGenerator {
      yield env.timeout(1);
      boom();
    }
    function* parent(): ProcessGenerator {
      yield env.process(child, { name: "child" });
    }
    env.process(
      function* () {
        yield env.process(parent, { name: "parent" });
      },
      { name: "grandparent" },
    );
    expect(() => env.run()).toThrow("process failed: child at 1 s: boom, not caught by grandparent");
  });

  it("can be caught by who waits, even later", () => {
    const env = new Environment({ seed: 1 });
    function* child(): ProcessGenerator<number> {
      yield env.timeout(1);
      return boom();
    }
    const parent = env.process(function* () {
      const process = env.process(child());
      const caught: unknown[] = [];
      for (let i = 0; i < 2; i++) {
        try {
          yield process;
        } catch (error) {
          caught.push((error as Error).message);
        }
        yield env.timeout(1);
      }
      return caught;
    });
    expect(env.run({ until: parent })).toEqual(["boom", "boom"]);
  });

  it("of a process that a run waits for are thrown by the run", () => {
    const env = new Environment({ seed: 1 });
    const process = env.process(
      function* () {
        yield env.timeout(1);
        boom();
      },
      { name: "worker" },
    );
    expect(() => env.run({ until: process })).toThrow("process failed: worker at 1 s: boom");
  });

  it("leave an environment that can run on", () => {
    const env = new Environment({ seed: 1 });
    const log: number[] = [];
    env.process(function* () {
      yield env.timeout(1);
      boom();
    });
    env.schedule(2, () => log.push(env.now));
    expect(() => env.run()).toThrow("boom");
    env.run();
    expect([log, env.activeProcess]).toEqual([[2], undefined]);
  });

  it("may be values that are no errors", () => {
    const env = new Environment({ seed: 1 });
    env.process(function* odd() {
      yield env.timeout(1);
      throw "text";
    });
    expect(() => env.run()).toThrow("process failed: odd 1 at 1 s: thrown value: text");
  });

  it("that are interrupts nobody catches say why", () => {
    const env = new Environment({ seed: 1 });
    const sleeper = env.process(function* napper() {
      yield env.timeout(5);
    });
    env.schedule(2, () => sleeper.interrupt("fire"));
    expect(() => env.run()).toThrow("process failed: napper 1 at 2 s: interrupted: fire");
  });
});

describe("types", () => {
  it("of yield* are those of the events", () => {
    const env = new Environment({ seed: 1 });
    const process = env.process(function* () {
      const text: string = yield* env.timeout(1, "text");
      const nothing: undefined = yield* env.timeout(1);
      const event = env.event<number>().succeed(4);
      const sum: number = (yield* event) + text.length;
      const [first, second]: readonly [string, number] = (yield* env.allOf([env.timeout(1, "a"), env.timeout(2, 3)]))
        .values;
      return { sum, nothing, both: first.repeat(second) };
    });
    const result: { sum: number; nothing: undefined; both: string } = env.run({ until: process });
    expect(result).toEqual({ sum: 8, nothing: undefined, both: "aaa" });
    expect(new Interrupt("why").cause).toBe("why");
  });
});
