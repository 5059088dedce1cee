/** How an economy knows cheating and checking: by rates, until they are measured; each with how far it may be off. */
import type { Source } from "./source.ts";

/** A rate, and the range in which it is believed to lie. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What an attacker knows of the defence. */
export const attackKnowledge = ["none", "algorithm", "parameters", "omniscient"] as const;
export type AttackKnowledge = (typeof attackKnowledge)[number];

/** The profile of an attack on training: what it saves whoever runs it, how it is found, what it harms. */
export interface AttackProfile {
  readonly kind: string;
  readonly knowledge: AttackKnowledge;
  /** phi: share of the cost of honest work (power, wear, what the device would earn elsewhere) that is saved. */
  readonly costSaved: Estimate;
  /** d: chance that an audit of cheated work finds it. */
  readonly detection: Estimate;
  /** 1 + m: tokens of training lost for each token claimed. 1 trains nothing; more undoes what others trained. */
  readonly damage: Estimate;
  /** Share of the model's revenue that would be lost if all work were cheated, beyond what the loss shows (poisoning, backdoors). */
  readonly qualityLoss: Estimate;
  /** What it leaves for evaluators to see: optimiser steps by which it lags, and the share that it holds of somebody else's delivery. */
  readonly stepsBehind: number;
  readonly overlap: number;
  readonly source: Source;
}

/** The profile of a way of checking work. */
export interface VerificationProfile {
  readonly kind: string;
  /** p: chance that an epoch's work of a provider is audited. */
  readonly auditRate: number;
  /** f: chance that an audit finds honest work bad. */
  readonly falsePositive: Estimate;
  /** Multiplies an attack's own chance of detection: 1 for a full recomputation. */
  readonly sharpness: Estimate;
  /** Work that an audit takes, in units of the work audited. */
  readonly auditCost: number;
}
