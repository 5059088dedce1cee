/** Values of a swarm that do not go together: where, and what is wrong. */
import { protocolContradictions } from "@shardlab/protocol/contradictions";
import type { Finding, Path } from "./fault.ts";
import { hardwareRules } from "./swarm-hardware-rules.ts";
import { learningRules } from "./swarm-learning-rules.ts";
import { noFindings, refuse, type SwarmRule, workersOf } from "./swarm-rule.ts";
import { simulationRules } from "./swarm-simulation-rules.ts";
import type { SwarmScenario } from "./swarm-spec.ts";

function protocolRules(scenario: SwarmScenario): readonly Finding[] {
  const { parallelism, evaluation } = scenario.training;
  const settings = { parallelism, ...(evaluation && { evaluation }) };
  return protocolContradictions(settings).map(({ path, message }): Finding => {
    return { path: ["training", ...path.split(".")], at: "value", message };
  });
}

/** Every stage of every replica needs a worker. */
function populationFillsGrid(scenario: SwarmScenario): readonly Finding[] {
  const { stages, replicas } = scenario.training.parallelism;
  const [workers, needed] = [workersOf(scenario), stages * replicas];
  if (workers >= needed) return noFindings;
  const grid = `${stages} stages x ${replicas} replicas`;
  return refuse(["population"], `too few workers: ${workers} (expected at least ${needed} for ${grid})`);
}

function groupsDiffer({ population }: SwarmScenario): readonly Finding[] {
  const names = population.map(({ group }) => group);
  return names.flatMap((name, index) =>
    names.indexOf(name) < index ? refuse(["population", index, "group"], `duplicate group: ${name}`) : noFindings,
  );
}

/** Where stages do not wait for one another, every replica has to come round as often. */
function asynchronousGridIsEven({ training }: SwarmScenario): readonly Finding[] {
  const { schedule, microbatches, replicas } = training.parallelism;
  if (schedule.kind !== "asynchronous" || microbatches % replicas === 0) return noFindings;
  return refuse(
    ["training", "parallelism", "microbatches"],
    `uneven microbatches: ${microbatches} over ${replicas} replicas (expected a multiple, as the schedule is asynchronous)`,
  );
}

function silenceOutlastsHeartbeats({ training }: SwarmScenario): readonly Finding[] {
  const { heartbeat, timeout } = training.faultTolerance;
  if (timeout > heartbeat) return noFindings;
  return refuse(
    ["training", "faultTolerance", "timeout"],
    `timeout not above heartbeat: ${timeout} s (expected more than ${heartbeat} s, or every worker is lost at once)`,
  );
}

/** What the machinery of experiments offers to the economy alone. */
function partsOfTheEconomy({ sensitivity, frontier, claim, game, plugins, yesIf }: SwarmScenario): readonly Finding[] {
  const refused = (key: string, what: string): readonly Finding[] => {
    const path: Path = [key];
    return refuse(path, `${what} of the economy alone: ${key} (expected none in a scenario of the swarm)`, "key");
  };
  return [
    ...(sensitivity ? refused("sensitivity", "an analysis") : noFindings),
    ...(frontier ? refused("frontier", "an analysis") : noFindings),
    ...(claim ? refused("claim", "an analysis") : noFindings),
    ...(game ? refused("game", "an analysis") : noFindings),
    ...(plugins && plugins.length > 0 ? refused("plugins", "mechanisms") : noFindings),
    ...(yesIf ? refused("yesIf", "a verdict") : noFindings),
  ];
}

const rules: readonly SwarmRule[] = [
  ...learningRules,
  protocolRules,
  populationFillsGrid,
  groupsDiffer,
  asynchronousGridIsEven,
  silenceOutlastsHeartbeats,
  ...hardwareRules,
  ...simulationRules,
  partsOfTheEconomy,
];

/** Everything in which a swarm contradicts itself. */
export const swarmContradictions = (scenario: SwarmScenario): readonly Finding[] =>
  rules.flatMap((rule) => rule(scenario));
