/** Max-min fair rates, kept up to date as flows come and go. */
import { lengthened, none, SharingGraph } from "./fair-sharing-graph.ts";
import { IndexedHeap } from "./indexed-heap.ts";

/** Below this part of what a link began with, the weight still to be served is summed afresh instead of subtracted. */
const residueShare = 2 ** -20;
const lightest = 2 ** -10;
const heaviest = 2 ** 10;

/** @throws Error `invalid weight: ...` unless it lies between 2^-10 and 2^10. */
export function checkWeight(weight: number): void {
  if (!(weight >= lightest && weight <= heaviest)) throw new Error(`invalid weight: ${weight}`);
}

/**
 * Weighted max-min fair rates with a cap per flow, by progressive filling: the level (rate over weight) of all flows
 * rises together; a flow stops where one of its links is full or its cap is reached (Bertsekas and Gallager, Data Networks,
 * 2nd edition, section 6.5.2; weights as in Nace et al., Max-min fairness and its applications, 2008).
 *
 * Changes are noted, and `solve` works out afresh what they touch: the flows that share a link which can fill up, directly
 * or through others. Links that cannot fill up (see `SharingGraph`) couple nobody. One solve costs (flows + links) x log of
 * the component, and allocates nothing once the arrays have grown.
 *
 * The rates of a component depend on its flows and on the order in which they came, never on when `solve` was called.
 */
export class FairSharing {
  private readonly graph: SharingGraph;
  private readonly heap: IndexedHeap;

  /** Rate of each flow as of the last `solve`; what it says of a flow that is not there means nothing. */
  rates: Float64Array = new Float64Array(0);
  /** The flows that the last `solve` worked out, the first `touchedCount` of them. */
  touched: Int32Array = new Int32Array(0);
  touchedCount = 0;

  private dirty: Int32Array = new Int32Array(0);
  private dirtyCount = 0;
  private isDirty: Uint8Array = new Uint8Array(0);
  /** 1 while the flow waits for its rate within a solve. */
  private isRising: Uint8Array = new Uint8Array(0);
  private stamp = 0;
  private stampOfFlow: Float64Array = new Float64Array(0);
  private readonly stampOfLink: Float64Array;
  /** The last solve before all flows of the link were noted, plus one. */
  private readonly markedAfter: Float64Array;

  /** The links of the component being solved, and what is left on each. */
  private readonly links: Int32Array;
  private linkCount = 0;
  private readonly capacityLeft: Float64Array;
  private readonly weightLeft: Float64Array;
  private readonly weightAtSum: Float64Array;
  private readonly rising: Int32Array;

  /**
   * @param capacities of each link in bytes per second, finite and at least 0.
   * @throws Error `invalid capacity: ...`
   */
  constructor(capacities: ArrayLike<number>) {
    this.graph = new SharingGraph(capacities);
    const count = this.graph.linkCount;
    this.heap = new IndexedHeap(count);
    this.stampOfLink = new Float64Array(count);
    this.markedAfter = new Float64Array(count);
    this.links = new Int32Array(count);
    this.capacityLeft = new Float64Array(count);
    this.weightLeft = new Float64Array(count);
    this.weightAtSum = new Float64Array(count);
    this.rising = new Int32Array(count);
  }

  /** Whether anything changed since the last `solve`. */
  get isStale(): boolean {
    return this.dirtyCount > 0;
  }

  capacityOf(link: number): number {
    return this.graph.capacity[link];
  }

  /**
   * Puts a flow on the first `count` links of `path`.
   * @param weight between 2^-10 and 2^10.
   * @param cap in bytes per second, at least 0; Infinity for none.
   */
  insert(flow: number, path: ArrayLike<number>, count: number, weight: number, cap: number): void {
    checkWeight(weight);
    if (!(cap >= 0)) throw new Error(`invalid rate: ${cap}`);
    if (!(count >= 1)) throw new Error(`invalid path length: ${count}`);
    this.reserve(flow + 1);
    if (this.graph.has(flow)) throw new Error(`flow already there: ${flow}`);
    this.graph.insert(flow, path, count, weight, cap);
    this.mark(flow);
  }

  remove(flow: number): void {
    this.markNeighbours(flow);
    this.graph.remove(flow);
  }

  setCap(flow: number, cap: number): void {
    if (!(cap >= 0)) throw new Error(`invalid rate: ${cap}`);
    this.markNeighbours(flow);
    this.graph.setCap(flow, cap);
    this.mark(flow);
  }

  setCapacity(link: number, capacity: number): void {
    const { graph } = this;
    for (let entry = graph.headOfLink[link]; entry !== none; entry = graph.nextOnLink[entry]) {
      this.mark(graph.flowOf[entry]);
      this.markNeighbours(graph.flowOf[entry]);
    }
    graph.setCapacity(link, capacity);
  }

  /** Adds `amount` to the element of `sums` of each link that the flow crosses. */
  addAlongPath(flow: number, amount: number, sums: Float64Array): void {
    const { graph } = this;
    for (let own = graph.headOfFlow[flow]; own !== none; own = graph.nextOfFlow[own]) sums[graph.linkOf[own]] += amount;
  }

  /** Works out the rates of all flows that the changes since the last call may touch, and lists them in `touched`. */
  solve(): void {
    this.stamp += 1;
    this.touchedCount = 0;
    for (let i = 0; i < this.dirtyCount; i++) {
      const flow = this.dirty[i];
      this.isDirty[flow] = 0;
      if (!this.graph.has(flow) || this.stampOfFlow[flow] === this.stamp) continue;
      const first = this.touchedCount;
      this.gatherComponent(flow);
      if (this.linkCount > 0) this.fill(first);
      else this.rates[flow] = this.graph.bound[flow];
    }
    this.dirtyCount = 0;
  }

  private reserve(flows: number): void {
    if (flows <= this.rates.length) return;
    const capacity = Math.max(64, flows, 2 * this.rates.length);
    this.graph.reserve(capacity);
    this.heap.reserve(this.graph.linkCount + capacity);
    this.rates = lengthened(this.rates, capacity);
    this.touched = lengthened(this.touched, capacity);
    this.dirty = lengthened(this.dirty, capacity);
    this.isDirty = lengthened(this.isDirty, capacity);
    this.isRising = lengthened(this.isRising, capacity);
    this.stampOfFlow = lengthened(this.stampOfFlow, capacity);
  }

  private mark(flow: number): void {
    if (this.isDirty[flow] === 1) return;
    this.isDirty[flow] = 1;
    this.dirty[this.dirtyCount++] = flow;
  }

  /** Notes the flows that a change of `flow` may touch: those on its links that can fill up, as things stand before it. */
  private markNeighbours(flow: number): void {
    const { graph } = this;
    for (let own = graph.headOfFlow[flow]; own !== none; own = graph.nextOfFlow[own]) {
      const link = graph.linkOf[own];
      // Once is enough between two solves, since a flow that comes later is noted itself.
      if (this.markedAfter[link] === this.stamp + 1 || graph.isSlack(link)) continue;
      this.markedAfter[link] = this.stamp + 1;
      // Every one of them, because the change may make the link slack and so take their component apart.
      for (let entry = graph.headOfLink[link]; entry !== none; entry = graph.nextOnLink[entry]) {
        this.mark(graph.flowOf[entry]);
      }
    }
  }

  /** Adds the flows of one component to `touched`, and lists its links with nothing given away yet. */
  private gatherComponent(seed: number): void {
    const { graph, stamp, touched } = this;
    const { stampOfFlow } = this;
    let next = this.touchedCount;
    let end = next;
    this.linkCount = 0;
    touched[end++] = seed;
    stampOfFlow[seed] = stamp;
    for (; next < end; next++) {
      for (let own = graph.headOfFlow[touched[next]]; own !== none; own = graph.nextOfFlow[own]) {
        const link = graph.linkOf[own];
        if (this.stampOfLink[link] === stamp || graph.isSlack(link)) continue;
        this.stampOfLink[link] = stamp;
        this.links[this.linkCount++] = link;
        for (let entry = graph.headOfLink[link]; entry !== none; entry = graph.nextOnLink[entry]) {
          const flow = graph.flowOf[entry];
          if (stampOfFlow[flow] === stamp) continue;
          stampOfFlow[flow] = stamp;
          touched[end++] = flow;
        }
      }
    }
    this.touchedCount = end;
  }

  /** Progressive filling of the component whose flows are `touched` from `first` on. */
  private fill(first: number): void {
    const { heap, graph } = this;
    this.startFilling(first);
    let level = 0;
    while (heap.size > 0) {
      const id = heap.top;
      if (id >= graph.linkCount) {
        const flow = id - graph.linkCount;
        if (this.isRising[flow] === 1) {
          level = Math.max(level, heap.topKey);
          this.stop(flow, graph.bound[flow]);
        }
        heap.remove(id);
        continue;
      }
      if (this.rising[id] === 0) {
        heap.remove(id);
        continue;
      }
      // Flows that stopped since leave more to the others: a link's level only ever rises.
      const current = this.levelOf(id);
      if (current > heap.topKey) {
        heap.set(id, current);
        continue;
      }
      heap.remove(id);
      level = Math.max(level, current);
      this.stopAll(id, level);
    }
  }

  private startFilling(first: number): void {
    this.heap.clear();
    for (let i = first; i < this.touchedCount; i++) this.startFlow(this.touched[i]);
    for (let i = 0; i < this.linkCount; i++) {
      const link = this.links[i];
      this.capacityLeft[link] = this.graph.capacity[link];
      this.sumWeights(link);
      this.heap.set(link, this.capacityLeft[link] / this.weightLeft[link]);
    }
  }

  /** A flow's bound matters only where it lies below the capacities of its links that can fill up. */
  private startFlow(flow: number): void {
    const { graph } = this;
    const bound = graph.bound[flow];
    let isBelowLinks = true;
    for (let own = graph.headOfFlow[flow]; own !== none; own = graph.nextOfFlow[own]) {
      const link = graph.linkOf[own];
      if (this.stampOfLink[link] === this.stamp && graph.capacity[link] <= bound) isBelowLinks = false;
    }
    this.isRising[flow] = 1;
    if (isBelowLinks) this.heap.set(graph.linkCount + flow, bound / graph.weight[flow]);
  }

  /** The level at which a link fills up, if no other flow on it stops before. */
  private levelOf(link: number): number {
    if (this.weightLeft[link] < residueShare * this.weightAtSum[link]) this.sumWeights(link);
    return Math.max(0, this.capacityLeft[link]) / this.weightLeft[link];
  }

  /** In the order of the link's list, so that the sum does not depend on where a solve began. */
  private sumWeights(link: number): void {
    const { graph } = this;
    let sum = 0;
    let count = 0;
    for (let entry = graph.headOfLink[link]; entry !== none; entry = graph.nextOnLink[entry]) {
      if (this.isRising[graph.flowOf[entry]] === 0) continue;
      sum += graph.weight[graph.flowOf[entry]];
      count += 1;
    }
    this.weightLeft[link] = sum;
    this.weightAtSum[link] = sum;
    this.rising[link] = count;
  }

  private stopAll(link: number, level: number): void {
    const { graph } = this;
    for (let entry = graph.headOfLink[link]; entry !== none; entry = graph.nextOnLink[entry]) {
      const flow = graph.flowOf[entry];
      if (this.isRising[flow] === 1) this.stop(flow, Math.min(level * graph.weight[flow], graph.bound[flow]));
    }
  }

  private stop(flow: number, rate: number): void {
    const { graph } = this;
    this.rates[flow] = rate;
    this.isRising[flow] = 0;
    for (let own = graph.headOfFlow[flow]; own !== none; own = graph.nextOfFlow[own]) {
      const link = graph.linkOf[own];
      if (this.stampOfLink[link] !== this.stamp) continue;
      this.capacityLeft[link] -= rate;
      this.weightLeft[link] -= graph.weight[flow];
      this.rising[link] -= 1;
    }
  }
}
