/** How long a run of the swarm takes and how much memory it needs, by formula. */
import { planModel } from "@shardlab/learning/spec";
import { type StageCost, stageCosts } from "@shardlab/learning/stage-costs";
import type { SwarmScenario } from "@shardlab/scenario";

/** What a core reaches in matrix products with WebAssembly, and how many there are; 2-core machine, measured. */
const flopPerCoreSecond = 8e9;
const cores = 2;
const startSeconds = 6;
/** A task with its messages, in events of virtual time. */
const secondsPerSimulatedTask = 60e-6;
const bytesPerNumber = 4;
const bytesPerProcess = 160e6;
const simulatorBytes = 200e6;

interface Sizes {
  readonly costs: readonly StageCost[];
  readonly microbatches: number;
  readonly replicas: number;
}

function sizesOf({ model, training }: SwarmScenario): Sizes {
  const { parallelism, microbatchSize, optimizer, recompute = false } = training;
  const { microbatches, replicas } = parallelism;
  const stages = Math.min(parallelism.stages, planModel(model).blocks);
  return { costs: stageCosts(model, { stages, microbatchSize, optimizer, recompute }), microbatches, replicas };
}

/** Floating-point operations of one update over all workers. */
const flopOf = ({ costs, microbatches }: Sizes): number =>
  microbatches * costs.reduce((sum, { forwardFlop, backwardFlop }) => sum + forwardFlop + backwardFlop, 0);

/** Seconds for which the busiest uplink is busy in one update, and once through the pipeline and back. */
function transferSeconds(sizes: Sizes, { population }: SwarmScenario): number {
  const { costs, microbatches, replicas } = sizes;
  const boundary = Math.max(...costs.map(({ boundaryElements }) => boundaryElements));
  const gradient = replicas > 1 ? Math.max(...costs.map(({ gradientElementCount }) => gradientElementCount)) : 0;
  const slowest = Math.min(...population.map(({ link }) => link.up));
  const latency = Math.max(...population.map(({ link }) => link.latency));
  const boundaries = costs.length > 1 ? 2 : 0;
  const bytes = bytesPerNumber * ((boundaries * boundary * microbatches) / replicas + 2 * gradient);
  return bytes / slowest + 2 * latency * 2 * costs.length;
}

/** Seconds by the clock on the wall: of training itself on hardware, of making it up in a simulation. */
export function swarmSeconds(scenario: SwarmScenario): number {
  const sizes = sizesOf(scenario);
  const { updates } = scenario.training;
  if (scenario.engine === "hardware") {
    const compute = flopOf(sizes) / (flopPerCoreSecond * cores);
    return startSeconds + updates * (compute + transferSeconds(sizes, scenario));
  }
  const tasks = 2 * sizes.microbatches * sizes.costs.length + 8 * sizes.costs.length * sizes.replicas;
  const compute = scenario.simulation.compute === "real" ? flopOf(sizes) / flopPerCoreSecond : 0;
  return 1 + updates * (compute + tasks * secondsPerSimulatedTask);
}

/** Weights, gradient, what the optimiser remembers, and a copy to go back to, of every shard. */
function shardBytes({ costs, replicas }: Sizes): number {
  const ofStage = ({ parameterCount, gradientElementCount, optimizerStateBytes }: StageCost): number =>
    bytesPerNumber * (2 * parameterCount + gradientElementCount) + 2 * optimizerStateBytes;
  return replicas * costs.reduce((sum, cost) => sum + ofStage(cost), 0);
}

/** Boundary tensors of the microbatches under way, several for each layer of a stage. */
function activationBytes({ costs, microbatches }: Sizes, { training }: SwarmScenario): number {
  const { schedule, stages } = training.parallelism;
  const underWay = schedule.kind === "gpipe" ? microbatches : Math.min(microbatches, stages);
  const perBlock = 16;
  const boundary = Math.max(...costs.map(({ boundaryElements }) => boundaryElements), 0);
  return bytesPerNumber * underWay * boundary * perBlock * costs.reduce((sum, { blocks }) => sum + blocks, 0);
}

/** Bytes that a run takes on this machine, with all its processes. */
export function swarmMemoryBytes(scenario: SwarmScenario): number {
  const sizes = sizesOf(scenario);
  const numbers = shardBytes(sizes) + activationBytes(sizes, scenario);
  if (scenario.engine === "simulation") return simulatorBytes + (scenario.simulation.compute === "real" ? numbers : 0);
  const workers = scenario.population.reduce((sum, { count }) => sum + count, 0) - scenario.hardware.joining;
  return (workers + 1) * bytesPerProcess + numbers;
}
