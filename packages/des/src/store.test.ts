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
