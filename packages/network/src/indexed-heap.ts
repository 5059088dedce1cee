/** A binary min-heap of small integers whose keys may change; equal keys come out in the order of the integers. */

const absent = -1;

export class IndexedHeap {
  private keys: Float64Array;
  /** Where each id stands in `heap`, or -1. */
  private positions: Int32Array;
  private heap: Int32Array;
  private count = 0;

  /** Holds ids from 0 to `capacity` - 1. */
  constructor(capacity: number) {
    this.keys = new Float64Array(capacity);
    this.positions = new Int32Array(capacity).fill(absent);
    this.heap = new Int32Array(capacity);
  }

  get size(): number {
    return this.count;
  }

  /** The id with the least key, or -1. */
  get top(): number {
    return this.count === 0 ? absent : this.heap[0];
  }

  /** The least key, or Infinity. */
  get topKey(): number {
    return this.count === 0 ? Number.POSITIVE_INFINITY : this.keys[this.heap[0]];
  }

  /** Makes room for ids up to `capacity` - 1. */
  reserve(capacity: number): void {
    const known = this.keys.length;
    if (capacity <= known) return;
    const keys = new Float64Array(capacity);
    const positions = new Int32Array(capacity).fill(absent, known);
    const heap = new Int32Array(capacity);
    keys.set(this.keys);
    positions.set(this.positions);
    heap.set(this.heap);
    this.keys = keys;
    this.positions = positions;
    this.heap = heap;
  }

  /** Puts `id` in, or changes its key. */
  set(id: number, key: number): void {
    const position = this.positions[id];
    if (position === absent) {
      this.keys[id] = key;
      this.place(id, this.count);
      this.count += 1;
      this.siftUp(this.count - 1);
      return;
    }
    const isLower = key < this.keys[id];
    this.keys[id] = key;
    if (isLower) this.siftUp(position);
    else this.siftDown(position);
  }

  /** Takes `id` out, if it is in. */
  remove(id: number): void {
    const position = this.positions[id];
    if (position === absent) return;
    this.positions[id] = absent;
    this.count -= 1;
    if (position === this.count) return;
    this.place(this.heap[this.count], position);
    this.siftDown(position);
    this.siftUp(position);
  }

  clear(): void {
    for (let position = 0; position < this.count; position++) this.positions[this.heap[position]] = absent;
    this.count = 0;
  }

  private place(id: number, position: number): void {
    this.heap[position] = id;
    this.positions[id] = position;
  }

  private isBefore(a: number, b: number): boolean {
    const difference = this.keys[a] - this.keys[b];
    return difference < 0 || (difference === 0 && a < b);
  }

  private siftUp(start: number): void {
    let position = start;
    const id = this.heap[position];
    while (position > 0) {
      const parent = (position - 1) >> 1;
      if (!this.isBefore(id, this.heap[parent])) break;
      this.place(this.heap[parent], position);
      position = parent;
    }
    this.place(id, position);
  }

  private siftDown(start: number): void {
    let position = start;
    const id = this.heap[position];
    for (;;) {
      let child = 2 * position + 1;
      if (child >= this.count) break;
      if (child + 1 < this.count && this.isBefore(this.heap[child + 1], this.heap[child])) child += 1;
      if (!this.isBefore(this.heap[child], id)) break;
      this.place(this.heap[child], position);
      position = child;
    }
    this.place(id, position);
  }
}
