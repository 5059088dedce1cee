/** A 4-ary heap of events, for few of them. */
import type { EventQueue } from "./event-queue.ts";
import type { EventStore } from "./event-store.ts";

const initialCapacity = 64;

/**
 * An implicit 4-ary heap (Johnson 1975): half as deep as a binary one, and the children of a node lie side by side.
 * Taking the first slot leaves a hole at the root, which an insertion fills with one pass down where a removal and an
 * insertion would need two; an event that schedules the next is the usual case.
 */
export class HeapQueue implements EventQueue {
  readonly sweepLength = 0;
  private readonly store: EventStore;
  private times = new Float64Array(initialCapacity);
  private slots = new Int32Array(initialCapacity);
  /** Elements, of which the hole is one. */
  private count = 0;
  private hasHole = false;

  constructor(store: EventStore) {
    this.store = store;
  }

  get isEmpty(): boolean {
    return this.count === (this.hasHole ? 1 : 0);
  }

  insert(slot: number, time: number): void {
    if (this.hasHole) {
      this.hasHole = false;
      this.siftDown(slot, time);
      return;
    }
    if (this.count === this.slots.length) this.grow();
    this.count += 1;
    this.siftUp(slot, time);
  }

  first(): number {
    if (this.hasHole) this.fillHole();
    while (this.count > 0) {
      const slot = this.slots[0];
      if (!this.store.isCancelled(slot)) return slot;
      this.store.drop(slot);
      this.fillHole();
    }
    return -1;
  }

  removeFirst(): void {
    this.hasHole = true;
  }

  takeAll(): Int32Array {
    if (this.hasHole) this.fillHole();
    const { store } = this;
    const kept = this.slots.slice(0, this.count).filter((slot) => {
      const isLive = !store.isCancelled(slot);
      if (!isLive) store.drop(slot);
      return isLive;
    });
    this.count = 0;
    return kept;
  }

  /** Puts the last element in the place of the first. */
  private fillHole(): void {
    this.hasHole = false;
    const last = --this.count;
    if (last > 0) this.siftDown(this.slots[last], this.times[last]);
  }

  /** Places an element on the way from the last leaf up. */
  private siftUp(slot: number, time: number): void {
    const { times, slots } = this;
    let at = this.count - 1;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const parentTime = times[parent];
      if (parentTime < time || (parentTime === time && this.store.precedes(slots[parent], slot))) break;
      times[at] = parentTime;
      slots[at] = slots[parent];
      at = parent;
    }
    times[at] = time;
    slots[at] = slot;
  }

  /** Places an element on the way from the root, which is free, down. */
  private siftDown(slot: number, time: number): void {
    const { times, slots, count } = this;
    let at = 0;
    for (;;) {
      const firstChild = 4 * at + 1;
      if (firstChild >= count) break;
      const end = Math.min(firstChild + 4, count);
      let least = firstChild;
      let leastTime = times[firstChild];
      for (let child = firstChild + 1; child < end; child++) {
        const childTime = times[child];
        if (childTime < leastTime || (childTime === leastTime && this.store.precedes(slots[child], slots[least]))) {
          least = child;
          leastTime = childTime;
        }
      }
      if (time < leastTime || (time === leastTime && this.store.precedes(slot, slots[least]))) break;
      times[at] = leastTime;
      slots[at] = slots[least];
      at = least;
    }
    times[at] = time;
    slots[at] = slot;
  }

  private grow(): void {
    const times = new Float64Array(2 * this.times.length);
    const slots = new Int32Array(2 * this.slots.length);
    times.set(this.times);
    slots.set(this.slots);
    this.times = times;
    this.slots = slots;
  }
}
