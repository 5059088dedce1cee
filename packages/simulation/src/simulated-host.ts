/** Hosts a role on virtual time. */
import type {
  ComputeTask,
  Message,
  NodeId,
  Plain,
  Role,
  RoleHost,
  TensorRef,
  TrainingRecord,
} from "@shardlab/contracts";
import type { EventHandle, EventLoop } from "@shardlab/des";
import type { DeviceQueue, EndedTask } from "./device-queue.ts";
import type { Journal } from "./journal.ts";
import type { Messenger } from "./messenger.ts";
import type { SwarmTensors } from "./swarm-tensors.ts";

/** The timers of all nodes; an event's payload is the place of its timer. */
export class Timers {
  private readonly loop: EventLoop;
  private readonly owners: SimulatedHost[] = [];
  private readonly names: string[] = [];
  private readonly events: EventHandle[] = [];
  private readonly handle = (place: number): void => this.owners[place].fire(this.names[place]);

  constructor(loop: EventLoop) {
    this.loop = loop;
  }

  /** A place for a timer, for good. */
  place(owner: SimulatedHost, name: string): number {
    this.owners.push(owner);
    this.names.push(name);
    this.events.push(-1);
    return this.owners.length - 1;
  }

  set(place: number, delaySeconds: number): void {
    this.cancel(place);
    this.events[place] = this.loop.schedule(delaySeconds, this.handle, place);
  }

  cancel(place: number): void {
    if (this.events[place] >= 0) this.loop.cancel(this.events[place]);
  }
}

/** What all nodes share. */
export interface HostServices {
  readonly loop: EventLoop;
  readonly messenger: Messenger;
  readonly tensors: SwarmTensors;
  readonly timers: Timers;
  record(by: NodeId, record: TrainingRecord): void;
  recordTask(host: SimulatedHost, ended: EndedTask): void;
  finished(host: SimulatedHost, reason: string): void;
}

export interface HostOptions {
  readonly services: HostServices;
  readonly node: NodeId;
  /** Its place in the network, which an earlier life of the same worker may have had. */
  readonly seat: number;
  readonly journal: Journal;
  /** Absent where nothing computes: at the coordinator. */
  readonly device?: DeviceQueue;
}

export class SimulatedHost implements RoleHost {
  readonly node: NodeId;
  readonly seat: number;
  readonly device: DeviceQueue | undefined;
  isUp = true;
  private readonly services: HostServices;
  private readonly journal: Journal;
  private readonly loop: EventLoop;
  private readonly timerPlaces = new Map<string, number>();
  private role: Role | undefined;

  constructor({ services, node, seat, journal, device }: HostOptions) {
    this.services = services;
    this.loop = services.loop;
    this.node = node;
    this.seat = seat;
    this.journal = journal;
    this.device = device;
  }

  get nowSeconds(): number {
    return this.loop.now;
  }

  /** Gives the host its role, and starts it. */
  begin(role: Role): void {
    this.role = role;
    role.start();
  }

  send(to: NodeId, message: Message): void {
    if (!this.isUp) return;
    const delaySeconds = this.journal.durableSeconds - this.loop.now;
    this.services.messenger.send(this.node, to, { message, delaySeconds });
  }

  compute(task: ComputeTask): void {
    if (this.device === undefined) throw new Error(`no device: node ${this.node}`);
    if (this.isUp) this.device.push(task);
  }

  cancelCompute(): number {
    return this.device === undefined ? 0 : this.device.cancelQueued();
  }

  setTimer(name: string, delaySeconds: number): void {
    if (!this.isUp) return;
    const { timers } = this.services;
    let place = this.timerPlaces.get(name);
    if (place === undefined) {
      place = timers.place(this, name);
      this.timerPlaces.set(name, place);
    }
    timers.set(place, delaySeconds);
  }

  cancelTimer(name: string): void {
    const place = this.timerPlaces.get(name);
    if (place !== undefined) this.services.timers.cancel(place);
  }

  release(tensor: TensorRef): void {
    this.services.tensors.release(tensor);
  }

  persist(entry: Plain): void {
    if (this.isUp) this.journal.append(entry, this.loop.now);
  }

  record(record: TrainingRecord): void {
    this.services.record(this.node, record);
  }

  finish(reason: string): void {
    if (!this.isUp) return;
    this.stop();
    this.services.finished(this, reason);
  }

  /** From now on it hears and does nothing. */
  stop(): void {
    this.isUp = false;
    for (const place of this.timerPlaces.values()) this.services.timers.cancel(place);
    this.device?.close();
  }

  receive(from: NodeId, message: Message): void {
    if (this.isUp && this.role !== undefined) this.role.receive(from, message);
    else if (message.tensor !== undefined) this.services.tensors.release(message.tensor);
  }

  disconnected(node: NodeId): void {
    if (this.isUp) this.role?.disconnected(node);
  }

  fire(name: string): void {
    if (this.isUp) this.role?.timer(name);
  }

  /** The task under way is over. */
  endTask(): void {
    const { device, role } = this;
    if (device === undefined || role === undefined || !this.isUp) return;
    const ended = device.end();
    const { task, result, failure } = ended;
    this.services.recordTask(this, ended);
    if (result === undefined) role.computeFailed(task, failure);
    else role.computed(task, result);
  }
}
