/** A node among others: listens, dials whom it has something to say to, and knows who is who. */
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Signer } from "@shardlab/contracts";
import type { NodeCertificate } from "../identity/node-certificate.ts";
import { type Address, describeSocketError, formatAddress, parseAddress } from "./address.ts";
import { Connection, type ConnectionLimits, type Outgoing } from "./connection.ts";
import { dial, tlsVersion } from "./dial.ts";
import { type Frame, FrameError } from "./frame.ts";
import {
  type Challenge,
  challengeSpec,
  createChallenge,
  createHello,
  type DirectoryChange,
  type DirectoryEntry,
  directorySpec,
  type Hello,
  helloFault,
  helloSpec,
  type Introduction,
  peerFingerprint,
  type RunIdentity,
  readBody,
  refusalSpec,
  type Welcome,
  welcomeSpec,
} from "./handshake.ts";
import { Peer } from "./peer.ts";
import { removeStaleSocket } from "./stale-socket.ts";

/** What a stranger may say before it is known. */
const strangerLimits = { jsonBytes: 16_384, tensorBytes: 0, framesPerSecond: 100 } as const;
const maximumStrangers = 256;
const coordinator = 0;

/** A node refused us, for a reason that trying again does not change. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
}

export interface MeshHandlers {
  /** A frame of a known node. A FrameError thrown here closes the connection. */
  onFrame(from: number, frame: Frame): void;
  onLost(node: number, reason: string): void;
  /** A worker wants to join, or to come back. Only a coordinator has this. */
  onJoin?(
    hello: Hello,
    fingerprint: string | undefined,
    remoteHost: string | undefined,
  ): Welcome | { readonly refused: string };
  /** Nodes came or went, as the coordinator tells. */
  onDirectory?(change: DirectoryChange): void;
  /** A connection was refused or cut because of what came over it. */
  onFault?(reason: string, node: number | undefined): void;
}

export interface MeshOptions {
  readonly signer: Signer;
  readonly limits: ConnectionLimits;
  readonly connectSeconds: number;
  /** How long what is said to a node waits for a connection to it. */
  readonly patienceSeconds: number;
  readonly certificate?: NodeCertificate;
  /** The relay that this node's own connections go through. */
  readonly through?: Address;
  readonly handlers: MeshHandlers;
}

/** @property fingerprint of the coordinator's certificate; without it the link is plain. */
export interface JoinTarget {
  readonly address: Address;
  readonly fingerprint?: string;
  readonly introduction: () => Introduction;
}

export class Mesh {
  private readonly options: MeshOptions;
  private run: RunIdentity;
  private node: number | undefined;
  private server: Server | undefined;
  private readonly peers = new Map<number, Peer>();
  private readonly directory = new Map<number, DirectoryEntry>();
  private readonly open = new Set<Connection>();
  private strangers = 0;
  private closedTotals = { sentBytes: 0, receivedBytes: 0, sentTensorBytes: 0 };
  private isClosing = false;

  constructor(run: RunIdentity, options: MeshOptions) {
    this.run = run;
    this.options = options;
  }

  /** Bytes over all connections so far. */
  get traffic(): { sentBytes: number; receivedBytes: number; sentTensorBytes: number } {
    const total = { ...this.closedTotals };
    for (const connection of this.open) addTraffic(total, connection);
    return total;
  }

  get connectionCount(): number {
    return this.open.size;
  }

  /** Takes the coordinator's number: this node is the one that others join. */
  becomeCoordinator(): void {
    this.node = coordinator;
  }

  /** @throws Error `port in use: ...` and the like. */
  async listen(address: Address): Promise<Address> {
    if (address.kind === "unix") removeStaleSocket(address.path);
    const { certificate } = this.options;
    const server =
      certificate === undefined
        ? createServer({ noDelay: true }, (socket) => this.accept(socket))
        : createTlsServer(
            {
              cert: certificate.certificatePem,
              key: certificate.privateKeyPem,
              requestCert: true,
              rejectUnauthorized: false,
              handshakeTimeout: this.options.connectSeconds * 1000,
              ...tlsVersion,
            },
            (socket) => this.accept(socket.setNoDelay(true)),
          );
    // Strangers that do not speak TLS.
    server.on("tlsClientError", (error: Error) => this.fault(`no TLS: ${error.message}`));
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => reject(new Error(describeSocketError(error, address))));
      server.listen(address.kind === "unix" ? { path: address.path } : { host: address.host, port: address.port }, () =>
        resolve(),
      );
    });
    server.on("error", (error) => this.fault(error.message));
    if (address.kind === "unix") return address;
    const bound = server.address();
    return { ...address, port: typeof bound === "object" && bound !== null ? bound.port : address.port };
  }

  /** Joins a run, and comes back to it whenever the link to the coordinator is lost. Answers the first welcome. */
  async join(target: JoinTarget, onWelcome: (welcome: Welcome) => void): Promise<Welcome> {
    const connectOnce = async (): Promise<{ connection: Connection; welcome: Welcome }> => {
      const socket = await this.dialNode(target.address, target.fingerprint);
      return this.introduce(socket, coordinator, target.introduction());
    };
    const first = await connectOnce();
    this.node = first.welcome.node;
    this.run = { ...this.run, runId: first.welcome.runId, scenarioHash: first.welcome.scenarioHash };
    this.learn(first.welcome.directory);
    const connect = async (): Promise<Connection> => {
      const { connection, welcome } = await connectOnce();
      this.learn(welcome.directory);
      onWelcome(welcome);
      return connection;
    };
    this.peers.set(coordinator, this.createPeer(coordinator, connect));
    this.adopt(coordinator, first.connection);
    return first.welcome;
  }

  /** Comes back to the coordinator after the link to it was lost. */
  rejoin(): void {
    this.peers.get(coordinator)?.seekConnection();
  }

  send(to: number, outgoing: Outgoing): void {
    const peer = this.peerOf(to);
    if (peer === undefined) outgoing.settled?.();
    else peer.send(outgoing);
  }

  /** Tells all nodes who came and who went. */
  tellDirectory(change: DirectoryChange): void {
    this.learn(change);
    for (const peer of this.peers.values()) {
      if (peer.isConnected) peer.send({ frame: { type: "directory", body: change } });
    }
  }

  entriesNow(): DirectoryEntry[] {
    return [...this.directory.values()];
  }

  /** Lets what was said leave, and closes. */
  close(): void {
    this.isClosing = true;
    this.server?.close();
    for (const peer of this.peers.values()) peer.forget();
  }

  private peerOf(node: number): Peer | undefined {
    const found = this.peers.get(node);
    if (found !== undefined) return found;
    const entry = this.directory.get(node);
    if (entry === undefined || node === this.node || this.isClosing) return undefined;
    // A coordinator is come to; it does not know where a worker behind a relay could be dialled from outside.
    const connect = this.node === coordinator ? undefined : () => this.connectPeer(entry);
    const peer = this.createPeer(node, connect);
    this.peers.set(node, peer);
    return peer;
  }

  private createPeer(node: number, connect?: () => Promise<Connection>): Peer {
    const { patienceSeconds, handlers } = this.options;
    return new Peer({
      node,
      ...(connect === undefined ? {} : { connect }),
      patienceSeconds,
      onLost: (reason) => {
        if (!this.isClosing) handlers.onLost(node, reason);
      },
    });
  }

  private adopt(node: number, connection: Connection): void {
    const peer = this.peerOf(node);
    if (peer === undefined) connection.close("unknown node");
    else peer.adopt(connection);
  }

  private async connectPeer(entry: DirectoryEntry): Promise<Connection> {
    const socket = await this.dialNode(parseAddress(entry.address), entry.fingerprint);
    const { runId, scenarioHash } = this.run;
    const introduction: Introduction = { purpose: "peer", runId, scenarioHash, node: this.node as number };
    return (await this.introduce(socket, entry.node, introduction)).connection;
  }

  private dialNode(address: Address, fingerprint: string | undefined): Promise<Socket> {
    const { certificate, through, connectSeconds } = this.options;
    if (fingerprint !== undefined && certificate === undefined)
      throw new Error(`no certificate: ${formatAddress(address)} wants one`);
    return dial({
      address,
      timeoutSeconds: connectSeconds,
      ...(through === undefined ? {} : { through }),
      ...(fingerprint === undefined || certificate === undefined ? {} : { tls: { certificate, fingerprint } }),
    });
  }

  /** The dialling side of a handshake. */
  private introduce(
    socket: Socket,
    node: number,
    introduction: Introduction,
  ): Promise<{ connection: Connection; welcome: Welcome }> {
    const { signer, connectSeconds, limits } = this.options;
    return new Promise((resolve, reject) => {
      let isKnown = false;
      const connection = this.track(socket, limits, {
        onFrame: (frame) => {
          if (isKnown) return this.deliver(node, frame);
          if (frame.type === "challenge") {
            const challenge = readBody(challengeSpec, frame.body, "challenge");
            const hello = createHello(introduction, challenge, { signer, secret: this.run.secret, socket });
            return connection.send({ frame: { type: "hello", body: hello } });
          }
          if (frame.type === "refuse")
            return reject(new RefusedError(readBody(refusalSpec, frame.body, "refusal").reason));
          if (frame.type !== "welcome") throw new FrameError(`unexpected frame: ${frame.type} before a welcome`);
          isKnown = true;
          clearTimeout(timer);
          resolve({ connection, welcome: readBody(welcomeSpec, frame.body, "welcome") });
        },
        onClose: (reason) => {
          clearTimeout(timer);
          if (isKnown) this.peers.get(node)?.lost(connection, reason);
          else reject(new Error(`connection closed: ${reason}`));
        },
      });
      const timer = setTimeout(() => connection.close("no welcome in time"), connectSeconds * 1000);
    });
  }

  /** The listening side. */
  private accept(socket: Socket): void {
    if (this.isClosing || this.strangers >= maximumStrangers) {
      socket.destroy();
      return;
    }
    this.strangers++;
    const { limits, connectSeconds } = this.options;
    const challenge = createChallenge();
    let node: number | undefined;
    const connection = this.track(
      socket,
      { ...strangerLimits, frameSeconds: connectSeconds, silenceSeconds: limits.silenceSeconds },
      {
        onFrame: (frame) => {
          if (node !== undefined) return this.deliver(node, frame);
          if (frame.type !== "hello") throw new FrameError(`unexpected frame: ${frame.type} before a hello`);
          const welcome = this.answer(readBody(helloSpec, frame.body, "hello"), challenge, socket);
          if ("refused" in welcome) throw new FrameError(welcome.refused);
          node = welcome.known;
          this.strangers--;
          clearTimeout(timer);
          connection.raiseLimits(limits);
          if (node !== this.node && this.node === coordinator) this.peers.get(node)?.dropConnections("came back");
          connection.send({ frame: { type: "welcome", body: welcome.welcome } });
          this.adopt(node, connection);
        },
        onClose: (reason) => {
          clearTimeout(timer);
          if (node === undefined) this.strangers--;
          else this.peers.get(node)?.lost(connection, reason);
        },
      },
    );
    const timer = setTimeout(() => connection.refuse("no hello in time"), connectSeconds * 1000);
    connection.send({ frame: { type: "challenge", body: challenge } });
  }

  /** Whom a hello is from, and what to say to it. */
  private answer(
    hello: Hello,
    challenge: Challenge,
    socket: Socket,
  ): { readonly known: number; readonly welcome: Welcome } | { readonly refused: string } {
    const { signer, handlers } = this.options;
    const fault = helloFault(hello, challenge, { signer, run: this.run, socket });
    if (fault !== undefined) return { refused: fault };
    const fingerprint = peerFingerprint(socket);
    if (hello.purpose === "join") {
      const welcome = handlers.onJoin?.(hello, fingerprint, socket.remoteAddress) ?? { refused: "not a coordinator" };
      return "refused" in welcome ? welcome : { known: welcome.node, welcome };
    }
    const entry = this.directory.get(hello.node ?? -1);
    const isSame = entry?.publicKey === hello.publicKey && entry.fingerprint === fingerprint;
    if (entry === undefined || !isSame) return { refused: `unknown node: ${hello.node}` };
    const { runId, scenarioHash } = this.run;
    return { known: entry.node, welcome: { node: entry.node, runId, scenarioHash } };
  }

  private deliver(from: number, frame: Frame): void {
    if (frame.type === "pong") return;
    if (frame.type === "refuse") {
      this.fault(readBody(refusalSpec, frame.body, "refusal").reason, from);
      return;
    }
    if (frame.type === "directory") {
      if (from !== coordinator) throw new FrameError(`unexpected frame: directory from node ${from}`);
      this.learn(readBody(directorySpec, frame.body, "directory"));
      return;
    }
    this.options.handlers.onFrame(from, frame);
  }

  private learn(change: DirectoryChange | undefined): void {
    if (change === undefined) return;
    for (const entry of change.entries) this.directory.set(entry.node, entry);
    for (const node of change.removed) {
      this.directory.delete(node);
      this.peers.get(node)?.forget();
      this.peers.delete(node);
    }
    this.options.handlers.onDirectory?.(change);
  }

  private track(
    socket: Socket,
    limits: ConnectionLimits,
    handlers: { onFrame(frame: Frame): void; onClose(reason: string): void },
  ): Connection {
    const connection = new Connection(socket, limits, {
      onFrame: (frame) => handlers.onFrame(frame),
      onClose: (reason) => {
        this.open.delete(connection);
        addTraffic(this.closedTotals, connection);
        handlers.onClose(reason);
      },
      onFault: (reason) => this.fault(reason),
    });
    this.open.add(connection);
    return connection;
  }

  private fault(reason: string, node?: number): void {
    this.options.handlers.onFault?.(reason, node);
  }
}

function addTraffic(
  total: { sentBytes: number; receivedBytes: number; sentTensorBytes: number },
  connection: Connection,
): void {
  total.sentBytes += connection.sentBytes;
  total.receivedBytes += connection.receivedBytes;
  total.sentTensorBytes += connection.sentTensorBytes;
}
