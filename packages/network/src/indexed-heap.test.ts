import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IndexedHeap } from "./indexed-heap.ts";

describe("the heap", () => {
  it("has the least (key, id) of a map on top, through any changes", () => {
    const change = fc.record({
      id: fc.nat({ max: 30 }),
      key: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(undefined)),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
        const heap = new IndexedHeap(4);
        heap.reserve(31);
        const known = new Map<number, number>();
        for (const { id, key } of changes) {
          if (key === undefined) {
            heap.remove(id);
            known.delete(id);
          } else {
            heap.set(id, key);
            known.set(id, key);
          }
          const [least] = [...known].sort(([a, x], [b, y]) => x - y || a - b);
          expect([heap.top, heap.topKey]).toEqual(least ?? [-1, Number.POSITIVE_INFINITY]);
          expect(heap.size).toBe(known.size);
        }
        heap.clear();
        expect(heap.top).toBe(-1);
        heap.set(3, 1);
        expect(heap.top).toBe(3);
      }),
      { seed: 9 },
    );
  });
});
