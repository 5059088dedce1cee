/** Values of a swarm that do not go together: where, and what is wrong. */
import type { Finding, Path } from "./fault.ts";
import type { SwarmScenario } from "./swarm-spec.ts";

type Rule = (scenario: SwarmScenario) => readonly Finding[];

const refuse = (path: Path, message: string, at: Finding["at"] = "value"): readonly Finding[] => [
  { path, at, message },
];
const none: readonly Finding[] = [];

const workersOf = ({ population }: SwarmScenario): number => population.reduce((sum, { count }) => sum + count, 0);

/** Every stage of every replica needs a worker. */
function populationFillsGrid(scenario: SwarmScenario): readonly Finding[] {
  const { stages, replicas } = scenario.training.parallelism;
  const [workers, needed] = [workersOf(scenario), stages * replicas];
  if (workers >= needed) return none;
  return refuse(
    ["population"],
    `too few workers: ${workers} (expected at least ${needed}: ${stages} stages x ${replicas} replicas)`,
  );
}

function groupsDiffer({ population }: SwarmScenario): readonly Finding[] {
  const names = population.map(({ group }) => group);
  return names.flatMap((name, index) =>
    names.indexOf(name) < index ? refuse(["population", index, "group"], `duplicate group: ${name}`) : none,
  );
}

function everyReplicaHasMicrobatches({ training }: SwarmScenario): readonly Finding[] {
  const { microbatches, replicas } = training.parallelism;
  if (microbatches >= replicas) return none;
  return refuse(
    ["training", "parallelism", "microbatches"],
    `too few microbatches: ${microbatches} (expected at least one for each of ${replicas} replicas)`,
  );
}

function scheduleCanBeRun({ training }: SwarmScenario): readonly Finding[] {
  const { schedule } = training.parallelism;
  if (schedule.kind !== "interleaved-one-forward-one-backward") return none;
  const kinds = "gpipe, one-forward-one-backward, asynchronous";
  return refuse(
    ["training", "parallelism", "schedule"],
    `schedule that only formulas know: ${schedule.kind} (expected ${kinds}: a worker holds one stage)`,
  );
}

/** What the machinery of experiments offers to the economy alone. */
function partsOfTheEconomy({ sensitivity, frontier, plugins }: SwarmScenario): readonly Finding[] {
  const refused = (key: string, what: string): readonly Finding[] =>
    refuse([key], `${what} of the economy alone: ${key} (expected resolution: epochs)`, "key");
  return [
    ...(sensitivity ? refused("sensitivity", "an analysis") : none),
    ...(frontier ? refused("frontier", "an analysis") : none),
    ...(plugins && plugins.length > 0 ? refused("plugins", "mechanisms") : none),
  ];
}

const rules: readonly Rule[] = [
  populationFillsGrid,
  groupsDiffer,
  everyReplicaHasMicrobatches,
  scheduleCanBeRun,
  partsOfTheEconomy,
];

/** Everything in which a swarm contradicts itself. */
export const swarmContradictions = (scenario: SwarmScenario): readonly Finding[] =>
  rules.flatMap((rule) => rule(scenario));
