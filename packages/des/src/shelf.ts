/** Where a store keeps its items: in the order in which they are handed out. */
import { checkPriority } from "./waiting-line.ts";

export type Filter<T> = (item: T) => boolean;

export interface Shelf<T> {
  readonly size: number;
  /** Where it will put an item: asked once, before the item may have to wait for room. */
  rankOf(item: T): number;
  /** `rank` is what `rankOf` said. */
  add(item: T, rank: number): void;
  /** Position of the item that goes next, among those that the filter accepts; -1 when there is none. */
  find(filter: Filter<T> | undefined): number;
  removeAt(position: number): T;
  /** The items, in the order in which they go. */
  list(): readonly T[];
}

/** First in, first out. */
export class QueueShelf<T> implements Shelf<T> {
  private items: T[] = [];
  /** Items before this position are gone. */
  private head = 0;

  get size(): number {
    return this.items.length - this.head;
  }

  /** All the same: it keeps the order in which they come. */
  rankOf(): number {
    return 0;
  }

  add(item: T): void {
    this.items.push(item);
  }

  find(filter: Filter<T> | undefined): number {
    if (this.size === 0) return -1;
    if (filter === undefined) return this.head;
    for (let i = this.head; i < this.items.length; i++) if (filter(this.items[i])) return i;
    return -1;
  }

  removeAt(position: number): T {
    const item = this.items[position];
    if (position > this.head) this.items.splice(position, 1);
    else {
      this.head += 1;
      this.compact();
    }
    return item;
  }

  list(): readonly T[] {
    return this.items.slice(this.head);
  }

  /** Lets go of the items that are gone, once they are half of all, so that each is moved once on average. */
  private compact(): void {
    if (this.head * 2 < this.items.length) return;
    this.items = this.items.slice(this.head);
    this.head = 0;
  }
}

interface Ranked<T> {
  readonly item: T;
  readonly priority: number;
  readonly sequence: number;
}

const precedes = (a: Ranked<unknown>, b: Ranked<unknown>): boolean =>
  a.priority < b.priority || (a.priority === b.priority && a.sequence < b.sequence);

/** Lowest priority number first, then first in, first out: a binary heap. */
export class PriorityShelf<T> implements Shelf<T> {
  private readonly heap: Ranked<T>[] = [];
  private readonly priorityOf: (item: T) => number;
  private added = 0;

  constructor(priorityOf: (item: T) => number) {
    this.priorityOf = priorityOf;
  }

  get size(): number {
    return this.heap.length;
  }

  /** @throws Error `invalid priority: ...`, and what `priorityOf` throws */
  rankOf(item: T): number {
    return checkPriority(this.priorityOf(item));
  }

  add(item: T, priority: number): void {
    this.rise(this.heap.length, { item, priority, sequence: this.added });
    this.added += 1;
  }

  find(filter: Filter<T> | undefined): number {
    const { heap } = this;
    if (heap.length === 0) return -1;
    if (filter === undefined) return 0;
    let best = -1;
    for (let i = 0; i < heap.length; i++) {
      if (filter(heap[i].item) && (best < 0 || precedes(heap[i], heap[best]))) best = i;
    }
    return best;
  }

  removeAt(position: number): T {
    const { heap } = this;
    const { item } = heap[position];
    const last = heap.pop();
    if (last !== undefined && position < heap.length) {
      this.sink(position, last);
      // What came from the end may belong above its new place.
      this.rise(position, heap[position]);
    }
    return item;
  }

  list(): readonly T[] {
    return [...this.heap].sort((a, b) => (precedes(a, b) ? -1 : 1)).map(({ item }) => item);
  }

  private rise(from: number, entry: Ranked<T>): void {
    const { heap } = this;
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >>> 1;
      if (precedes(heap[parent], entry)) break;
      heap[position] = heap[parent];
      position = parent;
    }
    heap[position] = entry;
  }

  private sink(from: number, entry: Ranked<T>): void {
    const { heap } = this;
    let position = from;
    for (;;) {
      let child = 2 * position + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && precedes(heap[child + 1], heap[child])) child += 1;
      if (precedes(entry, heap[child])) break;
      heap[position] = heap[child];
      position = child;
    }
    heap[position] = entry;
  }
}
