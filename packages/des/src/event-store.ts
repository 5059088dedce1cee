/** Pending events as records in one buffer, and the handles that name them. */

/** Called when an event falls due; `payload` is what it was scheduled with. */
export type Handler = (payload: number) => void;

/** Names a pending event, so that it can be cancelled. Handles are never used twice within an event loop. */
export type EventHandle = number;

/**
 * A record has 32 bytes, so that an event costs one cache line wherever it lies: the doubles time, order and payload
 * (4 slot, 4 slot + 1, 4 slot + 2 in `floats`), a spare word, and the word uses (8 slot + 7 in `words`).
 */
const usesWord = 7;

/**
 * Handles are uses * 2^26 + slot with fewer than 2^27 uses: exact integers below 2^53. Uses are counted from 32, so that
 * no handle is a 31-bit integer: engines would compile code for those first, and discard it when the first one is not.
 */
const slotLimit = 2 ** 26;
const firstUse = 32;
const useLimit = 2 ** 27 - 1;

/** Set in the uses of a slot that holds no live event: a free one, or one whose event was cancelled. */
const idleBit = 1 << 31;

const initialCapacity = 64;

/** The end of a list of slots; elsewhere in a list stands slot + 1. */
const endOfList = 0;

const nothing: Handler = () => {};

export class EventStore {
  floats = new Float64Array(4 * initialCapacity);
  words = new Int32Array(this.floats.buffer);
  /**
   * For a slot in a list, the rest of the list. Apart from the records, because to follow a list through memory means to
   * wait for one element after the other, and these are eight times as dense.
   */
  nexts = new Int32Array(initialCapacity);
  readonly handlers: Handler[] = [];
  /** Events scheduled, and neither due yet nor cancelled. */
  liveCount = 0;
  /** Cancelled events that a queue still holds. */
  cancelledCount = 0;
  private freeList = endOfList;

  constructor() {
    this.addSlots(0, initialCapacity);
  }

  /** Takes a slot for a new event. The caller puts it into a queue. */
  take(time: number, order: number, handler: Handler, payload: number): number {
    if (this.freeList === endOfList) this.grow();
    const slot = this.freeList - 1;
    const { floats, words, handlers } = this;
    this.freeList = this.nexts[slot];
    words[(slot << 3) | usesWord] &= ~idleBit;
    floats[slot << 2] = time;
    floats[(slot << 2) | 1] = order;
    floats[(slot << 2) | 2] = payload;
    // The last slot given back is the next one taken, often for the same handler; reading is cheaper than a write barrier.
    if (handlers[slot] !== handler) handlers[slot] = handler;
    this.liveCount += 1;
    return slot;
  }

  /** Gives back the slot of an event that has fallen due and is in no queue any more. */
  release(slot: number): void {
    this.liveCount -= 1;
    this.free(slot);
  }

  /** Gives back the slot of a cancelled event, once no queue holds it. */
  drop(slot: number): void {
    this.cancelledCount -= 1;
    this.handlers[slot] = nothing;
    this.free(slot);
  }

  isCancelled(slot: number): boolean {
    return this.words[(slot << 3) | usesWord] < 0;
  }

  /** Whether, of two events at one time, that of `slot` comes first. */
  precedes(slot: number, other: number): boolean {
    return this.floats[(slot << 2) | 1] < this.floats[(other << 2) | 1];
  }

  handleOf(slot: number): EventHandle {
    return this.words[(slot << 3) | usesWord] * slotLimit + slot;
  }

  /** Marks an event as cancelled, for its queue to drop; false when it is not pending. */
  cancel(handle: EventHandle): boolean {
    const uses = Math.floor(handle / slotLimit);
    const slot = handle - uses * slotLimit;
    if (!(Number.isInteger(slot) && uses >= 0) || this.words[(slot << 3) | usesWord] !== uses) return false;
    this.words[(slot << 3) | usesWord] = uses | idleBit;
    // The queue may hold the slot for long; what the handler holds is let go now.
    this.handlers[slot] = nothing;
    this.liveCount -= 1;
    this.cancelledCount += 1;
    return true;
  }

  private free(slot: number): void {
    const { words } = this;
    const uses = (words[(slot << 3) | usesWord] & ~idleBit) + 1;
    words[(slot << 3) | usesWord] = uses | idleBit;
    // Out of handles after 2^27 uses; the slot is left out from then on.
    if (uses === useLimit) return;
    this.nexts[slot] = this.freeList;
    this.freeList = slot + 1;
  }

  private grow(): void {
    const capacity = this.handlers.length;
    if (2 * capacity > slotLimit) throw new Error(`too many pending events: ${capacity}`);
    const floats = new Float64Array(8 * capacity);
    floats.set(this.floats);
    this.floats = floats;
    this.words = new Int32Array(floats.buffer);
    const nexts = new Int32Array(2 * capacity);
    nexts.set(this.nexts);
    this.nexts = nexts;
    this.addSlots(capacity, 2 * capacity);
  }

  /** Makes the slots from `from` to `to` free, the lowest first in line. */
  private addSlots(from: number, to: number): void {
    for (let slot = from; slot < to; slot++) this.handlers.push(nothing);
    for (let slot = to - 1; slot >= from; slot--) {
      this.words[(slot << 3) | usesWord] = firstUse | idleBit;
      this.nexts[slot] = this.freeList;
      this.freeList = slot + 1;
    }
  }
}
