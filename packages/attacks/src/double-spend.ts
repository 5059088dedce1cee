/**
 * Double spend: pay, let the payment be confirmed by z blocks, and replace the chain by one without it.
 *
 * The attacker has a share q of all computation and mines its own branch from the payment on, with no block mined beforehand;
 * it succeeds when its branch is as long as the public one after z confirmations, or ever catches up. With p = 1 - q,
 *
 *     P(z) = I_4pq(z, 1/2) = 1 - sum over k < z of (p^z q^k - q^z p^k) C(k + z - 1, k),
 *
 * and 1 from q = 1/2 on. Nakamoto's figure takes the attacker's progress for Poisson with mean z q / p, which understates the
 * chance from some number of confirmations on.
 *
 * Source: Nakamoto, "Bitcoin" (2008), section 11; Rosenfeld, "Analysis of hashrate-based double spending" (2014), whose table
 * grants the attacker one block beforehand; Grunspan and Perez-Marco, "Double spend races" (2018), for the closed form.
 *
 * Limits: blocks arrive as a Poisson process and reach everybody at once; the attacker never gives up. Checked: against the
 * sum above in exact fractions, Nakamoto's and Grunspan and Perez-Marco's tables, and simulated races.
 */
import { share } from "@shardlab/contracts";
import { exp, log, pow } from "@shardlab/numerics";
import type { RandomStream } from "@shardlab/random";
import { z } from "zod";
import { regularizedIncompleteBeta } from "./incomplete-beta.ts";

export const doubleSpendSpec = z.strictObject({
  attackerShare: share().prefault(0.1).describe("share of all computation that the attacker has"),
  confirmations: z.number().int().min(0).max(100_000).default(6).describe("blocks that the payee waits for"),
});
export type DoubleSpendSpec = z.output<typeof doubleSpendSpec>;

/** Chance that the attack of `spec` succeeds. */
export function doubleSpendProbability({ attackerShare, confirmations }: DoubleSpendSpec): number {
  checkShare(attackerShare);
  if (confirmations === 0 || attackerShare >= 0.5) return 1;
  const honest = 1 - attackerShare;
  const lead = honest - attackerShare;
  const proportion = { value: 4 * honest * attackerShare, complement: lead * lead };
  return regularizedIncompleteBeta(proportion, confirmations, 0.5);
}

/** The same by Nakamoto's Poisson approximation. */
export function poissonDoubleSpendProbability({ attackerShare, confirmations }: DoubleSpendSpec): number {
  checkShare(attackerShare);
  if (confirmations === 0 || attackerShare >= 0.5) return 1;
  if (attackerShare === 0) return 0;
  const ratio = attackerShare / (1 - attackerShare);
  const mean = confirmations * ratio;
  // P = sum over k <= z of Poisson(k) (q/p)^(z - k), and the tail beyond z, so that small chances are not differences.
  let term = -mean;
  let chance = 0;
  for (let found = 0; found <= confirmations; found++) {
    if (found > 0) term += log(mean) - log(found);
    chance += exp(term + (confirmations - found) * log(ratio));
  }
  for (let found = confirmations + 1, part = 1; part > chance * 1e-18 && part > 0; found++) {
    term += log(mean) - log(found);
    part = exp(term);
    chance += part;
  }
  return Math.min(1, chance);
}

/**
 * Fewest confirmations, at least 1, that keep the attacker's chance below `risk`.
 *
 * @throws Error `no number of confirmations: …` for an attacker with half of the computation or more, or a risk of 0
 */
export function confirmationsFor(attackerShare: number, risk: number, chance = doubleSpendProbability): number {
  checkShare(attackerShare);
  if (attackerShare >= 0.5 || !(risk > 0)) {
    throw new Error(
      `no number of confirmations: share ${attackerShare} and risk ${risk} (expected below 1/2, above 0)`,
    );
  }
  const isSafe = (confirmations: number): boolean => chance({ attackerShare, confirmations }) < risk;
  let unsafe = 0;
  let safe = 1;
  while (!isSafe(safe)) [unsafe, safe] = [safe, 2 * safe];
  while (safe - unsafe > 1) {
    const middle = Math.floor((unsafe + safe) / 2);
    if (isSafe(middle)) safe = middle;
    else unsafe = middle;
  }
  return safe;
}

/**
 * Races block by block; returns how many of `races` succeed. A race is given up where the chance to catch up is below 1e-12.
 */
export function simulateDoubleSpends(spec: DoubleSpendSpec, races: number, stream: RandomStream): number {
  const { attackerShare, confirmations } = spec;
  checkShare(attackerShare);
  const ratio = attackerShare / (1 - attackerShare);
  if (attackerShare >= 0.5) return races;
  const hopeless = attackerShare === 0 ? 1 : Math.ceil(log(1e-12) / log(ratio));
  let successes = 0;
  for (let race = 0; race < races; race++) {
    let behind = 0;
    for (let confirmed = 0; confirmed < confirmations; ) {
      if (stream.uniform() < attackerShare) behind -= 1;
      else {
        behind += 1;
        confirmed += 1;
      }
    }
    while (behind > 0 && behind < hopeless) behind += stream.uniform() < attackerShare ? -1 : 1;
    if (behind <= 0) successes += 1;
  }
  return successes;
}

/** Chance ever to make up `blocks` blocks: (q / p)^blocks, or 1 with half of the computation. */
export function catchUpProbability(attackerShare: number, blocks: number): number {
  checkShare(attackerShare);
  return attackerShare >= 0.5 || blocks <= 0 ? 1 : pow(attackerShare / (1 - attackerShare), blocks);
}

function checkShare(attackerShare: number): void {
  if (!(attackerShare >= 0 && attackerShare <= 1)) {
    throw new Error(`invalid share: ${attackerShare} (expected 0 to 1)`);
  }
}
