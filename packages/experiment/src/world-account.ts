/** What the world of a scenario takes for granted, and the sourced figures that it rests on. */
import type { Assumption } from "@shardlab/contracts";
import { economyAssumptions, type FigureUsed, figuresUsed } from "@shardlab/economy";
import { isSwarm, type Scenario } from "@shardlab/scenario";
import { swarmAssumptions } from "./swarm-assumptions.ts";

export { measureNames } from "@shardlab/scenario";

export type { FigureUsed };

export interface WorldAccount {
  readonly assumptions: readonly Assumption[];
  readonly figures: readonly FigureUsed[];
}

export function worldAccount(scenario: Scenario): WorldAccount {
  if (isSwarm(scenario)) return { assumptions: swarmAssumptions(scenario), figures: [] };
  return { assumptions: economyAssumptions(scenario), figures: figuresUsed(scenario) };
}
