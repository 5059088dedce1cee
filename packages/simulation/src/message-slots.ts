/** Messages under way, in columns. */
import type { Message } from "@shardlab/contracts";

/** `waiting`: not handed to the network yet, for the journal or to be sent again; `small`, `bulk`: on their way. */
export const messageStates = { free: 0, waiting: 1, small: 2, bulk: 3 } as const;

/** Payloads of events are uses * 2^24 + slot. */
const slotLimit = 2 ** 24;

export class MessageSlots {
  /** Slots in use are below this. */
  length = 0;
  readonly messages: (Message | undefined)[] = [];
  from = new Int32Array(256);
  to = new Int32Array(256);
  state = new Uint8Array(256);
  /** When it was first lost, and how long it waits before it is sent again; 0 before it is lost. */
  firstSeconds = new Float64Array(256);
  waitSeconds = new Float64Array(256);
  private uses = new Float64Array(256);
  private readonly free: number[] = [];

  take(message: Message, from: number, to: number): number {
    const slot = this.free.pop() ?? this.length++;
    if (slot >= slotLimit) throw new Error(`too many messages under way: ${slot}`);
    if (slot >= this.from.length) this.grow();
    this.messages[slot] = message;
    this.from[slot] = from;
    this.to[slot] = to;
    this.waitSeconds[slot] = 0;
    this.state[slot] = messageStates.waiting;
    return slot;
  }

  release(slot: number): void {
    this.messages[slot] = undefined;
    this.state[slot] = messageStates.free;
    this.uses[slot] += 1;
    this.free.push(slot);
  }

  /** Names the message for as long as it is under way. */
  payloadOf(slot: number): number {
    return this.uses[slot] * slotLimit + slot;
  }

  /** The slot that a payload names, or -1 when its message is gone. */
  slotOf(payload: number): number {
    const slot = payload % slotLimit;
    return this.state[slot] !== messageStates.free && this.uses[slot] === (payload - slot) / slotLimit ? slot : -1;
  }

  /** The message in a slot that is in use. */
  messageIn(slot: number): Message {
    // A slot in use has a message.
    return this.messages[slot] as Message;
  }

  private grow(): void {
    const length = 2 * this.from.length;
    this.from = lengthened(this.from, new Int32Array(length));
    this.to = lengthened(this.to, new Int32Array(length));
    this.state = lengthened(this.state, new Uint8Array(length));
    this.firstSeconds = lengthened(this.firstSeconds, new Float64Array(length));
    this.waitSeconds = lengthened(this.waitSeconds, new Float64Array(length));
    this.uses = lengthened(this.uses, new Float64Array(length));
  }
}

function lengthened<T extends Int32Array | Uint8Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
