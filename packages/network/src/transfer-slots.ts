/** What a network remembers of each transfer and message under way, in columns. */
import type { EventHandle, Handler } from "@shardlab/des";
import { lengthened } from "./fair-sharing-graph.ts";
import type { TransferHandle } from "./transfer.ts";

/** `free`: not in use; `sending`: bytes are left; `arriving`: the last is on its way; `message`: outside the sharing. */
export const slotStates = { free: 0, sending: 1, arriving: 2, message: 3 } as const;

/** Slots at one time; a handle is a slot and how often it was used before, in one integer. */
const maximumSlots = 2 ** 22;

const ignore: Handler = () => {};

export class TransferSlots {
  /** Slots in use are below this. */
  length = 0;
  state: Uint8Array = new Uint8Array(0);
  from: Int32Array = new Int32Array(0);
  to: Int32Array = new Int32Array(0);
  payload: Float64Array = new Float64Array(0);
  /** Bytes asked for, per byte that crosses the path. */
  goodputShare: Float64Array = new Float64Array(0);
  /** Rate that the sender, loss and window allow, in bytes per second. */
  cap: Float64Array = new Float64Array(0);
  /** From the departure of the last byte to its arrival, in seconds. */
  delay: Float64Array = new Float64Array(0);
  arrival: Float64Array = new Float64Array(0);
  readonly onDelivered: Handler[] = [];
  readonly onFailed: Handler[] = [];
  readonly onSent: Handler[] = [];
  private uses: Float64Array = new Float64Array(0);
  private free: Int32Array = new Int32Array(0);
  private freeCount = 0;

  /** @throws Error `too many transfers under way: ...` */
  take(from: number, to: number, payload: number): number {
    const slot = this.freeCount > 0 ? this.free[--this.freeCount] : this.length++;
    if (slot >= maximumSlots) throw new Error(`too many transfers under way: ${slot}`);
    if (slot >= this.state.length) this.grow(Math.max(64, 2 * slot));
    this.from[slot] = from;
    this.to[slot] = to;
    this.payload[slot] = payload;
    return slot;
  }

  /** Frees a slot; its columns may be read until the next `take`. */
  release(slot: number): void {
    this.state[slot] = slotStates.free;
    this.uses[slot] += 1;
    // Handlers may hold on to much.
    this.onDelivered[slot] = ignore;
    this.onFailed[slot] = ignore;
    this.onSent[slot] = ignore;
    this.free[this.freeCount++] = slot;
  }

  handleOf(slot: number): TransferHandle {
    return this.uses[slot] * maximumSlots + slot;
  }

  /** The slot that a handle names, or -1 when its transfer is over. */
  slotOf(handle: TransferHandle): number {
    const slot = handle % maximumSlots;
    const isCurrent = slot < this.length && this.uses[slot] === (handle - slot) / maximumSlots;
    return isCurrent && this.state[slot] !== slotStates.free ? slot : -1;
  }

  setHandlers(slot: number, onDelivered: Handler, onFailed: Handler = ignore): void {
    this.onDelivered[slot] = onDelivered;
    this.onFailed[slot] = onFailed;
    this.onSent[slot] = ignore;
  }

  setArrival(slot: number, event: EventHandle): void {
    this.state[slot] = slotStates.arriving;
    this.arrival[slot] = event;
  }

  private grow(capacity: number): void {
    this.state = lengthened(this.state, capacity);
    this.from = lengthened(this.from, capacity);
    this.to = lengthened(this.to, capacity);
    this.payload = lengthened(this.payload, capacity);
    this.goodputShare = lengthened(this.goodputShare, capacity);
    this.cap = lengthened(this.cap, capacity);
    this.delay = lengthened(this.delay, capacity);
    this.arrival = lengthened(this.arrival, capacity);
    this.uses = lengthened(this.uses, capacity);
    this.free = lengthened(this.free, capacity);
  }
}
