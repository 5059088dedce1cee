import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createSecret, formatToken, parseToken } from "../identity/join-token.ts";
import type { NodeCertificate } from "../identity/node-certificate.ts";
import { createNodeSigner } from "../identity/node-signer.ts";
import { createSelfSigned } from "../identity/self-signed-certificate.ts";
import { type Address, parseAddress } from "./address.ts";
import type { Frame } from "./frame.ts";
import { createChallenge, createHello, helloFault, type Introduction } from "./handshake.ts";
import { Mesh } from "./mesh.ts";

const limits = { jsonBytes: 1 << 16, tensorBytes: 1 << 24, framesPerSecond: 1e6, frameSeconds: 2, silenceSeconds: 5 };
const run = { runId: "run", scenarioHash: "hash", secret: createSecret() };
const meshes: Mesh[] = [];
const folders: string[] = [];

afterEach(() => {
  for (const mesh of meshes.splice(0)) mesh.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const until = async (isSo: () => boolean): Promise<void> => {
  for (let wait = 0; wait < 400 && !isSo(); wait++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isSo()).toBe(true);
};

interface Node {
  readonly mesh: Mesh;
  readonly heard: { readonly from: number; readonly frame: Frame }[];
  readonly lost: number[];
  readonly faults: string[];
}

function node(certificate?: NodeCertificate, changes: Partial<typeof run> = {}, admit?: () => number): Node {
  const heard: Node["heard"] = [];
  const lost: number[] = [];
  const faults: string[] = [];
  const mesh: Mesh = new Mesh(
    { ...run, ...changes },
    {
      signer: createNodeSigner(),
      limits,
      connectSeconds: 2,
      patienceSeconds: 1,
      ...(certificate === undefined ? {} : { certificate }),
      handlers: {
        onFrame: (from, frame) => heard.push({ from, frame }),
        onLost: (lostNode) => lost.push(lostNode),
        onFault: (reason) => faults.push(reason),
        ...(admit === undefined
          ? {}
          : {
              onJoin: (hello, fingerprint) => {
                const number = hello.node ?? admit();
                const entry = { node: number, publicKey: hello.publicKey, address: hello.address ?? "" };
                mesh.tellDirectory({
                  entries: [fingerprint === undefined ? entry : { ...entry, fingerprint }],
                  removed: [],
                });
                return {
                  node: number,
                  ...run,
                  secret: undefined,
                  directory: { entries: mesh.entriesNow(), removed: [] },
                };
              },
            }),
      },
    },
  );
  meshes.push(mesh);
  return { mesh, heard, lost, faults };
}

async function coordinatorOf(listen: Address, certificate?: NodeCertificate): Promise<Node & { address: Address }> {
  let next = 1;
  const coordinator = node(certificate, {}, () => next++);
  coordinator.mesh.becomeCoordinator();
  return { ...coordinator, address: await coordinator.mesh.listen(listen) };
}

const introduction = (changes: Partial<Introduction> = {}): Introduction => ({ purpose: "join", ...changes });

async function joinRun(worker: Node, to: Address, listen: string, fingerprint?: string): Promise<number> {
  const address = await worker.mesh.listen(parseAddress(listen));
  const text = address.kind === "unix" ? `unix:${address.path}` : `tcp:${address.host}:${address.port}`;
  const welcome = await worker.mesh.join(
    {
      address: to,
      ...(fingerprint === undefined ? {} : { fingerprint }),
      introduction: () => introduction({ address: text }),
    },
    () => {},
  );
  return welcome.node;
}

const tcp = "tcp:127.0.0.1:0";

function tensorFrame(size: number): Frame {
  const bytes = new Uint8Array(randomBytes(size));
  const digest = createHash("sha256").update(bytes).digest("hex");
  return { type: "message", body: { kind: "activation" }, tensor: { shape: [size], digest }, bytes };
}

describe.each(["tcp", "unix", "tls"])("nodes over %s", (transport) => {
  const listenOf = (name: string): string => {
    if (transport !== "unix") return tcp;
    const folder = mkdtempSync(join(tmpdir(), "mesh-"));
    folders.push(folder);
    return `unix:${join(folder, name)}`;
  };
  const certificateOf = async (): Promise<NodeCertificate | undefined> =>
    transport === "tls" ? await createSelfSigned("node") : undefined;

  it("find one another through the coordinator, and talk both ways over what either opened", async () => {
    const certificate = await certificateOf();
    const coordinator = await coordinatorOf(parseAddress(listenOf("c")), certificate);
    const [a, b] = [node(await certificateOf()), node(await certificateOf())];
    expect(await joinRun(a, coordinator.address, listenOf("a"), certificate?.fingerprint)).toBe(1);
    expect(await joinRun(b, coordinator.address, listenOf("b"), certificate?.fingerprint)).toBe(2);
    const sent = tensorFrame(1_000_000);
    let settled = 0;
    b.mesh.send(1, { frame: sent, settled: () => settled++ });
    await until(() => a.heard.length === 1);
    const [{ from, frame } = { from: -1, frame: sent }] = a.heard;
    expect({ from, tensor: frame.tensor }).toEqual({ from: 2, tensor: sent.tensor });
    expect(Buffer.compare(frame.bytes as Uint8Array, sent.bytes as Uint8Array)).toBe(0);
    a.mesh.send(2, { frame: { type: "message", body: { kind: "receipt" } } });
    coordinator.mesh.send(2, { frame: { type: "message", body: { kind: "pulse" } } });
    await until(() => b.heard.length === 2 && settled === 1);
    expect(b.heard.map((heard) => heard.from).sort()).toEqual([0, 1]);
    expect(b.mesh.traffic.sentTensorBytes).toBe(1_000_000);
    expect(b.mesh.traffic.sentBytes).toBeGreaterThan(1_000_000);
    expect(a.mesh.traffic.receivedBytes).toBeGreaterThan(1_000_000);
    // What only measures the link is no traffic of the run.
    b.mesh.send(1, { frame: { ...tensorFrame(3_000_000), type: "probe" } });
    await until(() => a.heard.length === 2);
    expect(b.mesh.traffic.sentTensorBytes).toBe(1_000_000);
    expect(b.mesh.traffic.sentBytes).toBeLessThan(1_100_000);
    expect(a.mesh.traffic.receivedBytes).toBeLessThan(1_100_000);
  });

  it("are told of a loss, and reach a node that came back", async () => {
    const certificate = await certificateOf();
    const coordinator = await coordinatorOf(parseAddress(listenOf("c")), certificate);
    const [a, b] = [node(await certificateOf()), node(await certificateOf())];
    await joinRun(a, coordinator.address, listenOf("a"), certificate?.fingerprint);
    await joinRun(b, coordinator.address, listenOf("b"), certificate?.fingerprint);
    a.mesh.send(2, { frame: { type: "message", body: { kind: "x" } } });
    await until(() => b.heard.length === 1);
    b.mesh.close();
    await until(() => a.lost.includes(2) && coordinator.lost.includes(2));
    let dropped = 0;
    a.mesh.send(2, { frame: { type: "message", body: { kind: "y" } }, settled: () => dropped++ });
    // Nobody answers for as long as a message waits.
    await until(() => dropped === 1);
    expect(a.lost.filter((lost) => lost === 2)).toHaveLength(2);
  });
});

describe("strangers", () => {
  const join = async (worker: Node, changes: Partial<Introduction> = {}): Promise<string> => {
    const { address } = await coordinatorOf(parseAddress(tcp));
    return worker.mesh
      .join({ address, introduction: () => introduction(changes) }, () => {})
      .then(
        () => "welcome",
        (error: Error) => error.message,
      );
  };

  it("are refused with a reason", async () => {
    expect(await join(node())).toBe("welcome");
    expect(await join(node(undefined, { secret: createSecret() }))).toBe("wrong token");
    expect(await join(node(), { scenarioHash: "other" })).toBe("another scenario: other");
    expect(await join(node(), { runId: "other" })).toBe("another run: other");
    expect(await join(node(), { purpose: "peer", node: 7 })).toBe("unknown node: 7");
  });

  it("do not pass for another node with its number", async () => {
    const coordinator = await coordinatorOf(parseAddress(tcp));
    const a = node();
    await joinRun(a, coordinator.address, tcp);
    const impostor = node();
    const said = impostor.mesh.join(
      { address: coordinator.address, introduction: () => introduction({ purpose: "peer", node: 1 }) },
      () => {},
    );
    await expect(said).rejects.toThrow("unknown node: 1");
  });

  it("of another version are told which", () => {
    const signer = createNodeSigner();
    const socket = new Socket();
    const challenge = createChallenge();
    const hello = createHello(introduction(), challenge, { signer, secret: run.secret, socket });
    expect(helloFault(hello, challenge, { signer, run, socket })).toBeUndefined();
    expect(helloFault({ ...hello, protocol: 2 }, challenge, { signer, run, socket })).toBe(
      "protocol version: 2, ours is 1",
    );
    // A proof is of no use on another connection, nor for another key.
    expect(helloFault(hello, createChallenge(), { signer, run, socket })).toBe("wrong token");
    const { publicKey } = createNodeSigner();
    expect(helloFault({ ...hello, publicKey }, challenge, { signer, run, socket })).toBe("wrong token");
    expect(helloFault({ ...hello, signature: "0".repeat(128) }, challenge, { signer, run, socket })).toBe(
      "wrong signature: not the key's",
    );
  });

  it("are not trusted when their certificate is another one", async () => {
    const certificate = await createSelfSigned("coordinator");
    const coordinator = await coordinatorOf(parseAddress(tcp), certificate);
    const other = await createSelfSigned("coordinator");
    const worker = node(await createSelfSigned("worker"));
    await expect(joinRun(worker, coordinator.address, tcp, other.fingerprint)).rejects.toThrow(/^wrong certificate: /);
  });

  it("that talk nonsense leave the node as it was", async () => {
    const coordinator = await coordinatorOf(parseAddress(tcp));
    const { port } = coordinator.address as { port: number };
    for (let stranger = 0; stranger < 30; stranger++) {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.end(randomBytes(200));
    }
    await until(() => coordinator.faults.length === 30);
    const worker = node();
    expect(await joinRun(worker, coordinator.address, tcp)).toBe(1);
  });

  it("that listen where we want to are named", async () => {
    const { address } = await coordinatorOf(parseAddress(tcp));
    await expect(node().mesh.listen(address)).rejects.toThrow(
      `port in use: tcp:127.0.0.1:${(address as { port: number }).port}`,
    );
  });
});

describe("a join token", () => {
  it("is read as it was written, and not otherwise", () => {
    const token = { fingerprint: createSecret(), secret: createSecret() };
    const text = formatToken(token);
    expect(parseToken(` ${text}\n`)).toEqual(token);
    expect(() => parseToken(text.slice(0, -4))).toThrow(/^invalid join token: /);
    expect(() => parseToken(text.replace("sl1", "sl2"))).toThrow(/^invalid join token: /);
  });
});
