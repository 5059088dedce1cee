/** A network on virtual time: transfers that share links fairly, and messages beside them. */
import type { Environment } from "@shardlab/des";
import type { RandomStream } from "@shardlab/random";
import { checkWeight } from "./fair-sharing.ts";
import { checkCapacity } from "./fair-sharing-graph.ts";
import { type FlowSpec, FluidFlows } from "./fluid-flows.ts";
import { drawJitter } from "./link-jitter.ts";
import { datagramLossRate } from "./link-loss.ts";
import { NetworkPaths } from "./network-paths.ts";
import type { Topology } from "./topology.ts";
import type { MessageRequest, TransferHandle, TransferRequest, Transport } from "./transfer.ts";
import { slotStates, TransferSlots } from "./transfer-slots.ts";

export interface NetworkOptions {
  /**
   * The most that one connection has under way: its rate is at most this over the round trip. Unlimited unless given, as
   * where both ends size their windows themselves.
   */
  readonly maximumWindowBytes?: number;
}

/**
 * A fluid, flow-level model. A transfer takes its max-min fair share of the uplink of its sender, the downlink of its
 * receiver and the shared links between, and arrives a latency and a jitter after its last byte has left.
 *
 * Loss p on the way makes each byte cross it 1 / (1 - p) times in the mean, charged to all its links, and caps the rate on the
 * wire (`mathisBytesPerSecond`); a weight of w counts as w connections, in the share and in the caps. Jitter is drawn from a
 * stream of the sender, so that another node's transfers change nothing of it; messages may overtake each other.
 *
 * Not modelled: packets and queues (latency does not grow with load, nobody loses by a full buffer), slow start and
 * handshakes (connections are kept open and warm), the bandwidth of acknowledgements, and unfairness to long round trips
 * where no loss is declared. Velho and Legrand (SIMUTools 2009) found flow-level models within some percent of packet-level
 * ones for transfers above 10 MB, and off by slow start below 100 kB (recalled, not read again).
 */
export class Network implements Transport {
  readonly nodeCount: number;
  private readonly environment: Environment;
  private readonly paths: NetworkPaths;
  private readonly flows: FluidFlows;
  private readonly slots = new TransferSlots();
  private readonly nodeIsUp: Uint8Array;
  private readonly jitterStreams: (RandomStream | undefined)[] = [];
  private readonly lossStreams: (RandomStream | undefined)[] = [];
  private groupOfNode: Float64Array | undefined;
  private readonly flowSpec: { -readonly [Key in keyof FlowSpec]: FlowSpec[Key] };
  private readonly handleArrival = (slot: number): void => this.arrive(slot);

  /** @throws Error `invalid capacity: ...`, `invalid latency: ...`, `invalid loss rate: ...`, `invalid jitter: ...` */
  constructor(environment: Environment, topology: Topology, options: NetworkOptions = {}) {
    const { maximumWindowBytes = Number.POSITIVE_INFINITY } = options;
    this.environment = environment;
    this.paths = new NetworkPaths(topology, maximumWindowBytes);
    this.nodeCount = this.paths.nodeCount;
    this.nodeIsUp = new Uint8Array(this.nodeCount).fill(1);
    this.flows = new FluidFlows(environment, this.paths.capacities, (slot) => this.depart(slot));
    this.flowSpec = { bytes: 0, path: this.paths.path, pathLength: 0, weight: 1, cap: 0 };
  }

  transfer(request: TransferRequest): TransferHandle {
    const { from, to, bytes, payload = 0, weight = 1, maximumBytesPerSecond = Number.POSITIVE_INFINITY } = request;
    this.checkNode(from);
    this.checkNode(to);
    if (!(bytes >= 0 && bytes < Number.POSITIVE_INFINITY)) throw new Error(`invalid size: ${bytes}`);
    checkWeight(weight);
    if (!(maximumBytesPerSecond >= 0)) throw new Error(`invalid rate: ${maximumBytesPerSecond}`);
    if (typeof request.onDelivered !== "function") throw new Error(`invalid handler: ${request.onDelivered}`);
    const { slots } = this;
    const slot = slots.take(from, to, payload);
    slots.setHandlers(slot, request.onDelivered, request.onFailed);
    if (request.onSent !== undefined) slots.onSent[slot] = request.onSent;
    const handle = slots.handleOf(slot);
    if (!this.isUp(from) || !this.isUp(to)) this.fail(slot);
    else if (from === to) this.arriveAfter(slot, 0);
    else this.begin(slot, bytes, weight, maximumBytesPerSecond);
    return handle;
  }

  cancel(handle: TransferHandle): boolean {
    const slot = this.slots.slotOf(handle);
    if (slot < 0) return false;
    this.halt(slot);
    this.slots.release(slot);
    return true;
  }

  bytesLeft(handle: TransferHandle): number {
    const slot = this.slots.slotOf(handle);
    return slot < 0 ? 0 : this.flows.bytesLeft(slot) * this.slots.goodputShare[slot];
  }

  rateOf(handle: TransferHandle): number {
    const slot = this.slots.slotOf(handle);
    return slot < 0 ? 0 : this.flows.rateOf(slot);
  }

  send({ from, to, bytes = 0, onDelivered, payload = 0 }: MessageRequest): boolean {
    this.checkNode(from);
    this.checkNode(to);
    if (!(bytes >= 0 && bytes < Number.POSITIVE_INFINITY)) throw new Error(`invalid size: ${bytes}`);
    if (!this.isUp(from)) return false;
    const delay = from === to ? 0 : this.messageDelay(from, to, bytes);
    const isLost = from !== to && this.isLost(from, to, bytes);
    if (isLost || delay === Number.POSITIVE_INFINITY) return false;
    const slot = this.slots.take(from, to, payload);
    this.slots.setHandlers(slot, onDelivered);
    this.slots.state[slot] = slotStates.message;
    this.environment.schedule(delay, this.handleArrival, slot);
    return true;
  }

  isUp(node: number): boolean {
    this.checkNode(node);
    return this.nodeIsUp[node] === 1;
  }

  setUp(node: number, isUp: boolean): void {
    if (this.isUp(node) === isUp) return;
    this.nodeIsUp[node] = isUp ? 1 : 0;
    if (isUp) return;
    const { slots } = this;
    for (let slot = 0; slot < slots.length; slot++) {
      const state = slots.state[slot];
      // What a sender has sent arrives without it.
      const isHit = slots.to[slot] === node || (slots.from[slot] === node && state === slotStates.sending);
      if (!isHit || (state !== slotStates.sending && state !== slotStates.arriving)) continue;
      this.halt(slot);
      this.fail(slot);
    }
  }

  setAccessRates(node: number, uplinkBytesPerSecond: number, downlinkBytesPerSecond: number): void {
    this.checkNode(node);
    // Both before either, so that a wrong one changes nothing.
    for (const rate of [uplinkBytesPerSecond, downlinkBytesPerSecond]) checkCapacity(rate);
    this.flows.setCapacity(this.paths.uplinkOf(node), uplinkBytesPerSecond);
    this.flows.setCapacity(this.paths.downlinkOf(node), downlinkBytesPerSecond);
  }

  setPartition(groupOfNode: ArrayLike<number> | undefined): void {
    if (groupOfNode !== undefined && groupOfNode.length !== this.nodeCount) {
      throw new Error(`invalid partition: ${groupOfNode.length} groups for ${this.nodeCount} nodes`);
    }
    const { slots } = this;
    const before = this.groupOfNode;
    const after = groupOfNode === undefined ? undefined : Float64Array.from(groupOfNode);
    this.groupOfNode = after;
    for (let slot = 0; slot < slots.length; slot++) {
      if (slots.state[slot] !== slotStates.sending) continue;
      const [from, to] = [slots.from[slot], slots.to[slot]];
      const isCut = isAcross(after, from, to);
      if (isCut !== isAcross(before, from, to)) this.flows.setCap(slot, isCut ? 0 : slots.cap[slot]);
    }
  }

  latencySeconds(from: number, to: number): number {
    this.checkNode(from);
    this.checkNode(to);
    return this.paths.latencySeconds(from, to);
  }

  bytesSent(node: number): number {
    this.checkNode(node);
    return this.flows.settledBytesOn(this.paths.uplinkOf(node)) + this.unsettledBytes(this.slots.from, node);
  }

  bytesReceived(node: number): number {
    this.checkNode(node);
    return this.flows.settledBytesOn(this.paths.downlinkOf(node)) + this.unsettledBytes(this.slots.to, node);
  }

  private begin(slot: number, bytes: number, weight: number, maximumBytesPerSecond: number): void {
    const { slots, paths, flowSpec } = this;
    const [from, to] = [slots.from[slot], slots.to[slot]];
    const lossRate = paths.lossRate(from, to);
    const goodputShare = lossRate < 1 ? 1 - lossRate : 1;
    slots.delay[slot] = paths.latencySeconds(from, to) + this.jitter(from, to);
    const isCut = isAcross(this.groupOfNode, from, to);
    if (bytes === 0 && !isCut && lossRate < 1 && this.narrowestCapacity(from, to) > 0) {
      this.arriveAfter(slot, slots.delay[slot]);
      return;
    }
    slots.goodputShare[slot] = goodputShare;
    slots.cap[slot] = Math.min(maximumBytesPerSecond, weight * paths.maximumRate(from, to, lossRate));
    slots.state[slot] = slotStates.sending;
    // Nothing at all waits for its way like anything else.
    flowSpec.bytes = Math.max(bytes, Number.MIN_VALUE) / goodputShare;
    flowSpec.pathLength = paths.crossLinks(from, to);
    flowSpec.weight = weight;
    flowSpec.cap = isCut ? 0 : slots.cap[slot];
    this.flows.start(slot, flowSpec);
  }

  private depart(slot: number): void {
    const { slots } = this;
    this.arriveAfter(slot, slots.delay[slot]);
    slots.onSent[slot](slots.payload[slot]);
  }

  private arriveAfter(slot: number, delay: number): void {
    this.slots.setArrival(slot, this.environment.schedule(delay, this.handleArrival, slot));
  }

  private arrive(slot: number): void {
    const { slots } = this;
    const onDelivered = slots.onDelivered[slot];
    const isReceived = this.nodeIsUp[slots.to[slot]] === 1;
    const payload = slots.payload[slot];
    slots.release(slot);
    // A transfer would have failed when its receiver went down; a message is just gone.
    if (isReceived) onDelivered(payload);
  }

  /** Takes away what is pending for a transfer. */
  private halt(slot: number): void {
    const { slots } = this;
    if (slots.state[slot] === slotStates.sending) this.flows.stop(slot);
    else this.environment.cancel(slots.arrival[slot]);
  }

  private fail(slot: number): void {
    this.environment.schedule(0, this.slots.onFailed[slot], this.slots.payload[slot]);
    this.slots.release(slot);
  }

  private jitter(from: number, to: number): number {
    const [near, far] = [this.paths.jitterOf(from), this.paths.jitterOf(to)];
    if (near.kind === "none" && far.kind === "none") return 0;
    this.jitterStreams[from] ??= this.environment.random("network-jitter", from);
    const stream = this.jitterStreams[from];
    return drawJitter(near, stream) + drawJitter(far, stream);
  }

  private messageDelay(from: number, to: number, bytes: number): number {
    if (isAcross(this.groupOfNode, from, to)) return Number.POSITIVE_INFINITY;
    const delay = this.paths.latencySeconds(from, to) + this.jitter(from, to);
    return bytes === 0 ? delay : delay + bytes / this.narrowestCapacity(from, to);
  }

  private narrowestCapacity(from: number, to: number): number {
    const length = this.paths.crossLinks(from, to);
    let narrowest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < length; i++) narrowest = Math.min(narrowest, this.flows.capacityOf(this.paths.path[i]));
    return narrowest;
  }

  private isLost(from: number, to: number, bytes: number): boolean {
    const lossRate = datagramLossRate(bytes, this.paths.lossRate(from, to));
    if (lossRate === 0 || lossRate === 1) return lossRate === 1;
    this.lossStreams[from] ??= this.environment.random("network-loss", from);
    return this.lossStreams[from].bernoulli(lossRate);
  }

  private unsettledBytes(endOfSlot: Int32Array, node: number): number {
    const { slots } = this;
    let sum = 0;
    for (let slot = 0; slot < slots.length; slot++) {
      if (slots.state[slot] === slotStates.sending && endOfSlot[slot] === node) sum += this.flows.unsettled(slot);
    }
    return sum;
  }

  private checkNode(node: number): void {
    if (!(Number.isInteger(node) && node >= 0 && node < this.nodeCount)) throw new Error(`unknown node: ${node}`);
  }
}

function isAcross(groupOfNode: Float64Array | undefined, from: number, to: number): boolean {
  return groupOfNode !== undefined && groupOfNode[from] !== groupOfNode[to];
}
