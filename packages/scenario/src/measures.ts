/** Checks of the measures that a scenario names. */
import { unknownName } from "@shardlab/contracts";
import { measureNames as economyMeasureNames } from "@shardlab/economy/measure-names";
import type { Finding, Path } from "./fault.ts";
import { isSwarm, type Scenario } from "./scenario-spec.ts";

const swarmMeasureNames = (_: Scenario): string[] => ["loss"];

/** Every measure that a run of this scenario gives. */
export const measureNames = (scenario: Scenario): readonly string[] =>
  isSwarm(scenario) ? swarmMeasureNames(scenario) : economyMeasureNames(scenario);

/** What is wrong with the measures that the card and the analyses name; all points of a sweep have those of the scenario. */
export function measureFindings(resolved: Scenario): Finding[] {
  const known = measureNames(resolved);
  const { measure, sensitivity, frontier } = resolved;
  const named: readonly (readonly [Path, string])[] = [
    ...(measure ?? []).map((name, index): readonly [Path, string] => [["measure", index], name]),
    ...(sensitivity ? [[["sensitivity", "measure"], sensitivity.measure] as const] : []),
    ...(frontier ? [[["frontier", "measure"], frontier.measure] as const] : []),
  ];
  return named
    .filter(([, name]) => !known.includes(name))
    .map(([path, name]) => ({ path, at: "value" as const, message: unknownName("measure", name, known) }));
}
