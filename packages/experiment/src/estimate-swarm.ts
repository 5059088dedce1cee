/** How long a run of the swarm takes and how much memory it needs, by formula. */
import type { SwarmScenario } from "@shardlab/scenario";

export const swarmSeconds = (scenario: SwarmScenario): number => scenario.training.updates * 0.1;
export const swarmMemoryBytes = (_: SwarmScenario): number => 1e8;
