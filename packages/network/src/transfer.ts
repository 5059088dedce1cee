/** Moving bytes between nodes: what is asked of a network, and what it answers. */
import type { Handler } from "@shardlab/des";

/** Names a transfer for as long as it is under way. Handles are never used twice within a network. */
export type TransferHandle = number;

/** Bytes to be moved reliably, sharing the links on the way fairly with all other transfers. */
export interface TransferRequest {
  /** Index of the sending node. */
  readonly from: number;
  /** Index of the receiving node; a node's transfer to itself arrives at once. */
  readonly to: number;
  readonly bytes: number;
  /** Called with `payload` when the last byte has arrived. */
  readonly onDelivered: Handler;
  /**
   * Called with `payload`, at the moment of the crash, when either end goes down before the last byte has arrived; also
   * when either is down already. Nobody in a real network learns of it so soon: a protocol adds its own time-out.
   * Not called for a transfer that was cancelled.
   */
  readonly onFailed?: Handler;
  /**
   * Called with `payload` when the last byte has left, a latency before `onDelivered`: then the next transfer of the same
   * connection may begin. Not called where nothing has to leave: for 0 bytes over a working link, and to the sender itself.
   */
  readonly onSent?: Handler;
  readonly payload?: number;
  /** Share of a contended link relative to other transfers (as many parallel connections get), 2^-10 to 2^10; 1 unless given. */
  readonly weight?: number;
  /** The sender goes no faster than this; unlimited unless given. */
  readonly maximumBytesPerSecond?: number;
}

/**
 * A small message outside the bandwidth sharing: it takes none from transfers and arrives after latency, jitter and
 * its own length over the narrowest link of the way. It is a datagram: lost packets are not sent again.
 */
export interface MessageRequest {
  readonly from: number;
  readonly to: number;
  /** 0 unless given. */
  readonly bytes?: number;
  /** Called with `payload` on arrival; never when the message is lost, or the receiver is down when it arrives. */
  readonly onDelivered: Handler;
  readonly payload?: number;
}

/** What the rest of a simulation may ask of a network. */
export interface Transport {
  readonly nodeCount: number;

  /**
   * Starts moving bytes now.
   * @throws Error `unknown node: ...`, `invalid size: ...`, `invalid weight: ...`, `invalid rate: ...`, `invalid handler: ...`
   */
  transfer(request: TransferRequest): TransferHandle;

  /** Stops a transfer without a call to its handlers; false when it has arrived, failed or been cancelled before. */
  cancel(handle: TransferHandle): boolean;

  /** Bytes of a transfer not yet sent; 0 while the last of them are on their way, and when it is no longer known. */
  bytesLeft(handle: TransferHandle): number;

  /**
   * The current rate of a transfer on the wire in bytes per second; 0 when all is sent, or it is stalled or unknown.
   * Rates are worked out at the end of an instant: what has begun or ended in this one does not show before it is over.
   */
  rateOf(handle: TransferHandle): number;

  /** Sends a message outside the bandwidth sharing. False when it will not arrive, which the sender must not know. */
  send(message: MessageRequest): boolean;

  isUp(node: number): boolean;

  /** Takes a node down, failing all its transfers, or brings it up. All nodes start up. */
  setUp(node: number, isUp: boolean): void;

  /** Changes the capacities of a node's access link from now on, for transfers under way too; 0 stalls them. */
  setAccessRates(node: number, uplinkBytesPerSecond: number, downlinkBytesPerSecond: number): void;

  /**
   * Splits the network: nodes with different numbers in `groupOfNode` (one per node) do not reach each other.
   * Transfers across stall, and go on where they stopped when the split heals; messages across are lost.
   * Undefined heals it.
   */
  setPartition(groupOfNode: ArrayLike<number> | undefined): void;

  /** One-way latency from node to node in seconds, without jitter. */
  latencySeconds(from: number, to: number): number;

  /** Payload bytes that a node has sent in transfers so far, retransmissions included; also of those that failed. */
  bytesSent(node: number): number;

  /** Payload bytes that have crossed a node's downlink in transfers so far, retransmissions included. */
  bytesReceived(node: number): number;
}
