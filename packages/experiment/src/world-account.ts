/** What the world of a scenario takes for granted, and the sourced figures that it rests on. */
import type { Assumption } from "@shardlab/contracts";
import { economyAssumptions, type FigureUsed, figuresUsed } from "@shardlab/economy";
import type { Scenario } from "@shardlab/scenario";

export { measureNames } from "@shardlab/economy/measure-names";
export type { FigureUsed };

export interface WorldAccount {
  readonly assumptions: readonly Assumption[];
  readonly figures: readonly FigureUsed[];
}

export const worldAccount = (scenario: Scenario): WorldAccount => ({
  assumptions: economyAssumptions(scenario),
  figures: figuresUsed(scenario),
});
