/** Who of a swarm is there, who is slow and who reaches whom: churn and single crashes, at the seats of a world. */
import type { EventLoop } from "@shardlab/des";
import { Churn, type ChurnSpec, populationSpec, type Transport } from "@shardlab/network";
import type { Streams } from "@shardlab/random";
import type { CrashSpec, PresenceSpec } from "./spec.ts";
import type { SwarmWorld } from "./swarm-world.ts";

export interface PresenceOptions {
  readonly spec: PresenceSpec;
  readonly loop: EventLoop;
  readonly network: Transport;
  readonly streams: Streams;
  readonly world: SwarmWorld;
  readonly readText?: (path: string) => string;
}

const nowhere = -1;

/**
 * Nodes of a fixed population or of a trace have the seats of their numbers; one of a population without end takes the first free
 * seat as it arrives, and stays out where there is none.
 */
export class Presence {
  private readonly options: PresenceOptions;
  private readonly churn: Churn;
  private readonly hasNumberedSeats: boolean;
  private readonly seatOfNode = new Map<number, number>();
  /** Node of the population by seat, or -1. */
  private readonly nodeOfSeat: Int32Array;
  private readonly crashes: readonly CrashSpec[];
  private readonly crashNow = (index: number): void => this.crashOnce(this.crashes[index], index);
  private readonly comeBack = (index: number): void => this.options.world.arrive(seatOf(this.crashes[index]));

  constructor(options: PresenceOptions) {
    const { spec, loop, streams, world, readText } = options;
    this.options = options;
    this.crashes = spec.crashes;
    const workers = world.seatCount - 1;
    this.nodeOfSeat = new Int32Array(world.seatCount).fill(nowhere);
    const population = spec.population ?? populationSpec.parse({ kind: "fixed-population", count: workers });
    this.hasNumberedSeats = population.kind === "fixed-population" || population.kind === "availability-trace";
    this.churn = new Churn({
      spec: { population, faults: spec.faults } satisfies ChurnSpec,
      loop,
      streams,
      handlers: {
        onArrival: (node) => this.arrive(node),
        onNotice: (node) => this.atSeat(node, (seat) => world.announce(seat)),
        onDeparture: (node) => this.leave(node, (seat) => world.depart(seat)),
        onCrash: (node) => this.leave(node, (seat) => world.crash(seat)),
        onPartition: () => this.part(),
        onHeal: () => this.part(),
        onSlowdown: (node, factor) => this.atSeat(node, (seat) => world.setSlowdown(seat, factor)),
        onRecover: (node) => this.atSeat(node, (seat) => world.setSlowdown(seat, 1)),
      },
      ...(readText === undefined ? {} : { readText }),
    });
  }

  /** Starts the coordinator and everybody who is there from the beginning. */
  start(): void {
    const { world, loop } = this.options;
    world.arrive(0);
    this.churn.start();
    this.crashes.forEach(({ at }, index) => {
      loop.schedule(at, this.crashNow, index);
    });
  }

  private arrive(node: number): void {
    const seat = this.hasNumberedSeats ? node + 1 : this.nodeOfSeat.indexOf(nowhere, 1);
    if (seat <= 0 || seat >= this.nodeOfSeat.length) return;
    this.nodeOfSeat[seat] = node;
    this.seatOfNode.set(node, seat);
    this.part();
    this.options.world.setSlowdown(seat, this.churn.slowdownOf(node));
    this.options.world.arrive(seat);
  }

  private leave(node: number, go: (seat: number) => void): void {
    this.atSeat(node, (seat) => {
      go(seat);
      this.nodeOfSeat[seat] = nowhere;
    });
    this.seatOfNode.delete(node);
  }

  private atSeat(node: number, act: (seat: number) => void): void {
    const seat = this.seatOfNode.get(node);
    if (seat !== undefined) act(seat);
  }

  /** Tells the network who reaches whom. */
  private part(): void {
    if (this.options.spec.faults.every(({ kind }) => kind !== "partition")) return;
    const groups = Array.from(this.nodeOfSeat, (node) => (node === nowhere ? 0 : this.churn.groupOf(node)));
    const isWhole = groups.every((group) => group === 0);
    this.options.network.setPartition(isWhole ? undefined : groups);
  }

  private crashOnce(crash: CrashSpec, index: number): void {
    this.options.world.crash(seatOf(crash));
    if (crash.lasts !== undefined) this.options.loop.schedule(crash.lasts, this.comeBack, index);
  }
}

const seatOf = ({ worker }: CrashSpec): number => (worker === "coordinator" ? 0 : worker);
