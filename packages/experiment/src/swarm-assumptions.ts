/** What a swarm takes for granted. */
import type { Assumption } from "@shardlab/contracts";
import type { SwarmScenario } from "@shardlab/scenario";

export const swarmAssumptions = (_: SwarmScenario): readonly Assumption[] => [];
