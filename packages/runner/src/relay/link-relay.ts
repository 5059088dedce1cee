/**
 * A worker's access link in user space. Everything the worker says and hears goes through here: its own connections come
 * in at one address with a line that says where they are to go, those of others at another one. All share one uplink
 * and one downlink. Between two workers bytes pass both relays, as they pass both access links of a real path.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import {
  type Address,
  connectOptions,
  describeSocketError,
  formatAddress,
  parseAddress,
} from "../transport/address.ts";
import { removeStaleSocket } from "../transport/stale-socket.ts";
import { LinkShaper } from "./link-shaper.ts";
import type { LinkLimits } from "./relay-link.ts";
import { RelayPipe } from "./relay-pipe.ts";

const longestTarget = 1024;
const targetMilliseconds = 10_000;
const socketBytes = 2 ** 18;

export interface LinkRelayOptions {
  readonly limits: LinkLimits;
  readonly outbound: Address;
  readonly inbound: Address;
  /** Where the worker listens. */
  readonly target: Address;
  readonly random?: () => number;
}

export class LinkRelay {
  private readonly options: LinkRelayOptions;
  private readonly uplink: LinkShaper;
  private readonly downlink: LinkShaper;
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();

  constructor(options: LinkRelayOptions) {
    this.options = options;
    const { latencySeconds, jitterSeconds, lossShare, uplinkBytesPerSecond, downlinkBytesPerSecond } = options.limits;
    const shared = { latencySeconds, jitterSeconds, lossShare, random: options.random ?? Math.random };
    this.uplink = new LinkShaper({ ...shared, bytesPerSecond: uplinkBytesPerSecond });
    this.downlink = new LinkShaper({ ...shared, bytesPerSecond: downlinkBytesPerSecond });
  }

  /** Starts to listen. @throws Error `port in use: ...` and the like. */
  async open(): Promise<{ readonly outbound: Address; readonly inbound: Address }> {
    const outbound = await this.listen(this.options.outbound, (socket) => this.fromWorker(socket));
    const inbound = await this.listen(this.options.inbound, (socket) => {
      const worker = this.dial(this.options.target);
      this.join(worker, socket);
    });
    return { outbound, inbound };
  }

  close(): void {
    for (const server of this.servers) server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  /** Reads the line that says where to, and connects. */
  private fromWorker(socket: Socket): void {
    let text = Buffer.alloc(0);
    const timer = setTimeout(() => socket.destroy(), targetMilliseconds);
    this.track(socket);
    const read = (chunk: Buffer): void => {
      text = Buffer.concat([text, chunk]);
      const end = text.indexOf(10);
      if (end < 0 && text.length <= longestTarget) return;
      clearTimeout(timer);
      socket.off("data", read);
      socket.pause();
      try {
        const other = this.dial(parseAddress(text.toString("utf8", 0, Math.max(0, end))));
        if (text.length > end + 1) socket.unshift(text.subarray(end + 1));
        this.join(socket, other);
      } catch {
        socket.destroy();
      }
    };
    socket.on("data", read);
    socket.once("close", () => clearTimeout(timer));
  }

  private dial(address: Address): Socket {
    const options = { ...connectOptions(address), allowHalfOpen: true, highWaterMark: socketBytes };
    return connect(options);
  }

  /** What the worker says takes the uplink, what it hears the downlink. */
  private join(worker: Socket, other: Socket): void {
    this.track(worker);
    this.track(other);
    const pipes = [new RelayPipe(worker, other, this.uplink), new RelayPipe(other, worker, this.downlink)];
    const end = (): void => {
      for (const pipe of pipes) pipe.stop();
      worker.destroy();
      other.destroy();
    };
    for (const socket of [worker, other]) {
      socket.on("error", end);
      socket.on("close", end);
    }
    worker.resume();
    other.resume();
  }

  private track(socket: Socket): void {
    if (this.sockets.has(socket)) return;
    this.sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.sockets.delete(socket));
  }

  private listen(address: Address, onConnection: (socket: Socket) => void): Promise<Address> {
    const server = createServer({ allowHalfOpen: true, highWaterMark: socketBytes }, onConnection);
    this.servers.push(server);
    if (address.kind === "unix") removeStaleSocket(address.path);
    return new Promise((resolve, reject) => {
      server.once("error", (error) => reject(new Error(describeSocketError(error, address))));
      server.listen(
        address.kind === "unix" ? { path: address.path } : { host: address.host, port: address.port },
        () => {
          const bound = server.address();
          const isBound = address.kind === "tcp" && typeof bound === "object" && bound !== null;
          resolve(isBound ? { ...address, port: bound.port } : address);
        },
      );
    });
  }
}

/** The addresses as text, for messages between processes. */
export const formatRelay = (addresses: { readonly outbound: Address; readonly inbound: Address }) => ({
  outbound: formatAddress(addresses.outbound),
  inbound: formatAddress(addresses.inbound),
});
