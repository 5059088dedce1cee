/** What a node keeps of another: the connection in use, what waits for one, and when to try again. */
import type { Connection, Outgoing } from "./connection.ts";

const firstRetrySeconds = 0.05;
const longestRetrySeconds = 2;

export interface PeerOptions {
  readonly node: number;
  /** Absent where the other side must come to us. */
  readonly connect?: () => Promise<Connection>;
  /** How long frames wait for a connection. */
  readonly patienceSeconds: number;
  /** The connection was lost, or none came about in time; what waited is dropped in the second case. */
  readonly onLost: (reason: string) => void;
}

/**
 * Frames go over one connection as long as it lives, so that they keep their order; those of which nothing has left when it
 * is lost go over the next one. What had begun to leave is never sent again, because it may have arrived.
 */
export class Peer {
  readonly node: number;
  private readonly options: PeerOptions;
  private readonly connections = new Set<Connection>();
  private current: Connection | undefined;
  private readonly waiting: Outgoing[] = [];
  private isConnecting = false;
  private isForgotten = false;
  private retrySeconds = firstRetrySeconds;
  private retryTimer: NodeJS.Timeout | undefined;
  private patienceTimer: NodeJS.Timeout | undefined;
  private lastReason = "no connection";

  constructor(options: PeerOptions) {
    this.node = options.node;
    this.options = options;
  }

  get isConnected(): boolean {
    return this.current !== undefined;
  }

  send(outgoing: Outgoing): void {
    if (this.isForgotten) {
      outgoing.settled?.();
      return;
    }
    if (this.current !== undefined) {
      this.current.send(outgoing);
      return;
    }
    this.waiting.push(outgoing);
    this.seekConnection();
  }

  /** Takes a connection into use, whoever made it. */
  adopt(connection: Connection): void {
    this.connections.add(connection);
    this.retrySeconds = firstRetrySeconds;
    clearTimeout(this.patienceTimer);
    this.patienceTimer = undefined;
    if (this.current !== undefined) return;
    this.current = connection;
    for (const outgoing of this.waiting.splice(0)) connection.send(outgoing);
  }

  /** Closes what there is: the other side has begun anew. */
  dropConnections(reason: string): void {
    for (const connection of [...this.connections]) connection.close(reason);
  }

  lost(connection: Connection, reason: string): void {
    if (!this.connections.delete(connection)) return;
    if (this.current === connection) {
      this.current = undefined;
      this.waiting.unshift(...connection.takeUnsent());
      const [next] = this.connections;
      if (next !== undefined) this.adopt(next);
    }
    if (this.current !== undefined || this.isForgotten) return;
    this.lastReason = reason;
    this.options.onLost(reason);
    if (this.waiting.length > 0) this.seekConnection();
  }

  /** Starts connecting if nothing does. */
  seekConnection(): void {
    if (this.current !== undefined || this.isForgotten) return;
    this.patienceTimer ??= setTimeout(() => this.giveUp(), this.options.patienceSeconds * 1000);
    if (this.isConnecting || this.retryTimer !== undefined || this.options.connect === undefined) return;
    this.isConnecting = true;
    this.options.connect().then(
      (connection) => {
        this.isConnecting = false;
        if (this.isForgotten) connection.close("no longer needed");
        else if (!connection.isClosed) this.adopt(connection);
        else this.retry("closed at once");
      },
      (error: Error) => {
        this.isConnecting = false;
        this.retry(error.message);
      },
    );
  }

  /** The node is gone for good. */
  forget(): void {
    this.isForgotten = true;
    this.stopTimers();
    for (const { settled } of this.waiting.splice(0)) settled?.();
    for (const connection of this.connections) connection.end();
  }

  private retry(reason: string): void {
    this.lastReason = reason;
    if (this.isForgotten || this.current !== undefined || this.patienceTimer === undefined) return;
    this.retryTimer = setTimeout(() => {
      this.retryTimer = undefined;
      this.seekConnection();
    }, this.retrySeconds * 1000);
    this.retrySeconds = Math.min(longestRetrySeconds, this.retrySeconds * 1.5);
  }

  private giveUp(): void {
    this.stopTimers();
    for (const { settled } of this.waiting.splice(0)) settled?.();
    this.options.onLost(`unreachable: ${this.lastReason}`);
  }

  private stopTimers(): void {
    clearTimeout(this.retryTimer);
    clearTimeout(this.patienceTimer);
    this.retryTimer = undefined;
    this.patienceTimer = undefined;
  }
}
