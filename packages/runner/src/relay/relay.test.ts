import { connect, createServer, type Server, type Socket } from "node:net";
import { createStreams } from "@shardlab/random";
import { afterEach, describe, expect, it } from "vitest";
import type { Address } from "../transport/address.ts";
import { LinkRelay } from "./link-relay.ts";
import { LinkShaper } from "./link-shaper.ts";
import type { LinkLimits } from "./relay-link.ts";

const megabit = 1e6 / 8;
const limits: LinkLimits = {
  uplinkBytesPerSecond: 80 * megabit,
  downlinkBytesPerSecond: 80 * megabit,
  latencySeconds: 0.02,
  jitterSeconds: 0,
  lossShare: 0,
};

describe("a line", () => {
  const shaper = (changes: Partial<ConstructorParameters<typeof LinkShaper>[0]>): LinkShaper => {
    const stream = createStreams(3).stream("line");
    return new LinkShaper({
      bytesPerSecond: 1e6,
      latencySeconds: 0.02,
      jitterSeconds: 0,
      lossShare: 0,
      random: () => stream.uniform(),
      ...changes,
    });
  };

  it("serves bytes one after the other, then delays them", () => {
    const line = shaper({});
    expect(line.pass(10_000, 5)).toBeCloseTo(5.03, 12);
    expect(line.pass(10_000, 5)).toBeCloseTo(5.04, 12);
    expect(line.backlogSeconds(5.005)).toBeCloseTo(0.015, 12);
    expect(line.pass(1000, 6)).toBeCloseTo(6.021, 12);
  });

  it("has jitter of the mean that was asked for", () => {
    const line = shaper({ jitterSeconds: 0.005, bytesPerSecond: Number.POSITIVE_INFINITY });
    let sum = 0;
    const draws = 20_000;
    for (let draw = 0; draw < draws; draw++) sum += line.pass(100, 0) - 0.02;
    // An exponential's deviation is its mean.
    expect(Math.abs(sum / draws - 0.005)).toBeLessThan((4 * 0.005) / Math.sqrt(draws));
  });

  it("sends again what is lost, which may be lost again", () => {
    const line = shaper({ lossShare: 0.1 });
    const segments = 50_000;
    for (let segment = 0; segment < segments; segment++) line.pass(1460, 0);
    // A segment takes a geometric number of passages, of mean 1 / (1 - p) and variance p / (1 - p)^2.
    const passages = line.backlogSeconds(0) / (1460 / 1e6);
    const deviation = Math.sqrt((segments * 0.1) / 0.81);
    expect(Math.abs(passages - segments / 0.9)).toBeLessThan(4 * deviation);
  });
});

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Answers a byte for each that begins with `p`, and counts the others. */
function sink(): Promise<{ address: Address; received: () => number; sockets: Set<Socket> }> {
  let received = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => {
      received += chunk.length;
      if (chunk[0] === 112) socket.write("p");
    });
  });
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      resolve({ address: { kind: "tcp", host: "127.0.0.1", port }, received: () => received, sockets });
    });
  });
}

const loopback: Address = { kind: "tcp", host: "127.0.0.1", port: 0 };

async function relay(target: Address, changes: Partial<LinkLimits> = {}) {
  const link = new LinkRelay({ limits: { ...limits, ...changes }, outbound: loopback, inbound: loopback, target });
  closers.push(() => link.close());
  return link.open();
}

/** A connection through a relay's outbound side. */
function through(outbound: Address, to: Address): Socket {
  const socket = connect(outbound as { port: number; host: string });
  socket.on("error", () => {});
  closers.push(() => socket.destroy());
  const { host, port } = to as { host: string; port: number };
  socket.write(`tcp:${host}:${port}\n`);
  return socket;
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function roundTrip(socket: Socket): Promise<number> {
  const began = performance.now();
  socket.write("p");
  await new Promise((resolve) => socket.once("data", resolve));
  return (performance.now() - began) / 1000;
}

/** Bytes per second over the time in which `bytes` arrive. */
async function throughput(sockets: readonly Socket[], bytes: number, received: () => number): Promise<number> {
  const before = received();
  const began = performance.now();
  for (const socket of sockets) socket.write(Buffer.alloc(bytes / sockets.length));
  while (received() - before < bytes) await pause(2);
  return bytes / ((performance.now() - began) / 1000);
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] as number;

// Timers of a busy machine are late.
describe("a relay", { retry: 2 }, () => {
  it("gives 80 Mbit/s and 20 ms each way: within 10 % and 8 ms", async () => {
    const { address, received } = await sink();
    const { outbound } = await relay(address);
    const socket = through(outbound, address);
    const trips: number[] = [];
    for (let trip = 0; trip < 9; trip++) trips.push(await roundTrip(socket));
    expect(median(trips)).toBeGreaterThan(0.039);
    expect(median(trips)).toBeLessThan(0.048);
    const bytes = 4e6;
    // The last byte comes a latency after it left.
    const seconds = bytes / (await throughput([socket], bytes, received)) - 0.02;
    expect(bytes / seconds / megabit).toBeGreaterThan(72);
    expect(bytes / seconds / megabit).toBeLessThan(88);
  });

  it("shares one uplink among a worker's connections", async () => {
    const { address, received } = await sink();
    const { outbound } = await relay(address, { latencySeconds: 0 });
    const sockets = [through(outbound, address), through(outbound, address), through(outbound, address)];
    await pause(50);
    const rate = (await throughput(sockets, 3e6, received)) / megabit;
    expect(rate).toBeGreaterThan(70);
    expect(rate).toBeLessThan(84);
  });

  it("is passed twice between two workers, each link with its own latency and rate", async () => {
    const { address, received } = await sink();
    const receiver = await relay(address, { latencySeconds: 0.03, downlinkBytesPerSecond: 40 * megabit });
    const sender = await relay(address, { latencySeconds: 0.01 });
    const socket = through(sender.outbound, receiver.inbound);
    await pause(50);
    const trips: number[] = [];
    for (let trip = 0; trip < 5; trip++) trips.push(await roundTrip(socket));
    expect(median(trips)).toBeGreaterThan(0.079);
    expect(median(trips)).toBeLessThan(0.096);
    const rate = (await throughput([socket], 2e6, received)) / megabit;
    expect(rate).toBeGreaterThan(33);
    expect(rate).toBeLessThan(42);
  });

  it("passes a loss on", async () => {
    const { address, sockets } = await sink();
    const { outbound } = await relay(address);
    const socket = through(outbound, address);
    await roundTrip(socket);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    for (const other of sockets) other.destroy();
    await closed;
    expect(socket.destroyed).toBe(true);
  });

  it("keeps a sender to what a slow reader takes", async () => {
    const { address, sockets } = await sink();
    const { outbound } = await relay(address, { uplinkBytesPerSecond: 1e9, latencySeconds: 0 });
    const socket = through(outbound, address);
    await roundTrip(socket);
    for (const other of sockets) other.pause();
    const bytes = 40e6;
    socket.write(Buffer.alloc(bytes));
    await pause(300);
    expect(socket.writableLength).toBeGreaterThan(bytes / 2);
  });
});
