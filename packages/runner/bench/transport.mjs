// What it costs to say something: frames over Unix sockets, TCP and TLS, and an update of the protocol with nothing to compute.
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecret } from "../dist/identity/join-token.js";
import { createNodeSigner } from "../dist/identity/node-signer.js";
import { createSelfSigned } from "../dist/identity/self-signed-certificate.js";
import { parseAddress } from "../dist/transport/address.js";
import { Mesh } from "../dist/transport/mesh.js";

const limits = { jsonBytes: 1 << 20, tensorBytes: 2 ** 31, framesPerSecond: 1e9, frameSeconds: 30, silenceSeconds: 60 };
const run = { runId: "bench", scenarioHash: "bench", secret: createSecret() };
const folder = mkdtempSync(join(tmpdir(), "bench-"));

function node(certificate, onFrame, onJoin) {
  return new Mesh(run, {
    signer: createNodeSigner(),
    limits,
    connectSeconds: 10,
    patienceSeconds: 10,
    ...(certificate === undefined ? {} : { certificate }),
    handlers: { onFrame, onLost: () => {}, ...(onJoin === undefined ? {} : { onJoin }) },
  });
}

/** A coordinator that answers what it is asked, and a worker. */
async function pair(listen, isTls) {
  const certificate = isTls ? await createSelfSigned("bench") : undefined;
  const heard = { frames: 0, wake: () => {} };
  const coordinator = node(
    certificate,
    (from, frame) => {
      if (frame.body === "echo") coordinator.send(from, { frame: { type: "message", body: "answer" } });
    },
    ({ publicKey, address = "" }, fingerprint) => {
      const entry = { node: 1, publicKey, address, ...(fingerprint === undefined ? {} : { fingerprint }) };
      coordinator.tellDirectory({ entries: [entry], removed: [] });
      return { node: 1, runId: run.runId, scenarioHash: run.scenarioHash };
    },
  );
  coordinator.becomeCoordinator();
  const address = await coordinator.listen(parseAddress(listen));
  const worker = node(isTls ? await createSelfSigned("bench") : undefined, () => {
    heard.frames++;
    heard.wake();
  });
  await worker.join(
    { address, ...(isTls ? { fingerprint: certificate.fingerprint } : {}), introduction: () => ({ purpose: "join" }) },
    () => {},
  );
  const close = () => {
    worker.close();
    coordinator.close();
  };
  return { worker, heard, close };
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

async function measure(name, listen, isTls) {
  const { worker, heard, close } = await pair(listen, isTls);
  const answer = () =>
    new Promise((resolve) => {
      heard.wake = resolve;
    });
  const trips = [];
  for (let trip = 0; trip < 2000; trip++) {
    const began = performance.now();
    worker.send(0, { frame: { type: "message", body: "echo" } });
    await answer();
    trips.push((performance.now() - began) * 1000);
  }
  const bytes = new Uint8Array(randomBytes(4 << 20));
  const tensor = { shape: [bytes.length], digest: createHash("sha256").update(bytes).digest("hex") };
  const rates = [];
  for (let round = 0; round < 7; round++) {
    const began = performance.now();
    for (let frame = 0; frame < 16; frame++)
      worker.send(0, { frame: { type: "message", body: "take", tensor, bytes } });
    worker.send(0, { frame: { type: "message", body: "echo" } });
    await answer();
    rates.push((16 * bytes.length) / 1e6 / ((performance.now() - began) / 1000));
  }
  close();
  const trip = median(trips.slice(200));
  console.log(
    `${name.padEnd(14)} round trip ${trip.toFixed(0).padStart(4)} us   tensors ${median(rates).toFixed(0).padStart(5)} MB/s`,
  );
}

console.log("both ends in one process; each tensor is hashed by its receiver");
await measure("Unix socket", `unix:${join(folder, "socket")}`, false);
await measure("TCP", "tcp:127.0.0.1:0", false);
await measure("mutual TLS", "tcp:127.0.0.1:0", true);
rmSync(folder, { recursive: true, force: true });

const { hashed, toyUpdates } = await import("./toy-updates.mjs");
console.log(`SHA-256        ${hashed().toFixed(0)} MB/s`);
for (const [stages, replicas, microbatches] of [
  [1, 1, 1],
  [4, 1, 8],
  [4, 2, 8],
]) {
  const milliseconds = await toyUpdates({ stages, replicas, microbatches });
  console.log(
    `${stages} x ${replicas} workers, ${microbatches} microbatches: ${milliseconds.toFixed(1)} ms an update with nothing to compute`,
  );
}
