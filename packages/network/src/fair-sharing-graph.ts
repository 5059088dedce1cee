/** Which flow crosses which link, in typed arrays: the graph on which fair shares are worked out. */

/** Ends a list of entries. */
export const none = -1;

/** A copy of `array`, longer, its new part filled with `value`. */
export function lengthened<Elements extends Int32Array | Float64Array | Uint8Array>(
  array: Elements,
  length: number,
  value = 0,
): Elements {
  const longer = new (array.constructor as new (length: number) => Elements)(length);
  longer.set(array);
  if (value !== 0) longer.fill(value, array.length);
  return longer;
}

/** Changes of a link's demand, beyond its number of flows, after which the running sum is taken afresh. */
const changesBeforeSum = 32;
/** A change this many times what is left of the sum has taken digits of it along. */
const mostCancelled = 1e6;

/**
 * Flows and links are named by index. One entry stands for one flow on one link; the entries of a link form a doubly
 * linked list and those of a flow a chain, so that inserting and removing a flow costs its path length only.
 *
 * A flow's *bound* is the least of its cap and the capacities of its links. A link is *slack* when the bounds of its flows
 * sum to its capacity or less: whatever the rates, it cannot fill up, so it couples nobody and may be left out.
 */
export class SharingGraph {
  readonly linkCount: number;
  readonly capacity: Float64Array;
  /** First entry of each link's list. */
  readonly headOfLink: Int32Array;
  /** Sum of the bounds of the flows on each link. */
  private readonly demand: Float64Array;
  private readonly flowsOnLink: Int32Array;
  private readonly changesSinceSum: Int32Array;

  flowCapacity = 0;
  weight: Float64Array = new Float64Array(0);
  cap: Float64Array = new Float64Array(0);
  bound: Float64Array = new Float64Array(0);
  /** First entry of each flow's chain; `none` for one that is not there. */
  headOfFlow: Int32Array = new Int32Array(0);

  linkOf: Int32Array = new Int32Array(0);
  flowOf: Int32Array = new Int32Array(0);
  nextOnLink: Int32Array = new Int32Array(0);
  nextOfFlow: Int32Array = new Int32Array(0);
  private previousOnLink: Int32Array = new Int32Array(0);
  private freeEntry = none;

  constructor(capacities: ArrayLike<number>) {
    this.linkCount = capacities.length;
    this.capacity = Float64Array.from(capacities);
    this.headOfLink = new Int32Array(this.linkCount).fill(none);
    this.demand = new Float64Array(this.linkCount);
    this.flowsOnLink = new Int32Array(this.linkCount);
    this.changesSinceSum = new Int32Array(this.linkCount);
    for (const capacity of this.capacity) checkCapacity(capacity);
  }

  has(flow: number): boolean {
    return flow < this.flowCapacity && this.headOfFlow[flow] !== none;
  }

  isSlack(link: number): boolean {
    return this.demand[link] <= this.capacity[link];
  }

  /** Makes room for flows up to `capacity` - 1. */
  reserve(capacity: number): void {
    if (capacity <= this.flowCapacity) return;
    this.flowCapacity = capacity;
    this.weight = lengthened(this.weight, capacity);
    this.cap = lengthened(this.cap, capacity);
    this.bound = lengthened(this.bound, capacity);
    this.headOfFlow = lengthened(this.headOfFlow, capacity, none);
  }

  /** Puts a flow on the first `count` links of `path`, none of them twice. */
  insert(flow: number, path: ArrayLike<number>, count: number, weight: number, cap: number): void {
    this.weight[flow] = weight;
    this.cap[flow] = cap;
    let chain = none;
    for (let i = count - 1; i >= 0; i--) {
      const entry = this.takeEntry();
      const link = path[i];
      const head = this.headOfLink[link];
      this.linkOf[entry] = link;
      this.flowOf[entry] = flow;
      this.nextOnLink[entry] = head;
      this.previousOnLink[entry] = none;
      if (head !== none) this.previousOnLink[head] = entry;
      this.headOfLink[link] = entry;
      this.flowsOnLink[link] += 1;
      this.nextOfFlow[entry] = chain;
      chain = entry;
    }
    this.headOfFlow[flow] = chain;
    this.bound[flow] = 0;
    this.updateBound(flow);
  }

  remove(flow: number): void {
    let entry = this.headOfFlow[flow];
    while (entry !== none) {
      const link = this.linkOf[entry];
      const previous = this.previousOnLink[entry];
      const next = this.nextOnLink[entry];
      if (previous === none) this.headOfLink[link] = next;
      else this.nextOnLink[previous] = next;
      if (next !== none) this.previousOnLink[next] = previous;
      this.flowsOnLink[link] -= 1;
      this.addDemand(link, -this.bound[flow]);
      const following = this.nextOfFlow[entry];
      this.nextOfFlow[entry] = this.freeEntry;
      this.freeEntry = entry;
      entry = following;
    }
    this.headOfFlow[flow] = none;
  }

  setCap(flow: number, cap: number): void {
    this.cap[flow] = cap;
    this.updateBound(flow);
  }

  setCapacity(link: number, capacity: number): void {
    checkCapacity(capacity);
    this.capacity[link] = capacity;
    for (let entry = this.headOfLink[link]; entry !== none; entry = this.nextOnLink[entry]) {
      this.updateBound(this.flowOf[entry]);
    }
  }

  private updateBound(flow: number): void {
    let bound = this.cap[flow];
    for (let entry = this.headOfFlow[flow]; entry !== none; entry = this.nextOfFlow[entry]) {
      const capacity = this.capacity[this.linkOf[entry]];
      if (capacity < bound) bound = capacity;
    }
    const change = bound - this.bound[flow];
    this.bound[flow] = bound;
    for (let entry = this.headOfFlow[flow]; entry !== none; entry = this.nextOfFlow[entry]) {
      this.addDemand(this.linkOf[entry], change);
    }
  }

  /** Keeps the running sum, and takes it afresh before rounding errors can add up or digits cancel. */
  private addDemand(link: number, change: number): void {
    this.demand[link] += change;
    this.changesSinceSum[link] += 1;
    const isExact = Math.abs(change) <= mostCancelled * this.demand[link];
    const isRecent = this.changesSinceSum[link] <= this.flowsOnLink[link] + changesBeforeSum;
    if (isExact && isRecent && this.flowsOnLink[link] > 0) return;
    this.changesSinceSum[link] = 0;
    let sum = 0;
    for (let entry = this.headOfLink[link]; entry !== none; entry = this.nextOnLink[entry]) {
      sum += this.bound[this.flowOf[entry]];
    }
    this.demand[link] = sum;
  }

  private takeEntry(): number {
    if (this.freeEntry === none) this.addEntries();
    const entry = this.freeEntry;
    this.freeEntry = this.nextOfFlow[entry];
    return entry;
  }

  private addEntries(): void {
    const known = this.linkOf.length;
    const length = Math.max(64, 2 * known);
    this.linkOf = lengthened(this.linkOf, length);
    this.flowOf = lengthened(this.flowOf, length);
    this.nextOnLink = lengthened(this.nextOnLink, length);
    this.nextOfFlow = lengthened(this.nextOfFlow, length);
    this.previousOnLink = lengthened(this.previousOnLink, length);
    for (let entry = known; entry < length; entry++) this.nextOfFlow[entry] = entry + 1 < length ? entry + 1 : none;
    this.freeEntry = known;
  }
}

/** @throws Error `invalid capacity: ...` unless it is a finite number of at least 0, in bytes a second. */
export function checkCapacity(capacity: number): void {
  if (!(capacity >= 0 && capacity < Number.POSITIVE_INFINITY)) throw new Error(`invalid capacity: ${capacity}`);
}
