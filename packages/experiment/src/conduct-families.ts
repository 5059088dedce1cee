/** Makes strategies, attacks and verification of an economy from what its scenario says. */
import { type AttackSpec, createAttack } from "@shardlab/attacks";
import type { ConductFamilies } from "@shardlab/economy";
import { createStrategy, type StrategySpec } from "@shardlab/strategies";
import { createVerification, type VerificationSpec } from "@shardlab/verification";

/** The schema of scenarios has checked that each is of its family. */
export const conductFamilies: ConductFamilies = {
  strategy: (spec) => createStrategy(spec as StrategySpec),
  attack: (spec) => createAttack(spec as AttackSpec),
  verification: (spec) => createVerification(spec as VerificationSpec),
};
