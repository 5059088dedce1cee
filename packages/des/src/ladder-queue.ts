/** A ladder queue of events, for many of them. */
import type { EventQueue } from "./event-queue.ts";
import type { EventStore } from "./event-store.ts";
import { HeapQueue } from "./heap-queue.ts";

/** As in event-store.ts; of its own, because engines read an imported constant from memory each time. */
const endOfList = 0;

/** Events that are sorted at once; more of them are spread over a rung first. */
const sortLimit = 48;
const largestRungCount = 8;
const largestBucketCount = 2 ** 22;
/** Buckets that a rung gets for each of its events. */
const bucketsPerEvent = 1;
/** Elements that an insertion into the bottom moves at most, before the bottom gives way to a heap. */
const longestShift = 256;

/** Numbers of a rung in `geometry`. */
const rungStride = 4;
const start = 0;
const bucketsPerSecond = 1;
const nextBucket = 2;
const lastBucket = 3;

/**
 * The ladder queue of Tang, Goh & Thng (2005), "Ladder queue: an O(1) priority queue structure for large-scale discrete
 * event simulation". Far events wait in an unsorted list, the top. When nothing nearer is left, they are spread
 * over a rung of buckets of equal width; a bucket that holds many events becomes a finer rung, one that holds few is
 * sorted into the bottom, from which events leave.
 *
 * Where an event belongs is decided by its bucket's number alone, which rounding leaves monotone in time, and never by
 * a boundary computed a second time; so the order is exact whatever the times are. Four things differ from the paper.
 * Buckets are lists of slots. A rung ends as soon as its last bucket is taken, and that bucket also takes
 * what lies beyond it. A rung covers exactly the times found, so that each one splits its events; those that
 * cannot be split, being at one time, are kept in one sorted run. And where that would move too much, or the
 * rungs are used up, a heap stands in for the bottom until it has run empty.
 */
export class LadderQueue implements EventQueue {
  private readonly store: EventStore;
  /** Times after this one go to the top. */
  private topStart = Number.NEGATIVE_INFINITY;
  private topList = endOfList;

  /** For each rung, coarsest first: lists of its buckets, all empty while it is not in use, and its numbers. */
  private readonly buckets: Int32Array[] = [];
  private readonly geometry = new Float64Array(rungStride * largestRungCount);
  private rungCount = 0;

  /** The bottom: a sorted run from `head` to `tail`, unless the heap has taken its place. */
  private times = new Float64Array(4 * sortLimit);
  private slots = new Int32Array(4 * sortLimit);
  private head = 0;
  private tail = 0;
  private readonly heap: HeapQueue;
  private heapIsBottom = false;

  /** What `collect` found: slots, newest first, and the range of their times. */
  private found = new Int32Array(4 * sortLimit);
  private foundCount = 0;
  private earliest = 0;
  private latest = 0;

  constructor(store: EventStore) {
    this.store = store;
    this.heap = new HeapQueue(store);
  }

  get sweepLength(): number {
    let length = 0;
    for (let rung = 0; rung < this.rungCount; rung++) length += this.geometry[rungStride * rung + lastBucket] + 1;
    return length;
  }

  insert(slot: number, time: number): void {
    if (time > this.topStart) {
      this.store.nexts[slot] = this.topList;
      this.topList = slot + 1;
      return;
    }
    const { geometry, rungCount } = this;
    for (let rung = 0; rung < rungCount; rung++) {
      const at = rungStride * rung;
      const position = (time - geometry[at + start]) * geometry[at + bucketsPerSecond];
      if (position >= geometry[at + nextBucket]) {
        const last = geometry[at + lastBucket];
        const bucket = position < last ? position | 0 : last;
        const lists = this.buckets[rung];
        this.store.nexts[slot] = lists[bucket];
        lists[bucket] = slot + 1;
        return;
      }
    }
    this.insertIntoBottom(slot, time);
  }

  first(): number {
    const { store } = this;
    for (;;) {
      if (this.head === this.tail) {
        if (this.heapIsBottom) {
          const slot = this.heap.first();
          if (slot >= 0) return slot;
          this.heapIsBottom = false;
        }
        if (!this.refill()) return -1;
        continue;
      }
      const slot = this.slots[this.head];
      if (!store.isCancelled(slot)) return slot;
      store.drop(slot);
      this.head += 1;
    }
  }

  removeFirst(): void {
    if (this.head === this.tail) this.heap.removeFirst();
    else this.head += 1;
  }

  takeAll(): Int32Array {
    const { nexts } = this.store;
    const parts = [this.heap.takeAll()];
    const take = (list: number): void => {
      this.collect(list);
      if (this.foundCount > 0) parts.push(this.found.slice(0, this.foundCount));
    };
    let bottomList = endOfList;
    for (let at = this.head; at < this.tail; at++) {
      nexts[this.slots[at]] = bottomList;
      bottomList = this.slots[at] + 1;
    }
    take(bottomList);
    take(this.topList);
    while (this.rungCount > 0) {
      const list = this.takeBucket();
      if (list !== endOfList) take(list);
    }
    this.clear();
    const all = new Int32Array(parts.reduce((count, { length }) => count + length, 0));
    let count = 0;
    for (const part of parts) {
      all.set(part, count);
      count += part.length;
    }
    return all;
  }

  private clear(): void {
    this.topList = endOfList;
    this.topStart = Number.NEGATIVE_INFINITY;
    this.head = 0;
    this.tail = 0;
    this.heapIsBottom = false;
  }

  /** Brings the next events into the empty bottom; false when the queue is empty. */
  private refill(): boolean {
    for (;;) {
      if (this.rungCount > 0) {
        const list = this.takeBucket();
        if (list === endOfList) continue;
        this.collect(list);
        if (this.foundCount > sortLimit) this.measureFound();
      } else {
        if (this.topList === endOfList) {
          this.topStart = Number.NEGATIVE_INFINITY;
          return false;
        }
        this.collect(this.topList);
        this.topList = endOfList;
        this.measureFound();
        if (this.foundCount > 0) this.topStart = this.latest;
      }
      const count = this.foundCount;
      if (count === 0) continue;
      if (count <= sortLimit) this.sortFound();
      else if (!this.spreadFound()) this.keepFoundTogether();
      else continue;
      return true;
    }
  }

  /** Empties the finest rung's next bucket that holds something; `endOfList` when there was none and the rung has ended. */
  private takeBucket(): number {
    const rung = this.rungCount - 1;
    const lists = this.buckets[rung];
    const at = rungStride * rung;
    const last = this.geometry[at + lastBucket];
    let bucket = this.geometry[at + nextBucket];
    while (bucket < last && lists[bucket] === endOfList) bucket++;
    const list = lists[bucket];
    lists[bucket] = endOfList;
    if (bucket === last) this.rungCount -= 1;
    else this.geometry[at + nextBucket] = bucket + 1;
    return list;
  }

  /** Reads a list into `found`, and drops what is cancelled. */
  private collect(list: number): void {
    const { store } = this;
    const { nexts } = store;
    let count = 0;
    let found = this.found;
    for (let rest = list; rest !== endOfList; ) {
      const slot = rest - 1;
      rest = nexts[slot];
      if (store.isCancelled(slot)) {
        store.drop(slot);
        continue;
      }
      if (count === found.length) found = this.growFound();
      found[count++] = slot;
    }
    this.foundCount = count;
  }

  private measureFound(): void {
    const { found, foundCount } = this;
    const { floats } = this.store;
    let earliest = Number.POSITIVE_INFINITY;
    let latest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < foundCount; i++) {
      const time = floats[found[i] << 2];
      if (time < earliest) earliest = time;
      if (time > latest) latest = time;
    }
    this.earliest = earliest;
    this.latest = latest;
  }

  private growFound() {
    const larger = new Int32Array(2 * this.found.length);
    larger.set(this.found);
    this.found = larger;
    return larger;
  }

  /** Makes a finer rung of what was found; false when it cannot be split, or there are rungs enough. */
  private spreadFound(): boolean {
    const { earliest, latest, foundCount } = this;
    if (this.rungCount === largestRungCount) return false;
    const bucketCount = Math.min(bucketsPerEvent * foundCount, largestBucketCount);
    const perSecond = (bucketCount - 1) / (latest - earliest);
    // Infinite for one time, or times too close; zero for a range beyond the largest double.
    if (!(perSecond > 0 && perSecond < Number.POSITIVE_INFINITY)) return false;
    const rung = this.rungCount++;
    this.geometry.set([earliest, perSecond, 0, bucketCount - 1], rungStride * rung);
    if ((this.buckets[rung]?.length ?? 0) < bucketCount) this.buckets[rung] = new Int32Array(bucketCount);
    const lists = this.buckets[rung];
    const { found } = this;
    const { floats, nexts } = this.store;
    // Oldest first, so that every list keeps the newest in front.
    for (let i = foundCount - 1; i >= 0; i--) {
      const slot = found[i];
      const bucket = ((floats[slot << 2] - earliest) * perSecond) | 0;
      nexts[slot] = lists[bucket];
      lists[bucket] = slot + 1;
    }
    return true;
  }

  /** Sorts what was found into the empty bottom. Events at one time come out as they went in, which is mostly right. */
  private sortFound(): void {
    const { floats } = this.store;
    const { found, foundCount } = this;
    for (let i = 0; i < foundCount; i++) {
      const slot = found[foundCount - 1 - i];
      this.shiftIn(sortLimit, sortLimit + i, slot, floats[slot << 2]);
    }
    this.head = sortLimit;
    this.tail = sortLimit + foundCount;
  }

  /** Places a slot in the sorted run from `head` to `tail` of the bottom by moving what follows it. */
  private shiftIn(head: number, tail: number, slot: number, time: number): void {
    const { times, slots } = this;
    let at = tail;
    while (at > head) {
      const before = times[at - 1];
      if (before < time || (before === time && this.store.precedes(slots[at - 1], slot))) break;
      times[at] = before;
      slots[at] = slots[at - 1];
      at -= 1;
    }
    times[at] = time;
    slots[at] = slot;
  }

  /** Makes many events that cannot be split the bottom: a sorted run if they are one already, else a heap. */
  private keepFoundTogether(): void {
    const { floats } = this.store;
    const { found, foundCount } = this;
    let isSorted = true;
    for (let i = foundCount - 1; i > 0 && isSorted; i--) {
      const isSameTime = floats[found[i] << 2] === floats[found[i - 1] << 2];
      isSorted = isSameTime
        ? this.store.precedes(found[i], found[i - 1])
        : floats[found[i] << 2] < floats[found[i - 1] << 2];
    }
    if (!isSorted) {
      this.heapIsBottom = true;
      for (let i = 0; i < foundCount; i++) this.heap.insert(found[i], floats[found[i] << 2]);
      return;
    }
    this.head = sortLimit;
    this.tail = sortLimit + foundCount;
    this.reserveBottom(this.tail);
    for (let i = 0; i < foundCount; i++) {
      const slot = found[foundCount - 1 - i];
      this.slots[sortLimit + i] = slot;
      this.times[sortLimit + i] = floats[slot << 2];
    }
  }

  private reserveBottom(length: number): void {
    if (length <= this.slots.length) return;
    const times = new Float64Array(Math.max(length, 2 * this.slots.length));
    const slots = new Int32Array(times.length);
    times.set(this.times);
    slots.set(this.slots);
    this.times = times;
    this.slots = slots;
  }

  private insertIntoBottom(slot: number, time: number): void {
    if (this.heapIsBottom) {
      this.heap.insert(slot, time);
      return;
    }
    if (this.head === this.tail) {
      this.head = sortLimit;
      this.tail = sortLimit;
    }
    if (this.tail === this.slots.length) this.reserveBottom(this.tail + 1);
    if (this.tail - this.head < sortLimit) this.shiftIn(this.head, this.tail++, slot, time);
    else this.insertIntoLongBottom(slot, time);
  }

  private insertIntoLongBottom(slot: number, time: number): void {
    const { head, tail } = this;
    if (this.times[head] < this.times[tail - 1] && this.spreadBottom()) {
      this.insert(slot, time);
      return;
    }
    const at = this.positionInBottom(slot, time);
    const isNearHead = at - head < tail - at && head > 0;
    const from = isNearHead ? head : at;
    const to = isNearHead ? at : tail;
    if (to - from > longestShift) {
      this.moveBottomToHeap();
      this.heap.insert(slot, time);
      return;
    }
    const shift = isNearHead ? -1 : 1;
    this.times.copyWithin(from + shift, from, to);
    this.slots.copyWithin(from + shift, from, to);
    if (isNearHead) this.head -= 1;
    else this.tail += 1;
    this.times[isNearHead ? at - 1 : at] = time;
    this.slots[isNearHead ? at - 1 : at] = slot;
  }

  /** Index in the bottom of the first event after this one. */
  private positionInBottom(slot: number, time: number): number {
    let low = this.head;
    let high = this.tail;
    while (low < high) {
      const middle = (low + high) >> 1;
      const middleTime = this.times[middle];
      if (middleTime < time || (middleTime === time && this.store.precedes(this.slots[middle], slot))) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Makes a rung of the bottom; false when it cannot be split. */
  private spreadBottom(): boolean {
    const { head, tail, times, slots } = this;
    const count = tail - head;
    while (this.found.length < count) this.growFound();
    for (let i = 0; i < count; i++) this.found[i] = slots[tail - 1 - i];
    this.foundCount = count;
    this.earliest = times[head];
    this.latest = times[tail - 1];
    if (!this.spreadFound()) return false;
    this.head = this.tail;
    return true;
  }

  private moveBottomToHeap(): void {
    for (let at = this.head; at < this.tail; at++) this.heap.insert(this.slots[at], this.times[at]);
    this.head = this.tail;
    this.heapIsBottom = true;
  }
}
