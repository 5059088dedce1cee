/** What a simulation of a swarm knows nothing of, and what does not fit its devices. */
import { alternatives, unknownName } from "@shardlab/contracts";
import { stageCosts } from "@shardlab/learning/stage-costs";
import { deviceModel, deviceNames } from "@shardlab/simulation/device-model";
import type { Finding } from "./fault.ts";
import { noFindings, refuse, type SwarmRule, workersOf } from "./swarm-rule.ts";
import type { SwarmScenario } from "./swarm-spec.ts";

function devicesAreKnown({ population, simulation }: SwarmScenario): readonly Finding[] {
  const known = deviceNames(simulation.computing);
  return population.flatMap(({ device }, index) =>
    known.includes(device) ? noFindings : refuse(["population", index, "device"], unknownName("device", device, known)),
  );
}

function groupsHaveRegions({ population, simulation }: SwarmScenario): readonly Finding[] {
  const { network } = simulation;
  if (network.kind !== "regions") return noFindings;
  const path = ["simulation", "network", "regionOf"];
  const groups = population.map(({ group }) => group);
  const missing = groups.filter((group) => !Object.hasOwn(network.regionOf, group));
  const unknown = Object.keys(network.regionOf).filter((group) => !groups.includes(group));
  return [
    ...missing.flatMap((group) => refuse(path, `no region: ${group} (expected one for each group)`)),
    ...unknown.flatMap((group) =>
      refuse([...path, group], `unknown group: ${group}${alternatives(group, groups)}`, "key"),
    ),
  ];
}

function crashesHaveVictims(scenario: SwarmScenario): readonly Finding[] {
  const workers = workersOf(scenario);
  return scenario.simulation.presence.crashes.flatMap(({ worker }, index) =>
    worker === "coordinator" || worker <= workers
      ? noFindings
      : refuse(
          ["simulation", "presence", "crashes", index, "worker"],
          `no such worker: ${worker} (expected coordinator, or 1 to ${workers})`,
        ),
  );
}

const bytesPerNumber = 4;
const gibibyte = 2 ** 30;
const inGibibytes = (bytes: number): string => `${(bytes / gibibyte).toPrecision(3)} GiB`;

/** What the largest shard takes at least: an even part of weights, gradients and what the optimiser remembers. */
function shardsFitDevices({ engine, model, training, population, simulation }: SwarmScenario): readonly Finding[] {
  if (engine !== "simulation") return noFindings;
  const { parallelism, microbatchSize, optimizer } = training;
  const [whole] = stageCosts(model, { stages: 1, microbatchSize, optimizer });
  if (whole === undefined) return noFindings;
  const numbers = whole.parameterCount + whole.gradientElementCount;
  const least = (bytesPerNumber * numbers + whole.optimizerStateBytes) / parallelism.stages;
  const known = deviceNames(simulation.computing);
  return population.flatMap(({ device }, index) => {
    if (!known.includes(device)) return noFindings;
    const { memoryBytes } = deviceModel(device, simulation.computing);
    if (least <= memoryBytes) return noFindings;
    const has = `${device} has ${inGibibytes(memoryBytes)}`;
    return refuse(
      ["population", index, "device"],
      `shard that cannot fit: ${inGibibytes(least)} of weights, gradients and optimiser (${has}; expected more stages)`,
    );
  });
}

export const simulationRules: readonly SwarmRule[] = [
  devicesAreKnown,
  groupsHaveRegions,
  crashesHaveVictims,
  shardsFitDevices,
];
