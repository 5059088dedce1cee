import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Message } from "@shardlab/contracts";
import { faultToleranceSpec, linkSpec, messageSpec, parallelismSpec } from "@shardlab/protocol";
import { createStreams, type RandomStream } from "@shardlab/random";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { machineSeconds } from "../host/run-clock.ts";
import { createSecret } from "../identity/join-token.ts";
import { createNodeSigner } from "../identity/node-signer.ts";
import { hardwareSpec } from "../spec.ts";
import { linkSettings } from "../supervise/configurations.ts";
import { parseAddress } from "../transport/address.ts";
import { Mesh } from "../transport/mesh.ts";
import { runCoordinator } from "./coordinator-host.ts";
import type { FromProcess } from "./process-messages.ts";
import type { Running } from "./supervised.ts";

const run = { runId: "run", scenarioHash: "hash", secret: createSecret() };
const folders: string[] = [];
const running: Running[] = [];
afterEach(async () => {
  for (const process of running.splice(0)) await process.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A coordinator in this process, whose errors would be this test's. */
async function coordinator(): Promise<{ said: FromProcess[]; address: string; notices: () => string[] }> {
  const folder = mkdtempSync(join(tmpdir(), "hostile-"));
  folders.push(folder);
  const said: FromProcess[] = [];
  const parallelism = parallelismSpec.parse({ stages: 1, replicas: 2, microbatches: 2 });
  const faultTolerance = faultToleranceSpec.parse({ gather: "0 s", heartbeat: "50 ms", timeout: "500 ms" });
  const settings = { run: "run", updates: 1e6, parallelism, faultTolerance };
  const started = await runCoordinator(
    {
      kind: "configure-coordinator",
      run,
      settings: {
        coordinator: { ...settings, gradientsAreLossless: true, checkpointsAreShared: true },
        worker: { faultTolerance },
      },
      listen: `unix:${join(folder, "socket")}`,
      originSeconds: machineSeconds(),
      journal: join(folder, "journal"),
      records: join(folder, "records"),
      signerKeyPem: createNodeSigner().privateKeyPem,
      slots: [0, 1].map(() => ({ group: "g", link: linkSpec.parse({}), isJoining: true })),
      compute: {},
      links: linkSettings(hardwareSpec.parse({})),
    },
    { say: (message) => said.push(message) },
  );
  running.push(started);
  return {
    said,
    address: `unix:${join(folder, "socket")}`,
    notices: () => said.flatMap((message) => (message.kind === "notice" ? [message.text] : [])),
  };
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A worker that may say what it likes. */
async function worker(address: string, signer = createNodeSigner()) {
  const lost: string[] = [];
  const heard: Message[] = [];
  let node: number | undefined;
  const mesh = new Mesh(run, {
    signer,
    limits: linkSettings(hardwareSpec.parse({})).limits,
    connectSeconds: 5,
    patienceSeconds: 5,
    handlers: {
      onFrame: (_from, frame) => heard.push(frame.body as Message),
      onLost: (_node, reason) => lost.push(reason),
    },
  });
  const target = {
    address: parseAddress(address),
    introduction: () => ({ purpose: "join" as const, ...(node === undefined ? {} : { node }) }),
  };
  node = (await mesh.join(target, () => {})).node;
  return { mesh, lost, heard, signer, node };
}

interface JsonSchema {
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly minimum?: number;
}

/** A value within a schema: small numbers, short lists, so that they mean something now and then. */
function arbitrary(schema: JsonSchema, stream: RandomStream): unknown {
  const integer = (most: number): number => Math.floor(stream.uniform() * (most + 1));
  const choices = schema.anyOf ?? schema.oneOf ?? [];
  if (choices.length > 0) return arbitrary(choices[integer(choices.length - 1)] as JsonSchema, stream);
  if ("const" in schema) return schema.const;
  if (schema.enum !== undefined) return schema.enum[integer(schema.enum.length - 1)];
  switch (schema.type) {
    case "object": {
      const fields = Object.entries(schema.properties ?? {}).filter(
        ([name]) => schema.required?.includes(name) || stream.uniform() < 0.5,
      );
      return Object.fromEntries(fields.map(([name, field]) => [name, arbitrary(field, stream)]));
    }
    case "array":
      return Array.from({ length: integer(3) }, () => arbitrary(schema.items ?? {}, stream));
    case "integer":
      return Math.max(-1, schema.minimum ?? 0) + integer(4);
    case "number":
      return stream.uniform() * 10;
    case "boolean":
      return stream.uniform() < 0.5;
    case "string":
      return "x";
    default:
      return null;
  }
}

describe("a worker that is let in and then misbehaves", () => {
  it("is cut off with a reason for what is no message, frame by frame", async () => {
    const { address, notices } = await coordinator();
    const bad: [Parameters<Mesh["send"]>[1]["frame"], RegExp][] = [
      [{ type: "message", body: null }, /invalid message: expected an object/],
      [{ type: "message", body: { kind: "steal" } }, /invalid message: kind/],
      [{ type: "message", body: { kind: "left", more: 1 } }, /invalid message/],
      [{ type: "message", body: { kind: "pulse", tensor: { id: 1 } } }, /without a tensor/],
      [{ type: "directory", body: { entries: [], removed: [2] } }, /unexpected frame: directory from node \d/],
      [
        {
          type: "records",
          body: [
            {
              seconds: 0,
              by: 9,
              record: { kind: "traffic", node: 9, sentBytes: 0, receivedBytes: 0, sentTensorBytes: 0 },
            },
          ],
        },
        /records of another node/,
      ],
      [{ type: "records", body: [{ seconds: 0, by: 1, record: { kind: "update" } }] }, /invalid records/],
      [{ type: "probe", body: { step: "dance", id: 1 } }, /invalid probe/],
      [{ type: "welcome", body: {} }, /unexpected frame: welcome/],
    ];
    for (const [frame, reason] of bad) {
      const { mesh, lost } = await worker(address);
      mesh.send(0, { frame });
      for (let wait = 0; wait < 200 && lost.length === 0; wait++) await pause(5);
      expect(lost.length, JSON.stringify(frame)).toBeGreaterThan(0);
      expect(notices().at(-1)).toMatch(reason);
      mesh.close();
      await pause(20);
    }
  });

  it("cannot bring the coordinator down with messages that are well formed, in thousands", async () => {
    const { address, notices, said } = await coordinator();
    const stream = createStreams(7).stream("messages");
    const [a, b] = [await worker(address), await worker(address)];
    const { oneOf, anyOf } = z.toJSONSchema(messageSpec, { io: "input", unrepresentable: "any" }) as JsonSchema;
    const kindsOf = oneOf ?? anyOf ?? [];
    const kinds = new Map<string, number>();
    for (let round = 0; round < 8000; round++) {
      const message = arbitrary(kindsOf[round % kindsOf.length] as JsonSchema, stream) as Message;
      if ("tensor" in message || !messageSpec.safeParse(message).success) continue;
      kinds.set(message.kind, (kinds.get(message.kind) ?? 0) + 1);
      (round % 2 === 0 ? a : b).mesh.send(0, { frame: { type: "message", body: message } });
      if (round % 100 === 0) await pause(10);
    }
    for (const kind of ["join", "alive", "ready", "failed", "blame", "left", "checkpointed", "abandoned"])
      expect(kinds.get(kind) ?? 0, kind).toBeGreaterThan(50);
    await pause(300);
    expect(notices()).toEqual([]);
    expect(said.some(({ kind }) => kind === "failed")).toBe(false);
    // It still takes a new one in.
    a.mesh.close();
    await pause(50);
    const c = await worker(address);
    expect(c.node).toBe(3);
    c.mesh.close();
    b.mesh.close();
  });
});
