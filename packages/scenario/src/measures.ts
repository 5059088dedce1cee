/** Checks of the measures that a scenario names. */
import { unknownName } from "@shardlab/contracts";
import { measureNames as economyMeasureNames } from "@shardlab/economy/measure-names";
import { trainingMeasureNames } from "@shardlab/protocol/recording/measure-names";
import type { Finding, Path } from "./fault.ts";
import type { ScenarioPoint } from "./loaded-scenario.ts";
import { parseRelation, referencesOf } from "./measure-expression.ts";
import { isSwarm, type Scenario } from "./scenario-spec.ts";
import type { SwarmScenario } from "./swarm-spec.ts";

/** Whether runs of a scenario train a model, rather than go through its motions. */
export const hasLoss = ({ engine, simulation }: Pick<SwarmScenario, "engine" | "simulation">): boolean =>
  engine === "hardware" || simulation.compute === "real";

/** Whether the least loss that a model can reach is known, as it is of data that is drawn from a known distribution. */
export const hasLossFloor = (scenario: SwarmScenario): boolean =>
  hasLoss(scenario) && ["markov", "gaussian-mixture"].includes(scenario.training.data.kind);

/** A measure of the data and not of the run: what the loss is to be held against. */
export const lossFloorMeasure = "loss-floor";

/** Losses are modelled nowhere: a simulation without real numbers has none. */
const swarmMeasureNames = (scenario: SwarmScenario): readonly string[] => [
  ...trainingMeasureNames({ hasLoss: hasLoss(scenario), hasEvaluation: scenario.training.evaluation !== undefined }),
  ...(hasLossFloor(scenario) ? [lossFloorMeasure] : []),
];

/** Every measure that a run of this scenario gives. */
export const measureNames = (scenario: Scenario): readonly string[] =>
  isSwarm(scenario) ? swarmMeasureNames(scenario) : economyMeasureNames(scenario);

/** What is wrong with the measures that the card and the analyses name: the scenario or a point of its sweep has to have them. */
export function measureFindings(resolved: Scenario, points: readonly ScenarioPoint[]): Finding[] {
  const swept = isSwarm(resolved) ? points.map((point) => point.resolved) : [];
  const known = [...new Set([resolved, ...swept].flatMap(measureNames))];
  const { measure, sensitivity, frontier, claim } = resolved;
  const named: readonly (readonly [Path, string])[] = [
    ...(measure ?? []).map((name, index): readonly [Path, string] => [["measure", index], name]),
    ...(sensitivity ? [[["sensitivity", "measure"], sensitivity.measure] as const] : []),
    ...(frontier ? [[["frontier", "measure"], frontier.measure] as const] : []),
    ...(claim?.criteria ?? []).flatMap(({ holds }, index) =>
      measuresIn(holds).map((name): readonly [Path, string] => [["claim", "criteria", index, "holds"], name]),
    ),
  ];
  return named
    .filter(([, name]) => !known.includes(name))
    .map(([path, name]) => ({ path, at: "value" as const, message: unknownName("measure", name, known) }));
}

/** Names of the measures of a relation; none of one that cannot be read, which is told elsewhere. */
function measuresIn(relation: string): string[] {
  try {
    const { left, right } = parseRelation(relation);
    return [left, right].flatMap(referencesOf).map(({ name }) => name);
  } catch {
    return [];
  }
}
