/** Checks of the measures that a scenario names. */
import { unknownName } from "@shardlab/contracts";
import { measureNames as economyMeasureNames, measureUnits } from "@shardlab/economy/measure-names";
import { trainingMeasureNames } from "@shardlab/protocol/recording/measure-names";
import type { Finding, Path } from "./fault.ts";
import type { ScenarioPoint } from "./loaded-scenario.ts";
import { ExpressionError, type MeasureRelation, parseRelation, referencesOf } from "./measure-expression.ts";
import { typedSides } from "./measure-expression-units.ts";
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
  const unknown = named
    .filter(([, name]) => !known.includes(name))
    .map(([path, name]) => ({ path, at: "value" as const, message: unknownName("measure", name, known) }));
  const all = [...unknown, ...gameMeasureFindings(resolved, known)];
  return all.length > 0 ? all : unitFindings(resolved);
}

/** Settings that make an economy tell what each group earns. */
const conduct = /\b(strategy|attacks|verification)\b/;

/** What the strategies of a game earn is measured for each group: `payoff` stands for `payoff/GROUP`. */
function gameMeasureFindings(resolved: Scenario, known: readonly string[]): Finding[] {
  const { game } = resolved;
  if (game === undefined || isSwarm(resolved)) return [];
  if (!resolved.providers.some(({ group }) => group === game.group)) return [];
  const ending = `/${game.group}`;
  const ofGroup = known.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
  const changed = [...Object.values(game.strategies).flatMap(Object.keys), ...Object.keys(game.with)];
  const names = [...new Set([...(changed.some((key) => conduct.test(key)) ? ["payoff"] : []), ...ofGroup])];
  if (names.includes(game.measure)) return [];
  const expected = " (an economy has it where it says a strategy, attacks or verification)";
  const message = game.measure === "payoff" ? `unknown measure: payoff${expected}` : undefined;
  return [{ path: ["game", "measure"], at: "value", message: message ?? unknownName("measure", game.measure, names) }];
}

/** What is wrong with the units of a claim's criteria, whose measures there are; those of the swarm are known when it ran. */
function unitFindings(resolved: Scenario): Finding[] {
  if (isSwarm(resolved)) return [];
  const units = measureUnits(resolved);
  return (resolved.claim?.criteria ?? []).flatMap(({ holds }, index): Finding[] => {
    const relation = relationOf(holds);
    if (relation === undefined) return [];
    try {
      typedSides(relation.left, relation.right, units);
      return [];
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return [{ path: ["claim", "criteria", index, "holds"], at: "value", message: error.message }];
    }
  });
}

/** Names of the measures of a relation; none of one that cannot be read. */
function measuresIn(text: string): string[] {
  const relation = relationOf(text);
  return relation ? [relation.left, relation.right].flatMap(referencesOf).map(({ name }) => name) : [];
}

/** Undefined where it cannot be read, which is told elsewhere. */
function relationOf(text: string): MeasureRelation | undefined {
  try {
    return parseRelation(text);
  } catch {
    return undefined;
  }
}
