import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Environment } from "./environment.ts";
import { PriorityStore } from "./priority-store.ts";
import { Store } from "./store.ts";

describe("a store", () => {
  it("hands out items in the order in which they came, to those who came first", () => {
    const env = new Environment({ seed: 1 });
    const store = new Store<string>(env);
    const log: string[] = [];
    for (const name of ["x", "y", "z"])
      env.process(function* () {
        log.push(`${name} got ${yield* store.get()} at ${env.now}`);
      });
    env.process(function* () {
      yield store.put("a");
      yield env.timeout(1);
      yield store.put("b");
      yield store.put("c");
      yield store.put("d");
    });
    env.run();
    expect(log).toEqual(["x got a at 0", "y got b at 1", "z got c at 1"]);
    expect([store.size, store.items]).toEqual([1, ["d"]]);
  });

  it("makes puts wait for room", () => {
    const env = new Environment({ seed: 1 });
    const store = new Store<number>(env, { capacity: 2 });
    const puts = [1, 2, 3, 4].map((item) => store.put(item));
    expect([puts.map(({ triggered }) => triggered), store.putQueueLength]).toEqual([[true, true, false, false], 2]);
    expect(store.get().value).toBe(1);
    expect([puts.map(({ triggered }) => triggered), store.items]).toEqual([
      [true, true, true, false],
      [2, 3],
    ]);
  });

  it("passes over gets whose filter does not accept an item", () => {
    const env = new Environment({ seed: 1 });
    const store = new Store<number>(env);
    const even = store.get((item) => item % 2 === 0);
    const any = store.get();
    const large = store.get((item) => item > 9);
    for (const item of [3, 5, 12, 14]) store.put(item);
    expect([even.value, any.value, large.value, store.items]).toEqual([12, 3, 14, [5]]);
    expect(store.get((item) => item > 5).triggered).toBe(false);
    expect(store.get((item) => item === 5).value).toBe(5);
  });

  it("takes the first item that a filter accepts, and keeps the others in order", () => {
    const env = new Environment({ seed: 1 });
    const store = new Store<number>(env);
    for (const item of [1, 2, 3, 4, 5]) store.put(item);
    expect(store.get().value).toBe(1);
    expect(store.get((item) => item % 2 === 0).value).toBe(2);
    expect(store.get((item) => item > 3).value).toBe(4);
    expect(store.items).toEqual([3, 5]);
  });

  it("holds undefined like any other item", () => {
    const env = new Environment({ seed: 1 });
    const store = new Store<number | undefined>(env);
    store.put(undefined);
    expect([store.size, store.get().triggered, store.size]).toEqual([1, true, 0]);
  });

  it("forgets puts and gets that are cancelled while they wait", () => {
    const env = new Environment({ seed: 1 });
    const store = new Store<string>(env, { capacity: 1 });
    const [gone, kept] = [store.get(), store.get()];
    expect([gone.cancel(), gone.cancel()]).toEqual([true, false]);
    store.put("a");
    expect([gone.triggered, kept.value, kept.cancel()]).toEqual([false, "a", false]);
    store.put("b");
    const [dropped, last] = [store.put("c"), store.put("d")];
    expect([dropped.cancel(), dropped.cancel(), store.get().value, store.items]).toEqual([true, false, "b", ["d"]]);
    expect([dropped.triggered, last.triggered]).toEqual([false, true]);
  });

  it("charges what a filter throws to its own get, and hands the item on", () => {
    const env = new Environment({ seed: 1 });
    const store = new Store<number>(env, { capacity: 1 });
    const log: string[] = [];
    env.process(function* picky() {
      try {
        yield store.get((item) => {
          throw new Error(`cannot judge ${item}`);
        });
      } catch (error) {
        log.push((error as Error).message);
      }
    });
    env.process(function* innocent() {
      log.push(`got ${yield* store.get()}`);
    });
    env.run();
    for (const item of [1, 2, 3]) store.put(item);
    env.run();
    expect(log).toEqual(["cannot judge 1", "got 1"]);
    expect([store.items, store.putQueueLength, store.getQueueLength]).toEqual([[2], 1, 0]);
    const throwing = () => {
      throw new Error("at once");
    };
    expect(() => store.get(throwing)).toThrow("at once");
    expect([store.items, store.putQueueLength, store.getQueueLength]).toEqual([[2], 1, 0]);
    expect([store.get().value, store.get().value]).toEqual([2, 3]);
  });

  it("lets in who waits for room although a filter throws about it", () => {
    const env = new Environment({ seed: 1 });
    const store = new Store<number>(env, { capacity: 1 });
    store.put(1);
    const second = store.put(2);
    const broken = store.get((item) => {
      if (item === 2) throw "two";
      return false;
    });
    expect([store.get().value, second.triggered, store.items]).toEqual([1, true, [2]]);
    expect(broken.error?.message).toBe("thrown value: two");
    // Nobody handles the failure.
    expect(() => env.run()).toThrow("event failed: get from store at 0 s: thrown value: two");
  });

  it("refuses a filter that is none", () => {
    const store = new Store<number>(new Environment({ seed: 1 }));
    for (const filter of ["x", null, 5])
      expect(() => store.get(filter as never)).toThrow(`invalid filter: ${filter} (expected a function)`);
    expect(store.getQueueLength).toBe(0);
  });

  it("averages its size over time", () => {
    const env = new Environment({ seed: 1 });
    const store = new Store<number>(env);
    const size = store.monitor();
    store.put(1);
    env.schedule(1, () => store.put(2));
    env.schedule(3, () => store.get());
    env.run({ until: 4 });
    expect([size.mean, size.maximum]).toEqual([(1 + 2 * 2 + 1) / 4, 2]);
  });

  it("behaves as two plain lists would", () => {
    type Step = { put: number } | { remainder: number | undefined };
    const step = fc.oneof(
      fc.record({ put: fc.nat(20) }),
      fc.record({ remainder: fc.option(fc.nat(2), { nil: undefined }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 6 }), (steps: Step[], capacity) => {
        const store = new Store<number>(new Environment({ seed: 1 }), { capacity });
        const expected: (number | undefined)[] = [];
        const gets = steps.flatMap((entry) => {
          if ("put" in entry) {
            store.put(entry.put);
            return [];
          }
          const { remainder } = entry;
          return [store.get(remainder === undefined ? undefined : (item) => item % 3 === remainder)];
        });
        replayPlainly(steps, capacity, expected);
        expect(gets.map((get) => (get.triggered ? get.value : undefined))).toEqual(expected);
      }),
    );
  });
});

/** What each get receives, by looking through everything again after each step. */
function replayPlainly(
  steps: readonly ({ put: number } | { remainder: number | undefined })[],
  capacity: number,
  received: (number | undefined)[],
): void {
  const shelf: number[] = [];
  const puts: number[] = [];
  const gets: { remainder: number | undefined; index: number }[] = [];
  let getCount = 0;
  for (const step of steps) {
    if ("put" in step) puts.push(step.put);
    else {
      gets.push({ remainder: step.remainder, index: getCount++ });
      received.push(undefined);
    }
    for (let changed = true; changed; ) {
      changed = false;
      if (puts.length > 0 && shelf.length < capacity) {
        shelf.push(puts.shift() ?? 0);
        changed = true;
      }
      for (let i = 0; i < gets.length; i++) {
        const { remainder, index } = gets[i];
        const at = shelf.findIndex((item) => remainder === undefined || item % 3 === remainder);
        if (at < 0) continue;
        received[index] = shelf.splice(at, 1)[0];
        gets.splice(i, 1);
        changed = true;
        break;
      }
    }
  }
}

describe("a priority store", () => {
  it("hands out the lowest number first, equal ones in the order in which they came", () => {
    const env = new Environment({ seed: 1 });
    const store = new PriorityStore(env, { priorityOf: (task: { rank: number; name: string }) => task.rank });
    for (const [rank, name] of [
      [2, "a"],
      [1, "b"],
      [2, "c"],
      [0, "d"],
      [1, "e"],
    ] as const)
      store.put({ rank, name });
    expect(store.items.map(({ name }) => name)).toEqual(["d", "b", "e", "a", "c"]);
    expect(store.get(({ rank }) => rank === 2).value.name).toBe("a");
    expect([1, 2, 3, 4].map(() => store.get().value.name)).toEqual(["d", "b", "e", "c"]);
    expect(() => store.put({ rank: Number.NaN, name: "f" })).toThrow("invalid priority: NaN");
  });

  it("refuses an item without a priority at once, even when it is full or somebody waits", () => {
    const env = new Environment({ seed: 1 });
    const store = new PriorityStore(env, { capacity: 1, priorityOf: (task: { p: unknown }) => task.p as number });
    store.put({ p: 1 });
    for (const p of [Number.NaN, "1", undefined])
      expect(() => store.put({ p })).toThrow(`invalid priority: ${p} (expected a number)`);
    expect(() => store.put(null as never)).toThrow(TypeError);
    const getter = env.process(function* innocent() {
      return yield* store.get();
    });
    expect(env.run({ until: getter })).toEqual({ p: 1 });
    const waiting = store.get();
    expect(() => store.put({ p: Number.NaN })).toThrow("invalid priority: NaN");
    expect([waiting.triggered, store.size, store.putQueueLength]).toEqual([false, 0, 0]);
    store.put({ p: Number.POSITIVE_INFINITY });
    expect(waiting.value).toEqual({ p: Number.POSITIVE_INFINITY });
  });

  it("asks for the priority of an item once, when it is put", () => {
    const env = new Environment({ seed: 1 });
    const asked: number[] = [];
    const store = new PriorityStore(env, {
      capacity: 1,
      priorityOf: (item: number) => {
        asked.push(item);
        return item;
      },
    });
    for (const item of [3, 1, 2]) store.put(item);
    expect([store.get().value, store.get().value, store.get().value]).toEqual([3, 1, 2]);
    expect(asked).toEqual([3, 1, 2]);
  });

  it("sorts as a stable sort does, whatever is taken in between", () => {
    const step = fc.record({ rank: fc.nat(5), take: fc.option(fc.nat(5), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const store = new PriorityStore(new Environment({ seed: 1 }), {
          priorityOf: ({ rank }: { rank: number; index: number }) => rank,
        });
        const plain: { rank: number; index: number }[] = [];
        steps.forEach(({ rank, take }, index) => {
          store.put({ rank, index });
          plain.push({ rank, index });
          plain.sort((a, b) => a.rank - b.rank);
          if (take === undefined) return;
          const at = plain.findIndex((item) => item.index % 6 === take);
          const get = store.get((item) => item.index % 6 === take);
          expect(get.triggered).toBe(at >= 0);
          if (at >= 0) expect(get.value).toEqual(plain.splice(at, 1)[0]);
          else get.cancel();
        });
        expect(store.items).toEqual(plain);
      }),
    );
  });
});
