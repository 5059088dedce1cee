import { describe, expect, it } from "vitest";
import { EventStore } from "./event-store.ts";

const nothing = () => {};

describe("slots", () => {
  it("grow, and keep what was in them", () => {
    const store = new EventStore();
    const slots = Array.from({ length: 1000 }, (_, i) => store.take(i, -i, nothing, i / 2));
    expect(new Set(slots).size).toBe(1000);
    for (const [i, slot] of slots.entries()) {
      expect([...store.floats.subarray(4 * slot, 4 * slot + 3)]).toEqual([i, -i, i / 2]);
    }
  });

  it("are used again, the last one first", () => {
    const store = new EventStore();
    const [a, b] = [store.take(0, 0, nothing, 0), store.take(0, 1, nothing, 0)];
    store.release(a);
    store.release(b);
    expect([store.take(0, 2, nothing, 0), store.take(0, 3, nothing, 0)]).toEqual([b, a]);
  });

  it("let go of a cancelled event's handler", () => {
    const store = new EventStore();
    const slot = store.take(0, 0, () => 1, 0);
    const handler = store.handlers[slot];
    store.cancel(store.handleOf(slot));
    expect(store.handlers).not.toContain(handler);
  });

  it("are left out when their handles are used up", () => {
    const store = new EventStore();
    const slot = store.take(0, 0, nothing, 0);
    // The word that counts uses, two uses before the last.
    store.words[8 * slot + 7] = 2 ** 27 - 3;
    store.release(slot);
    expect(store.take(0, 1, nothing, 0)).toBe(slot);
    const last = store.handleOf(slot);
    expect(Number.isSafeInteger(last)).toBe(true);
    store.release(slot);
    expect(store.take(0, 2, nothing, 0)).not.toBe(slot);
    expect(store.cancel(last)).toBe(false);
  });
});

describe("handles", () => {
  it("are never given twice, and are good once", () => {
    const store = new EventStore();
    const handles = new Set<number>();
    for (let i = 0; i < 5000; i++) {
      const slot = store.take(i, i, nothing, 0);
      const handle = store.handleOf(slot);
      expect(handles.has(handle)).toBe(false);
      handles.add(handle);
      if (i % 3 === 0) store.release(slot);
      else if (i % 3 === 1) {
        expect(store.cancel(handle)).toBe(true);
        store.drop(slot);
      }
    }
    let live = 0;
    for (const handle of handles) {
      if (!store.cancel(handle)) continue;
      live += 1;
      expect(store.cancel(handle)).toBe(false);
    }
    expect(live).toBe(1666);
    expect([store.liveCount, store.cancelledCount]).toEqual([0, 1666]);
  });

  it("that were never given name nothing", () => {
    const store = new EventStore();
    const slot = store.take(0, 0, nothing, 0);
    const forged = [
      Number.NaN,
      -1,
      0.5,
      1,
      1e300,
      Number.POSITIVE_INFINITY,
      2 ** 26,
      -(2 ** 57) + 1,
      -(2 ** 57) + slot,
    ];
    for (const handle of forged) expect(store.cancel(handle)).toBe(false);
    expect([store.liveCount, store.cancelledCount]).toEqual([1, 0]);
  });
});
