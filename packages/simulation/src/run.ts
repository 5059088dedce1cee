/** Runs the protocol on virtual time. */
import type {
  Assumption,
  Compressor,
  NodeId,
  Plain,
  RunOutcome,
  StageCompute,
  TimedRecord,
  TrainingRecord,
} from "@shardlab/contracts";
import { Environment } from "@shardlab/des";
import type { ModelSpec, OptimizerSpec } from "@shardlab/learning/spec";
import { Network } from "@shardlab/network";
import { createTraceHash, type TraceHash } from "@shardlab/numerics";
import {
  createCoordinator,
  createWorker,
  type EvaluationSpec,
  type FaultToleranceSpec,
  isJournalSnapshot,
  type ParallelismSpec,
  Recording,
  type WorkerGroupSpec,
} from "@shardlab/protocol";
import { createStreams } from "@shardlab/random";
import { simulationAssumptions } from "./assumptions.ts";
import { type DeviceModel, deviceModel } from "./device-model.ts";
import { ModelledStage } from "./modelled-stage.ts";
import { Presence } from "./presence.ts";
import type { SimulationSpec } from "./spec.ts";
import { type DeclaredBytes, type StageSizes, stageSizes } from "./stage-sizes.ts";
import { groupOfSeats, swarmTopology } from "./swarm-network.ts";
import { type ComputeContext, type DeliveredMessage, type RoleFactory, SwarmWorld } from "./swarm-world.ts";

/** The parts of `training` that a simulation needs. */
export interface SimulatedTraining {
  readonly updates: number;
  readonly parallelism: ParallelismSpec;
  readonly faultTolerance: FaultToleranceSpec;
  readonly evaluation?: EvaluationSpec | undefined;
  readonly microbatchSize: number;
  readonly optimizer: OptimizerSpec;
  readonly recompute?: boolean | undefined;
}

/** Makes the computing of one worker's life. What it puts into the store is sent as it is. */
export type StageComputeFactory = (context: ComputeContext) => StageCompute;

export interface SimulationOptions {
  /** Stands in signed commitments. */
  readonly run: string;
  readonly seed: number;
  readonly spec: SimulationSpec;
  readonly model: ModelSpec;
  readonly training: SimulatedTraining;
  readonly population: readonly WorkerGroupSpec[];
  /** Between stages. */
  readonly activations: DeclaredBytes;
  /** Between replicas. */
  readonly gradients: Pick<Compressor, "encodedBytes" | "isLossless">;
  /** `measures` leaves out the tables. */
  readonly detail: "full" | "measures";
  /** Needed where `spec.compute` is `real`. */
  readonly compute?: StageComputeFactory;
  /** Told of everything as it happens, in virtual time; each record is an object of its own. */
  readonly observe?: (timed: TimedRecord) => void;
  /** Told of each message as it reaches a node. */
  readonly observeDelivery?: (delivery: DeliveredMessage) => void;
  /** Reads the files that churn names. */
  readonly readText?: (path: string) => string;
  /** Other roles than those of the protocol, for tests. */
  readonly roles?: RoleFactory;
}

/** What a simulation was like besides its outcome. */
export interface SimulationReport extends RunOutcome {
  /** Events of virtual time. */
  readonly events: number;
  /** Why the coordinator finished; undefined where the run was cut off. */
  readonly reason: string | undefined;
  /** Tensors that nobody released, once all nodes are gone. */
  readonly tensorsLeft: number;
}

/**
 * One run. A promise where the computing of workers gives promises; virtual time stands still while it waits for one.
 *
 * @throws Error `model does not fit: ...`, `unknown device: ...`, `no compute: ...`, `no region: ...`
 */
export function runSimulation(options: SimulationOptions): SimulationReport | Promise<SimulationReport> {
  const simulation = new Simulation(options);
  return simulation.advance();
}

class Simulation {
  private readonly options: SimulationOptions;
  private readonly environment: Environment;
  private readonly world: SwarmWorld;
  private readonly recording: Recording;
  private readonly trace: TraceHash = createTraceHash();
  private readonly timed: { seconds: number; by: NodeId; record: TrainingRecord };

  constructor(options: SimulationOptions) {
    this.options = options;
    const { seed, spec, population, training } = options;
    this.environment = new Environment({ seed });
    const groups = groupOfSeats(population);
    const topology = swarmTopology({ population, coordinator: spec.coordinator, network: spec.network });
    const network = new Network(this.environment, topology);
    const sizes = sizesOf(options);
    const devices = devicesOf(population, spec);
    checkMemory(sizes, devices);
    this.recording = new Recording({
      hasLoss: spec.compute === "real",
      hasEvaluation: training.evaluation !== undefined,
      groupOf: (node) => groups[this.seatOf(node) - 1]?.group ?? "",
      ...(options.detail === "full" ? {} : { maximumRows: 0 }),
    });
    this.timed = { seconds: 0, by: 0, record: { kind: "restart", version: 0, attempt: 0, reason: "" } };
    this.world = new SwarmWorld({
      loop: this.environment,
      network,
      spec,
      sizes,
      links: topology.nodes,
      devices: [undefined, ...devices],
      roles: options.roles ?? protocolRoles(options, sizes),
      createCompute: this.computeFactory(sizes),
      record: (by, record) => this.record(by, record),
      delivered: options.observeDelivery,
    });
    const { readText } = options;
    new Presence({
      spec: spec.presence,
      loop: this.environment,
      network,
      streams: createStreams(seed),
      world: this.world,
      ...(readText === undefined ? {} : { readText }),
    }).start();
  }

  /** Runs to the end, or to the first promise. */
  advance(): SimulationReport | Promise<SimulationReport> {
    try {
      this.runUntilWaiting();
    } catch (error) {
      throw this.abandoned(error);
    }
    return this.world.awaited.length > 0 ? this.advanceAwaiting() : this.report();
  }

  private async advanceAwaiting(): Promise<SimulationReport> {
    const { world } = this;
    try {
      while (world.awaited.length > 0) {
        const { awaited } = world;
        world.awaited = [];
        await Promise.all(awaited);
        this.runUntilWaiting();
      }
    } catch (error) {
      throw this.abandoned(error);
    }
    return this.report();
  }

  private runUntilWaiting(): void {
    const { environment, world, options } = this;
    if (world.awaited.length === 0 && world.reason === undefined) environment.run({ until: options.spec.limit });
  }

  /** Frees what computing holds, which may be outside this process, before the error goes on. */
  private abandoned(error: unknown): unknown {
    this.world.close();
    return error;
  }

  private report(): SimulationReport {
    const { environment, world, options, recording, trace } = this;
    const endSeconds = environment.now;
    world.recordTraffic();
    trace.addText(environment.traceHash);
    const { measures, tables, notes } = recording.finish(endSeconds);
    const { reason } = world;
    world.close();
    return {
      measures,
      tables: options.detail === "full" ? tables : [],
      traceHash: trace.digest(),
      determinism: options.spec.compute === "real" ? "per-backend" : "exact",
      assumptions: [
        ...simulationAssumptions(options.spec, options.population),
        ...this.cutOff(),
        ...(options.detail === "full" ? notes : []),
      ],
      events: environment.eventCount,
      reason,
      tensorsLeft: world.tensors.liveCount,
    };
  }

  private cutOff(): Assumption[] {
    const { world, options, recording } = this;
    if (world.reason !== undefined) return [];
    const reached = `${recording.updates} of ${options.training.updates} updates`;
    return [{ statement: `The run was cut off after ${options.spec.limit} s of virtual time, with ${reached}.` }];
  }

  private record(by: NodeId, record: TrainingRecord): void {
    const { timed, environment, options } = this;
    timed.seconds = environment.now;
    timed.by = by;
    timed.record = record;
    this.recording.add(timed);
    // The events of tasks are in the trace of the event loop.
    if (record.kind !== "task") this.trace.addText(JSON.stringify(record));
    if (options.observe !== undefined) options.observe({ seconds: environment.now, by, record: { ...record } });
  }

  private seatOf(node: NodeId): number {
    return this.world.nodes[node]?.seat ?? 0;
  }

  private computeFactory(sizes: readonly StageSizes[]) {
    const { spec, compute } = this.options;
    if (spec.compute === "modelled") {
      return ({ node, disk, tensors }: Parameters<SwarmWorldCompute>[0]): StageCompute =>
        new ModelledStage({ sizes, tensors, disk, node });
    }
    if (compute === undefined) throw new Error(`no compute: ${spec.compute}`);
    return ({ node, store, checkpoints }: ComputeContext): StageCompute => compute({ node, store, checkpoints });
  }
}

type SwarmWorldCompute = ConstructorParameters<typeof SwarmWorld>[0]["createCompute"];

function sizesOf({ model, training, activations, gradients }: SimulationOptions): StageSizes[] {
  const { microbatchSize, optimizer, recompute, parallelism } = training;
  const { stages } = parallelism;
  return stageSizes({ model, optimizer, recompute, microbatchSize, stages, activations, gradients });
}

/** Of each worker; those of a group share one. */
function devicesOf(population: readonly WorkerGroupSpec[], { computing }: SimulationSpec): DeviceModel[] {
  return population.flatMap(({ device, count }) => Array<DeviceModel>(count).fill(deviceModel(device, computing)));
}

/** Refuses what no worker can hold. */
function checkMemory(sizes: readonly StageSizes[], devices: readonly DeviceModel[]): void {
  const largest = devices.reduce((most, { memoryBytes }) => Math.max(most, memoryBytes), 0);
  const stage = sizes.findIndex(({ memoryBytes }) => memoryBytes > largest);
  if (stage < 0) return;
  const { memoryBytes } = sizes[stage];
  throw new Error(`model does not fit: stage ${stage} takes ${memoryBytes} bytes, the largest device has ${largest}`);
}

function protocolRoles(
  { run, training, gradients, spec }: SimulationOptions,
  sizes: readonly StageSizes[],
): RoleFactory {
  const { updates, parallelism, faultTolerance, evaluation } = training;
  const settings = {
    run,
    updates,
    parallelism,
    faultTolerance,
    ...(evaluation === undefined ? {} : { evaluation }),
    gradientsAreLossless: sizes.every(({ gradients: parts }) => parts.every((part) => gradients.isLossless(part))),
    checkpointsAreShared: spec.checkpoints === "shared",
  };
  return {
    coordinator: (host, journal: readonly Plain[]) => createCoordinator(settings, host, journal),
    worker: (host, journal) => createWorker({ faultTolerance }, host, journal),
    isJournalSnapshot,
  };
}
