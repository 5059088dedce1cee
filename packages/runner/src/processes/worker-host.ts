/** A worker as a process: joins, opens its device, hosts the role, and hands tasks to the computing thread. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ComputeTask, NodeId, Plain, TimedRecord } from "@shardlab/contracts";
import { ComputePort, type TaskTimes } from "../compute/compute-port.ts";
import { TensorShelf } from "../compute/tensor-shelf.ts";
import { fileError, writeDurably } from "../durable/durable-file.ts";
import { RoleJournal } from "../durable/role-journal.ts";
import { LinkProbe, probeSpec } from "../host/link-probe.ts";
import { ProcessHost } from "../host/role-host.ts";
import { type LeavingRole, loadRoles, type RoleModule } from "../host/role-module.ts";
import { RunClock } from "../host/run-clock.ts";
import { taskRecord } from "../host/task-record.ts";
import type { NodeCertificate } from "../identity/node-certificate.ts";
import { createNodeSigner, type NodeSigner } from "../identity/node-signer.ts";
import { oneLine } from "../one-line.ts";
import { formatAddress, parseAddress } from "../transport/address.ts";
import { type Frame, FrameError } from "../transport/frame.ts";
import { readBody, type Welcome } from "../transport/handshake.ts";
import { Mesh, RefusedError } from "../transport/mesh.ts";
import { visibleAddress } from "../transport/visible-address.ts";
import { messageOf } from "./message-frame.ts";
import { FinalError } from "./process-failure.ts";
import { type Assignment, assignmentSpec, type WorkerConfiguration } from "./process-messages.ts";
import { RecordBuffer } from "./record-buffer.ts";
import type { Channel, Running } from "./supervised.ts";

const coordinator: NodeId = 0;
const trafficMilliseconds = 2000;
const joinRetryMilliseconds = 250;
/** How long a worker looks for a coordinator that does not answer. */
const coordinatorPatienceSeconds = 120;

/** Starts a worker; on return it has joined, its device works, and its role has begun. */
export async function runWorker(configuration: WorkerConfiguration, channel: Channel): Promise<Running> {
  try {
    mkdirSync(configuration.directory, { recursive: true });
  } catch (error) {
    throw fileError(error, `make folder ${configuration.directory}`);
  }
  const roles = await loadRoles(configuration.roleModule);
  const signer = keptSigner(join(configuration.directory, "key.pem"));
  const worker = new WorkerProcess(configuration, { channel, roles, signer });
  await worker.start();
  return worker;
}

interface WorkerParts {
  readonly channel: Channel;
  readonly roles: RoleModule;
  readonly signer: NodeSigner;
}

class WorkerProcess implements Running {
  private readonly configuration: WorkerConfiguration;
  private readonly parts: WorkerParts;
  private readonly shelf = new TensorShelf();
  private readonly probe: LinkProbe;
  private mesh: Mesh | undefined;
  private port: ComputePort | undefined;
  private host: ProcessHost | undefined;
  private role: LeavingRole | undefined;
  private records: RecordBuffer | undefined;
  private clock: RunClock;
  private node: NodeId = -1;
  private stage = -1;
  private trafficTimer: NodeJS.Timeout | undefined;
  private isStopping = false;
  /** When the link to the coordinator was lost that has not come back. */
  private lostSince: number | undefined;
  /** Frames that came before the role was there. */
  private early: { readonly from: NodeId; readonly frame: Frame }[] = [];

  constructor(configuration: WorkerConfiguration, parts: WorkerParts) {
    this.configuration = configuration;
    this.parts = parts;
    this.clock = new RunClock(configuration.originSeconds ?? 0);
    this.probe = new LinkProbe((frame) => this.mesh?.send(coordinator, { frame }));
  }

  async start(): Promise<void> {
    const { welcome, assignment } = await this.join();
    this.node = welcome.node;
    this.records = new RecordBuffer({ by: welcome.node, clock: () => this.clock.now() }, (records) =>
      this.tell(records),
    );
    this.port = this.openCompute(assignment.compute);
    await this.port.ready.catch((error) => {
      throw new FinalError(oneLine(error));
    });
    await this.measureLink(assignment);
    this.parts.channel.say({ kind: "ready", node: welcome.node });
    this.startRole(assignment);
    this.trafficTimer = setInterval(() => this.recordTraffic(), trafficMilliseconds);
  }

  leave(): void {
    this.role?.leave?.();
  }

  async stop(): Promise<void> {
    if (this.isStopping) return;
    this.isStopping = true;
    clearInterval(this.trafficTimer);
    this.host?.silence();
    this.recordTraffic();
    this.records?.flush();
    this.mesh?.close();
    await this.port?.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }

  /** Listens, and joins as soon as the coordinator answers. */
  private async join(): Promise<{ welcome: Welcome; assignment: Assignment }> {
    const { configuration } = this;
    const { fingerprint, links, through, secret, slot, advertise } = configuration;
    const certificate = fingerprint === undefined ? undefined : await newCertificate();
    const mesh = new Mesh(
      { runId: "", scenarioHash: "", secret },
      {
        signer: this.parts.signer,
        ...links,
        patienceSeconds: links.limits.silenceSeconds,
        ...(certificate === undefined ? {} : { certificate }),
        ...(through === undefined ? {} : { through: parseAddress(through) }),
        handlers: {
          onFrame: (from, frame) => this.receive(from, frame),
          onLost: (node, reason) => this.lost(node, reason),
        },
      },
    );
    this.mesh = mesh;
    const address = formatAddress(await mesh.listen(parseAddress(configuration.listen)));
    const target = {
      address: parseAddress(configuration.coordinator),
      ...(fingerprint === undefined ? {} : { fingerprint }),
      introduction: () => ({
        purpose: "join" as const,
        ...(slot === undefined ? {} : { slot }),
        ...(this.node < 0 ? {} : { node: this.node }),
        address: advertise ?? (slot === undefined ? address : visibleAddress(address)),
      }),
    };
    const began = performance.now();
    for (;;) {
      try {
        const welcome = await mesh.join(target, () => {
          this.lostSince = undefined;
        });
        if (configuration.originSeconds === undefined) this.clock = RunClock.reading(welcome.seconds ?? 0);
        const assignment = readBody(assignmentSpec, welcome.assignment, "assignment") as Assignment;
        return { welcome, assignment };
      } catch (error) {
        const reason = oneLine(error);
        const isOver = performance.now() - began > configuration.joinSeconds * 1000;
        if (error instanceof RefusedError || reason.startsWith("wrong certificate")) throw new FinalError(reason);
        if (isOver) throw new Error(reason);
        await new Promise((resolve) => setTimeout(resolve, joinRetryMilliseconds));
      }
    }
  }

  private openCompute(settings: Plain): ComputePort {
    const { compute } = this.configuration;
    const { entry, module, backend, device, threads, checkpoints, heapBytes } = compute;
    return new ComputePort({
      entry: new URL(entry),
      start: { module, settings, backend, device, threads, checkpoints },
      shelf: this.shelf,
      ...(heapBytes === undefined ? {} : { heapBytes }),
      handlers: {
        onComputed: (task, result, times) => {
          this.recordTask(task, result, times);
          this.host?.computed(task, result);
        },
        onFailed: (task, reason, times) => {
          this.recordTask(task, { flop: 0 }, times);
          this.host?.computeFailed(task, reason);
        },
        onDeath: (reason) => {
          if (!this.isStopping) throw new Error(reason);
        },
      },
    });
  }

  private async measureLink({ link }: Assignment): Promise<void> {
    const measured = await this.probe.measure(link.up);
    this.records?.add({
      kind: "link",
      node: this.node,
      askedUplinkBytesPerSecond: link.up,
      measuredUplinkBytesPerSecond: measured.uplinkBytesPerSecond,
      askedLatencySeconds: link.latency,
      measuredRoundTripSeconds: measured.roundTripSeconds,
    });
  }

  private startRole({ settings }: Assignment): void {
    const journal = new RoleJournal(
      join(this.configuration.directory, "worker.journal"),
      this.parts.roles.isJournalSnapshot,
    );
    const host = new ProcessHost({
      node: this.node,
      clock: this.clock,
      shelf: this.shelf,
      journal,
      ...(this.port === undefined ? {} : { tasks: this.port }),
      post: (to, outgoing) => this.mesh?.send(to, outgoing),
      onRecord: (record, seconds) => this.records?.add(record, seconds),
      onFinish: (reason) => this.finish(reason),
    });
    const { roles, signer } = this.parts;
    const role = roles.createWorkerRole(settings, host, { signer, journal: journal.roleEntries });
    this.role = role;
    this.host = host;
    host.attach(role);
    host.start();
    for (const { from, frame } of this.early.splice(0)) host.receive(from, messageOf(frame, roles));
  }

  private receive(from: NodeId, frame: Frame): void {
    if (frame.type === "message") {
      const message = messageOf(frame, this.parts.roles);
      if (this.host === undefined) this.early.push({ from, frame });
      else this.host.receive(from, message);
    } else if (frame.type === "probe" && from === coordinator)
      this.probe.receive(readBody(probeSpec, frame.body, "probe"));
    else throw new FrameError(`unexpected frame: ${frame.type}`);
  }

  private lost(node: NodeId, reason: string): void {
    if (node !== coordinator) {
      this.host?.disconnected(node);
      return;
    }
    if (this.isStopping) return;
    this.lostSince ??= performance.now();
    if (performance.now() - this.lostSince > coordinatorPatienceSeconds * 1000) {
      throw new Error(`coordinator ${reason}`);
    }
    this.host?.disconnected(coordinator);
    this.mesh?.rejoin();
  }

  private recordTask(task: ComputeTask, result: Parameters<typeof taskRecord>[1], times: TaskTimes): void {
    const startSeconds = this.clock.at(times.startSeconds);
    const endSeconds = this.clock.at(times.endSeconds);
    this.records?.add(taskRecord(task, result, { node: this.node, stage: this.stage, startSeconds, endSeconds }));
    if (task.kind === "open") this.stage = task.stage;
    if (task.kind === "close") this.stage = -1;
  }

  private recordTraffic(): void {
    if (this.mesh !== undefined) this.records?.add({ kind: "traffic", node: this.node, ...this.mesh.traffic });
  }

  /** To the supervisor, which local workers have, else to the coordinator. */
  private tell(records: readonly TimedRecord[]): void {
    if (this.configuration.slot !== undefined) this.parts.channel.say({ kind: "records", records });
    else this.mesh?.send(coordinator, { frame: { type: "records", body: records } });
  }

  private finish(reason: string): void {
    this.recordTraffic();
    this.records?.flush();
    this.parts.channel.say({ kind: "finished", reason });
  }
}

/** The key of this worker, the same in all its lives. */
function keptSigner(path: string): NodeSigner {
  if (existsSync(path)) return createNodeSigner(readFileSync(path, "utf8"));
  const signer = createNodeSigner();
  writeDurably(path, [Buffer.from(signer.privateKeyPem)]);
  return signer;
}

async function newCertificate(): Promise<NodeCertificate> {
  const { createSelfSigned } = await import("../identity/self-signed-certificate.ts");
  return createSelfSigned("worker");
}
