import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WaiterList } from "./waiter-list.ts";

interface Named {
  readonly name: number;
}

describe("a list of waiters", () => {
  it("does as a plain array would", () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ joins: fc.integer({ min: 1, max: 3 }) }) },
      { weight: 4, arbitrary: fc.record({ leaver: fc.nat(200) }) },
      { weight: 1, arbitrary: fc.constant({ shifts: true }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
        const list = new WaiterList<Named>();
        const all: Named[] = [];
        let plain: Named[] = [];
        for (const entry of steps) {
          if ("joins" in entry) {
            const waiter = { name: all.length };
            all.push(waiter);
            for (let i = 0; i < entry.joins; i++) {
              list.push(waiter);
              plain.push(waiter);
            }
          } else if ("leaver" in entry) {
            // Those who have left, or were told, are among them.
            const leaver = all[entry.leaver % Math.max(1, all.length)] ?? { name: -1 };
            list.remove(leaver);
            plain = plain.filter((waiter) => waiter !== leaver);
          } else expect(list.shift()).toBe(plain.shift());
          expect(list.length).toBe(plain.length);
        }
        for (const waiter of plain) expect(list.shift()).toBe(waiter);
        expect(list.shift()).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });

  it("keeps no more places than twice those who wait", () => {
    const list = new WaiterList<Named>();
    const waiters = Array.from({ length: 1000 }, (_, name) => ({ name }));
    for (const waiter of waiters) list.push(waiter);
    for (let round = 0; round < 20; round++)
      for (const waiter of waiters) {
        list.remove(waiter);
        list.push(waiter);
      }
    expect(list.length).toBe(1000);
    const { places } = list as unknown as { places: unknown[] };
    expect(places.length).toBeLessThanOrEqual(2001);
  });

  it("looks at few places for each who leaves, however many there are", () => {
    const list = new WaiterList<Named>();
    const count = 2000;
    const waiters = Array.from({ length: count }, (_, name) => ({ name }));
    for (const waiter of waiters) list.push(waiter);
    const internals = list as unknown as { places: (Named | undefined)[] };
    let lookCount = 0;
    internals.places = new Proxy(internals.places, {
      get(places, key) {
        lookCount += 1;
        return Reflect.get(places, key);
      },
    });
    for (let i = 0; i < count / 2; i++) list.remove(waiters[(i * 7) % count]);
    // Each place once for the index, and a few for each who leaves; a search would look at 1000 on average.
    expect(lookCount).toBeLessThan(10 * count);
    expect(list.length).toBe(count / 2);
  });
});
