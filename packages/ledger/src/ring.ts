/** A queue of numbers in one typed array: positions count up for ever, and position p lies in slot p mod capacity. */

export interface Ring<T extends Float64Array | Int32Array> {
  data: T;
  /** Position of the oldest value, and one past the newest. */
  start: number;
  end: number;
  /** Slot of the next value, `end` mod capacity. */
  next: number;
}

export function createRing<T extends Float64Array | Int32Array>(data: T): Ring<T> {
  return { data, start: 0, end: 0, next: 0 };
}

/** Makes room for `extra` more values by doubling, up to `limit` slots if one is given. */
export function reserve(ring: Ring<Float64Array | Int32Array>, extra: number, limit = Number.POSITIVE_INFINITY): void {
  const needed = ring.end - ring.start + extra;
  const capacity = ring.data.length;
  if (needed <= capacity) return;
  let larger = capacity;
  while (larger < needed) larger *= 2;
  const old = ring.data;
  const grown = new (old.constructor as new (length: number) => typeof old)(Math.min(larger, limit));
  const first = ring.start % capacity;
  const run = Math.min(capacity - first, ring.end - ring.start);
  ring.data = grown;
  ring.next = ring.start % grown.length;
  write(ring, old.subarray(first, first + run));
  write(ring, old.subarray(0, ring.end - ring.start - run));
}

/** Appends values; room must have been reserved. */
export function append(ring: Ring<Float64Array | Int32Array>, values: Float64Array | Int32Array): void {
  write(ring, values);
  ring.end += values.length;
}

/** Appends one value; room must have been reserved. */
export function appendOne(ring: Ring<Float64Array | Int32Array>, value: number): void {
  ring.data[ring.next] = value;
  ring.end += 1;
  ring.next = ring.next + 1 === ring.data.length ? 0 : ring.next + 1;
}

function write(ring: Ring<Float64Array | Int32Array>, values: Float64Array | Int32Array): void {
  const { data, next } = ring;
  const run = Math.min(values.length, data.length - next);
  if (run === values.length) {
    data.set(values, next);
    ring.next = next + run === data.length ? 0 : next + run;
    return;
  }
  data.set(values.subarray(0, run), next);
  data.set(values.subarray(run), 0);
  ring.next = values.length - run;
}
