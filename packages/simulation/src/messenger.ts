/** Messages of roles over a network on virtual time. */
import type { Message, NodeId } from "@shardlab/contracts";
import type { EventLoop } from "@shardlab/des";
import type { MessageRequest, TransferRequest, Transport } from "@shardlab/network";
import { MessageSlots, messageStates } from "./message-slots.ts";
import type { SwarmTensors } from "./swarm-tensors.ts";

export interface MessengerOptions {
  readonly loop: EventLoop;
  readonly network: Transport;
  readonly tensors: SwarmTensors;
  /** Bytes of a message besides its tensor. */
  readonly headerBytes: number;
  readonly retransmissionSeconds: number;
  readonly lossTimeoutSeconds: number;
  readonly deliver: (to: NodeId, from: NodeId, message: Message) => void;
  /** A message did not get through in time. */
  readonly giveUp: (from: NodeId, to: NodeId) => void;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const grownBy = 256;
const nowhere = -1;

/** From one node to another: one tensor leaves after the other, and what is said meanwhile waits behind it. */
interface Connection {
  /** The transfer under way, or -1. */
  payload: number;
  readonly waiting: number[];
}

/**
 * A connection is reliable and in order, as TCP's are: a message with a tensor is a transfer that shares links fairly with those of
 * other connections and waits for a partition to heal; what is sent to the same node leaves after it. A small message that is
 * lost is sent again after the retransmission time-out, at least two round trips, doubled each time (RFC 6298; Linux waits
 * 200 ms at least), until it is given up. Jitter and retransmission let messages overtake one another on their way. Nobody
 * learns of a receiver that has vanished.
 */
export class Messenger {
  private readonly options: MessengerOptions;
  private readonly slots = new MessageSlots();
  private seats = new Int32Array(grownBy).fill(nowhere);
  private sent = new Float64Array(grownBy);
  private sentTensors = new Float64Array(grownBy);
  private received = new Float64Array(grownBy);
  /** Of each node, to whom it has sent tensors. */
  private readonly connections: (Map<NodeId, Connection> | undefined)[] = [];
  private readonly smallRequest: Mutable<MessageRequest>;
  private readonly bulkRequest: Mutable<TransferRequest>;
  private readonly handleDeparture = (payload: number): void => this.depart(payload);

  constructor(options: MessengerOptions) {
    this.options = options;
    const onDelivered = (payload: number): void => this.arrive(payload);
    const onFailed = (payload: number): void => this.fail(payload);
    const onSent = (payload: number): void => this.goOn(payload);
    this.smallRequest = { from: 0, to: 0, bytes: options.headerBytes, payload: 0, onDelivered };
    this.bulkRequest = { from: 0, to: 0, bytes: 0, payload: 0, onDelivered, onFailed, onSent };
  }

  /** From now on `node` is reached at `seat` of the network. */
  add(node: NodeId, seat: number): void {
    while (node >= this.seats.length) this.grow();
    this.seats[node] = seat;
  }

  /** The node is gone: what has not left it yet is lost, and what is on its way to it. */
  remove(node: NodeId): void {
    this.seats[node] = nowhere;
    const { slots } = this;
    this.connections[node] = undefined;
    for (let slot = 0; slot < slots.length; slot++) {
      if (slots.from[slot] === node && slots.state[slot] === messageStates.waiting) this.drop(slot);
    }
    this.dropAllTo(node);
  }

  /** Loses what is on its way to a node. */
  dropAllTo(node: NodeId): void {
    const { slots } = this;
    for (const ofSender of this.connections) ofSender?.delete(node);
    for (let slot = 0; slot < slots.length; slot++) {
      if (slots.to[slot] === node && slots.state[slot] !== messageStates.free) this.drop(slot);
    }
  }

  /** Hands a message to the network after `delaySeconds`. */
  send(from: NodeId, to: NodeId, { message, delaySeconds }: { message: Message; delaySeconds: number }): void {
    const { tensor } = message;
    const { tensors, loop } = this.options;
    // The receiver's from now on, so that it arrives whatever becomes of the sender.
    const sent = tensor === undefined ? message : { ...message, tensor: tensors.copyFor(to, tensor) };
    const payload = this.slots.payloadOf(this.slots.take(sent, from, to));
    if (delaySeconds > 0) loop.schedule(delaySeconds, this.handleDeparture, payload);
    else this.depart(payload);
  }

  sentBytes(node: NodeId): number {
    return this.sent[node];
  }

  sentTensorBytes(node: NodeId): number {
    return this.sentTensors[node];
  }

  receivedBytes(node: NodeId): number {
    return this.received[node];
  }

  /** Messages under way. */
  get underWay(): number {
    let count = 0;
    for (let slot = 0; slot < this.slots.length; slot++) {
      if (this.slots.state[slot] !== messageStates.free) count += 1;
    }
    return count;
  }

  private depart(payload: number): void {
    const { slots, seats } = this;
    const slot = slots.slotOf(payload);
    if (slot < 0) return;
    const [from, to] = [slots.from[slot], slots.to[slot]];
    const [fromSeat, toSeat] = [seats[from], to < seats.length ? seats[to] : nowhere];
    if (toSeat === nowhere || fromSeat === nowhere) {
      this.drop(slot);
      return;
    }
    const { tensor } = slots.messageIn(slot);
    const bytes = this.options.headerBytes + (tensor === undefined ? 0 : tensor.bytes);
    const connection = this.connectionOf(from, to, tensor !== undefined && bytes > 0);
    if (connection !== undefined && connection.payload >= 0) {
      connection.waiting.push(payload);
      return;
    }
    this.sent[from] += bytes;
    if (tensor === undefined) {
      this.sendSmall(slot, fromSeat, toSeat);
      return;
    }
    this.sentTensors[from] += tensor.bytes;
    if (connection !== undefined && bytes > 0) connection.payload = payload;
    const { bulkRequest } = this;
    bulkRequest.from = fromSeat;
    bulkRequest.to = toSeat;
    bulkRequest.bytes = bytes;
    bulkRequest.payload = payload;
    slots.state[slot] = messageStates.bulk;
    this.options.network.transfer(bulkRequest);
  }

  /** A tensor has left: what waits behind it may go. */
  private goOn(payload: number): void {
    const slot = this.slots.slotOf(payload);
    if (slot < 0) return;
    const connection = this.connections[this.slots.from[slot]]?.get(this.slots.to[slot]);
    if (connection === undefined || connection.payload !== payload) return;
    connection.payload = -1;
    const { waiting } = connection;
    // Up to the next tensor, behind which the rest waits in the same order.
    let gone = 0;
    while (gone < waiting.length && connection.payload < 0) this.depart(waiting[gone++]);
    waiting.splice(0, gone);
  }

  /** The connection, made where there is none and `isNeeded`; a node that never sent a tensor to `to` has none. */
  private connectionOf(from: NodeId, to: NodeId, isNeeded: boolean): Connection | undefined {
    let ofSender = this.connections[from];
    if (ofSender === undefined) {
      if (!isNeeded) return undefined;
      ofSender = new Map();
      this.connections[from] = ofSender;
    }
    let connection = ofSender.get(to);
    if (connection === undefined && isNeeded && from !== to) {
      connection = { payload: -1, waiting: [] };
      ofSender.set(to, connection);
    }
    return connection;
  }

  private sendSmall(slot: number, fromSeat: number, toSeat: number): void {
    const { slots, smallRequest } = this;
    const { loop, network, lossTimeoutSeconds } = this.options;
    smallRequest.from = fromSeat;
    smallRequest.to = toSeat;
    smallRequest.payload = slots.payloadOf(slot);
    if (network.send(smallRequest)) {
      slots.state[slot] = messageStates.small;
      return;
    }
    slots.state[slot] = messageStates.waiting;
    const wait = this.nextWait(slot, fromSeat, toSeat);
    if (loop.now + wait - slots.firstSeconds[slot] <= lossTimeoutSeconds) {
      loop.schedule(wait, this.handleDeparture, smallRequest.payload);
      return;
    }
    const [from, to] = [slots.from[slot], slots.to[slot]];
    this.drop(slot);
    this.options.giveUp(from, to);
  }

  /** The retransmission time-out the first time, and twice the time before after that. */
  private nextWait(slot: number, fromSeat: number, toSeat: number): number {
    const { slots } = this;
    const { loop, network, retransmissionSeconds } = this.options;
    if (slots.waitSeconds[slot] === 0) {
      const roundTrip = network.latencySeconds(fromSeat, toSeat) + network.latencySeconds(toSeat, fromSeat);
      slots.firstSeconds[slot] = loop.now;
      slots.waitSeconds[slot] = Math.max(retransmissionSeconds, 2 * roundTrip);
    } else slots.waitSeconds[slot] *= 2;
    return slots.waitSeconds[slot];
  }

  private arrive(payload: number): void {
    const { slots } = this;
    const slot = slots.slotOf(payload);
    if (slot < 0) return;
    const [from, to] = [slots.from[slot], slots.to[slot]];
    const message = slots.messageIn(slot);
    slots.release(slot);
    this.received[to] += this.options.headerBytes + (message.tensor === undefined ? 0 : message.tensor.bytes);
    this.options.deliver(to, from, message);
  }

  private fail(payload: number): void {
    const slot = this.slots.slotOf(payload);
    if (slot >= 0) this.drop(slot);
  }

  private drop(slot: number): void {
    const { tensor } = this.slots.messageIn(slot);
    if (tensor !== undefined) this.options.tensors.release(tensor);
    this.slots.release(slot);
  }

  private grow(): void {
    const length = this.seats.length;
    const seats = new Int32Array(2 * length).fill(nowhere);
    seats.set(this.seats);
    this.seats = seats;
    const doubled = (before: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
      const after = new Float64Array(2 * length);
      after.set(before);
      return after;
    };
    this.sent = doubled(this.sent);
    this.sentTensors = doubled(this.sentTensors);
    this.received = doubled(this.received);
  }
}
