/** What the event loop asks of a queue. */

/**
 * Slots of an `EventStore` in the order (time, order) of their records. Times that come in may lie before those that
 * went out last only if nothing was taken since, as in an event loop.
 */
export interface EventQueue {
  /** Adds a slot; `time` is that of its record. */
  insert(slot: number, time: number): void;
  /** The slot that comes first, -1 when there is none. Drops cancelled slots that stand before it. */
  first(): number;
  /** Takes out the slot that `first` has just returned. */
  removeFirst(): void;
  /** Empties the queue, drops cancelled slots and returns the others, in no particular order. */
  takeAll(): Int32Array;
  /** Steps that `takeAll` needs beyond one for each slot. */
  readonly sweepLength: number;
}
