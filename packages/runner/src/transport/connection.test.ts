import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Connection, type ConnectionLimits } from "./connection.ts";
import { encodeHead, type Frame } from "./frame.ts";

const limits: ConnectionLimits = {
  jsonBytes: 4096,
  tensorBytes: 1 << 26,
  framesPerSecond: 1e6,
  frameSeconds: 0.3,
  silenceSeconds: 5,
};
const servers: Server[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

interface Pair {
  readonly raw: Socket;
  readonly connection: Connection;
  readonly frames: Frame[];
  readonly closed: Promise<string>;
}

/** A plain socket, and the connection at its other end. */
function pair(changes: Partial<ConnectionLimits> = {}): Promise<Pair> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      const frames: Frame[] = [];
      const closed = new Promise<string>((onClose) => {
        const connection = new Connection(
          socket,
          { ...limits, ...changes },
          { onFrame: (frame) => frames.push(frame), onClose },
        );
        setImmediate(() => resolve({ raw, connection, frames, closed }));
      });
    });
    let raw: Socket;
    servers.push(server);
    server.listen(0, "127.0.0.1", () => {
      raw = connect((server.address() as { port: number }).port, "127.0.0.1");
      raw.on("error", () => {});
      sockets.push(raw);
    });
  });
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("a connection", () => {
  it("closes on a frame that does not come to its end, however steadily its bytes come", async () => {
    const { raw, closed } = await pair();
    const wire = encodeHead({ type: "message", body: { text: "x".repeat(500) } });
    const drip = setInterval(() => raw.write(wire.subarray(0, 1)), 20);
    raw.write(wire.subarray(0, 30));
    const reason = await closed;
    clearInterval(drip);
    expect(reason).toBe("slow frame: not whole after 0.3 s");
  });

  it("says why before it closes", async () => {
    const { raw, closed } = await pair();
    const heard: Buffer[] = [];
    raw.on("data", (chunk) => heard.push(chunk));
    raw.write("rubbish that is no frame at all");
    expect(await closed).toBe("not a frame: begins with 72756262");
    await pause(50);
    expect(Buffer.concat(heard).toString()).toContain('"reason":"not a frame: begins with 72756262"');
  });

  it("takes a silent peer for lost, and is itself heard of", async () => {
    const { raw, closed } = await pair({ silenceSeconds: 0.4, frameSeconds: 0.1 });
    let pings = 0;
    raw.on("data", (chunk) => {
      pings += chunk.toString("latin1").split("SLAB").length - 1;
    });
    expect(await closed).toBe("silent for 0.4 s");
    expect(pings).toBeGreaterThanOrEqual(2);
  });

  it("slows a peer down that says too much, and loses nothing", async () => {
    const { raw, frames, connection } = await pair({ framesPerSecond: 400 });
    const began = performance.now();
    const one = encodeHead({ type: "message", body: 1 });
    raw.write(Buffer.concat(Array.from({ length: 600 }, () => one)));
    while (frames.length < 600) await pause(10);
    // 400 at once, the others at 400 a second; those of one chunk are taken together.
    raw.write(one);
    while (frames.length < 601) await pause(5);
    expect((performance.now() - began) / 1000).toBeGreaterThan(0.45);
    expect(connection.isClosed).toBe(false);
  });

  it("keeps what a slow reader cannot take, and gives it back when the link is lost", async () => {
    const { raw, connection, closed } = await pair();
    raw.pause();
    let settled = 0;
    const bytes = new Uint8Array(1 << 20);
    for (let frame = 0; frame < 40; frame++)
      connection.send({ frame: { type: "message", body: frame, bytes }, settled: () => settled++ });
    await pause(100);
    expect(connection.socket.writableLength).toBeLessThan(3 << 20);
    raw.destroy();
    await closed;
    await pause(20);
    // With nobody to take them back, all are settled, once each.
    expect(settled).toBe(40);
  });

  it("keeps no answers for a peer that asks and does not read", async () => {
    const { raw, connection } = await pair({ jsonBytes: 1 << 20 });
    raw.pause();
    const ping = encodeHead({ type: "ping", body: "x".repeat(100_000) });
    for (let round = 0; round < 200; round++) {
      if (!raw.write(ping)) await new Promise((resolve) => raw.once("drain", resolve));
    }
    await pause(50);
    expect(connection.socket.bytesRead).toBe(200 * ping.length);
    expect(connection.isClosed).toBe(false);
    expect(connection.socket.writableLength).toBeLessThan(ping.length);
    expect(connection.takeUnsent()).toEqual([]);
  });

  it("is closed where too much waits for a peer that does not read", async () => {
    const { raw, connection, closed } = await pair();
    raw.pause();
    const bytes = new Uint8Array(1 << 22);
    connection.send({ frame: { type: "message", body: 0, bytes } });
    connection.send({ frame: { type: "message", body: 0, bytes } });
    let settled = 0;
    for (let frame = 0; frame < 70_000; frame++)
      connection.send({ frame: { type: "message", body: frame }, settled: () => settled++ });
    expect(await closed).toBe("does not read: 65536 frames wait");
    await pause(20);
    expect(settled).toBe(70_000);
  });
});
