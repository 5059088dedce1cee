/** A swarm on virtual time: its nodes, their lives and what they tell. */
import {
  coordinatorNode,
  type Message,
  type NodeId,
  type Plain,
  type Role,
  type StageCompute,
  type TensorStore,
  type TrainingRecord,
} from "@shardlab/contracts";
import type { EventLoop } from "@shardlab/des";
import type { CheckpointStore } from "@shardlab/learning/stage/checkpoint-store";
import type { NetworkNode, Transport } from "@shardlab/network";
import type { DeviceModel } from "./device-model.ts";
import { DeviceQueue, type EndedTask } from "./device-queue.ts";
import { Disk } from "./disk.ts";
import { Journal } from "./journal.ts";
import { Messenger } from "./messenger.ts";
import { type HostServices, SimulatedHost, Timers } from "./simulated-host.ts";
import type { SimulationSpec } from "./spec.ts";
import type { StageSizes } from "./stage-sizes.ts";
import { SwarmTensors } from "./swarm-tensors.ts";
import { newTaskRecord, writeTaskRecord } from "./task-record.ts";

/** What a worker's computing has to work with. */
export interface ComputeContext {
  readonly node: NodeId;
  /** Where the tensors of tasks are, and where answers are put. */
  readonly store: TensorStore;
  readonly checkpoints: CheckpointStore;
}

/** A worker as its host knows it. */
export type WorkerLife = Role & {
  /** Announces that it wants to go. */
  leave(): void;
};

/** Makes the roles, from what their nodes wrote in earlier lives. */
export interface RoleFactory {
  readonly coordinator: (host: SimulatedHost, journal: readonly Plain[]) => Role;
  readonly worker: (host: SimulatedHost, journal: readonly Plain[]) => WorkerLife;
  readonly isJournalSnapshot?: (entry: Plain) => boolean;
}

export interface SwarmWorldOptions {
  readonly loop: EventLoop;
  readonly network: Transport;
  readonly spec: SimulationSpec;
  readonly sizes: readonly StageSizes[];
  /** Access links by seat. */
  readonly links: readonly NetworkNode[];
  /** Of each worker, by seat; seat 0 is the coordinator's. */
  readonly devices: readonly (DeviceModel | undefined)[];
  readonly roles: RoleFactory;
  readonly createCompute: (
    context: ComputeContext & { readonly disk: Disk; readonly tensors: SwarmTensors },
  ) => StageCompute;
  /** Told of everything; the records of tasks are one object, used again and again. */
  readonly record: (by: NodeId, record: TrainingRecord) => void;
  /** Told of each message before its receiver is. */
  readonly delivered?: ((delivery: DeliveredMessage) => void) | undefined;
}

/** A message that reached a node. */
export interface DeliveredMessage {
  readonly seconds: number;
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: Message;
}

const empty = -1;

export class SwarmWorld {
  readonly tensors = new SwarmTensors();
  readonly messenger: Messenger;
  /** Promises of tasks that compute outside virtual time. */
  awaited: Promise<void>[] = [];
  /** Why the coordinator finished; undefined before. */
  reason: string | undefined;
  private readonly options: SwarmWorldOptions;
  private readonly services: HostServices;
  private readonly hosts: SimulatedHost[] = [];
  private readonly workers = new Map<NodeId, WorkerLife>();
  private readonly occupants: Int32Array;
  private readonly slowdowns: Float64Array;
  private readonly journals: Journal[];
  private readonly disks: Disk[];
  private readonly taskRecord = newTaskRecord();
  private nextNode = coordinatorNode + 1;
  private readonly endTask = (node: number): void => this.hosts[node].endTask();
  private readonly tellDisconnected = (gone: number): void => {
    for (const host of this.hosts) if (host.node !== gone) host.disconnected(gone);
  };

  constructor(options: SwarmWorldOptions) {
    const { loop, network, spec, devices, roles } = options;
    this.options = options;
    const { isJournalSnapshot } = roles;
    this.occupants = new Int32Array(devices.length).fill(empty);
    this.slowdowns = new Float64Array(devices.length).fill(1);
    const journalOptions = {
      writeSeconds: spec.journalDelay,
      ...(isJournalSnapshot === undefined ? {} : { isSnapshot: isJournalSnapshot }),
    };
    this.journals = devices.map(() => new Journal(journalOptions));
    const shared = new Disk();
    this.disks = devices.map(() => (spec.checkpoints === "shared" ? shared : new Disk()));
    this.messenger = new Messenger({
      loop,
      network,
      tensors: this.tensors,
      headerBytes: spec.header,
      retransmissionSeconds: spec.retransmission,
      lossTimeoutSeconds: spec.lossTimeout,
      deliver: (to, from, message) => {
        if (options.delivered !== undefined) options.delivered({ seconds: loop.now, from, to, message });
        this.hosts[to].receive(from, message);
      },
      giveUp: (from, to) => this.hosts[from].disconnected(to),
    });
    this.services = {
      loop,
      messenger: this.messenger,
      tensors: this.tensors,
      timers: new Timers(loop),
      record: options.record,
      recordTask: (host, ended) => this.recordTask(host, ended),
      finished: (host, reason) => this.finished(host, reason),
    };
  }

  /** Places in the network, that of the coordinator among them. */
  get seatCount(): number {
    return this.occupants.length;
  }

  /** The node at a seat, or -1. */
  nodeAt(seat: number): NodeId {
    return this.occupants[seat];
  }

  /** All nodes that there ever were. */
  get nodes(): readonly { readonly node: NodeId; readonly seat: number }[] {
    return this.hosts;
  }

  /** Starts a node at a free seat: the coordinator at seat 0, elsewhere a worker, each time a new one. */
  arrive(seat: number): void {
    if (this.occupants[seat] !== empty || this.reason !== undefined) return;
    const { network, roles } = this.options;
    const isCoordinator = seat === 0;
    const node = isCoordinator ? coordinatorNode : this.nextNode++;
    this.occupants[seat] = node;
    network.setUp(seat, true);
    this.messenger.add(node, seat);
    const journal = this.journals[seat];
    const device = isCoordinator ? undefined : this.deviceOf(node, seat);
    const host = new SimulatedHost({
      services: this.services,
      node,
      seat,
      journal,
      ...(device === undefined ? {} : { device }),
    });
    this.hosts[node] = host;
    this.recordLink(node, seat);
    const written = journal.read();
    if (isCoordinator) {
      host.begin(roles.coordinator(host, written));
      return;
    }
    const worker = roles.worker(host, written);
    this.workers.set(node, worker);
    host.begin(worker);
  }

  /** The node at a seat vanishes. */
  crash(seat: number): void {
    const node = this.occupants[seat];
    if (node === empty) return;
    this.hosts[node].stop();
    this.journals[seat].crash(this.options.loop.now);
    this.vacate(node, seat);
  }

  /** The node at a seat goes, and closes its connections. */
  depart(seat: number): void {
    const node = this.occupants[seat];
    if (node === empty) return;
    this.crash(seat);
    this.options.loop.schedule(0, this.tellDisconnected, node);
  }

  /** The worker at a seat knows that it will go. */
  announce(seat: number): void {
    const node = this.occupants[seat];
    if (node !== empty) this.workers.get(node)?.leave();
  }

  /** From now on the device and the link at a seat are slower than normal by `factor`. */
  setSlowdown(seat: number, factor: number): void {
    if (this.slowdowns[seat] === factor) return;
    this.slowdowns[seat] = factor;
    const { uplinkBytesPerSecond, downlinkBytesPerSecond } = this.options.links[seat];
    this.options.network.setAccessRates(seat, uplinkBytesPerSecond / factor, downlinkBytesPerSecond / factor);
    const node = this.occupants[seat];
    if (node !== empty) this.hosts[node].device?.setSlowdown(factor);
  }

  /** Tells what went over all links. */
  recordTraffic(): void {
    const { messenger } = this;
    for (const { node } of this.hosts) {
      this.options.record(node, {
        kind: "traffic",
        node,
        sentBytes: messenger.sentBytes(node),
        receivedBytes: messenger.receivedBytes(node),
        sentTensorBytes: messenger.sentTensorBytes(node),
      });
    }
  }

  /** Ends all lives, and frees what they hold. */
  close(): void {
    for (let seat = 0; seat < this.seatCount; seat++) this.crash(seat);
  }

  private deviceOf(node: NodeId, seat: number): DeviceQueue {
    const { loop, sizes, devices, createCompute } = this.options;
    const { tensors } = this;
    const disk = this.disks[seat];
    const compute = createCompute({ node, store: tensors.storeOf(node), checkpoints: disk, disk, tensors });
    const queue = new DeviceQueue({
      loop,
      // Every seat but the coordinator's has one.
      device: devices[seat] as DeviceModel,
      compute,
      sizes,
      tensors,
      payload: node,
      handleEnd: this.endTask,
      waitFor: (settled) => {
        this.awaited.push(settled);
        loop.stop();
      },
    });
    queue.setSlowdown(this.slowdowns[seat]);
    return queue;
  }

  private vacate(node: NodeId, seat: number): void {
    this.messenger.remove(node);
    this.tensors.releaseAllOf(node);
    this.occupants[seat] = empty;
    this.workers.delete(node);
    this.options.network.setUp(seat, false);
  }

  private finished({ node, seat }: SimulatedHost, reason: string): void {
    if (node === coordinatorNode) {
      this.reason = reason;
      this.options.loop.stop();
      return;
    }
    // What it said last still goes its way.
    this.messenger.dropAllTo(node);
    this.tensors.releaseAllOf(node);
    this.occupants[seat] = empty;
    this.workers.delete(node);
  }

  private recordLink(node: NodeId, seat: number): void {
    const { links, network } = this.options;
    const { uplinkBytesPerSecond, latencySeconds } = links[seat];
    this.options.record(node, {
      kind: "link",
      node,
      askedUplinkBytesPerSecond: uplinkBytesPerSecond,
      measuredUplinkBytesPerSecond: uplinkBytesPerSecond / this.slowdowns[seat],
      askedLatencySeconds: latencySeconds,
      measuredRoundTripSeconds: network.latencySeconds(seat, 0) + network.latencySeconds(0, seat),
    });
  }

  private recordTask({ node }: SimulatedHost, ended: EndedTask): void {
    const { taskRecord } = this;
    writeTaskRecord(taskRecord, ended);
    taskRecord.node = node;
    taskRecord.endSeconds = this.options.loop.now;
    this.options.record(node, taskRecord as TrainingRecord);
  }
}
