/** One respect in which the values of a swarm have to go together. */
import type { Finding, Path } from "./fault.ts";
import type { SwarmScenario } from "./swarm-spec.ts";

/** What is wrong with a scenario in one respect. */
export type SwarmRule = (scenario: SwarmScenario) => readonly Finding[];

export const noFindings: readonly Finding[] = [];

export const refuse = (path: Path, message: string, at: Finding["at"] = "value"): readonly Finding[] => [
  { path, at, message },
];

/** Workers of all groups together. */
export const workersOf = ({ population }: Pick<SwarmScenario, "population">): number =>
  population.reduce((sum, { count }) => sum + count, 0);
