/**
 * Selfish mining: withhold the blocks one finds, and publish them only to make others' blocks stale.
 *
 * A pool with share alpha of all computation keeps its lead secret. One block ahead when others find one, it publishes
 * and races: a share gamma of the others mines on its block. Two ahead, it publishes all and wins; further ahead, one block for
 * each of theirs. Its share of the chain in the long run is
 *
 *     R = (alpha (1 - alpha)^2 (4 alpha + gamma (1 - 2 alpha)) - alpha^3) / (1 - alpha (1 + (2 - alpha) alpha)),
 *
 * above alpha, so that it pays, from alpha = (1 - gamma) / (3 - 2 gamma) on.
 *
 * Source: Eyal and Sirer, "Majority is not enough: Bitcoin mining is vulnerable" (Financial Cryptography 2014), equation 8 and
 * observation 1.
 *
 * Limits: here blocks reach everybody at once and gamma is a coin (`selfish-mining-network.ts` has neither), the block
 * reward is all there is, and difficulty follows the chain, not the blocks found. Checked: the closed form against the stationary
 * distribution of the pool's lead, and the simulation against the closed form.
 */
import { share } from "@shardlab/contracts";
import type { RandomStream } from "@shardlab/random";
import { z } from "zod";

export const selfishMiningSpec = z.strictObject({
  attackerShare: share({ max: 0.499 }).prefault(0.3).describe("alpha: share of all computation that the pool has"),
  gamma: share().prefault(0.5).describe("share of the others that mines on the pool's block in a race"),
  blocks: z.number().int().min(1).max(1e9).default(100_000).describe("blocks found, by anybody, in a simulation"),
});
export type SelfishMiningSpec = z.output<typeof selfishMiningSpec>;

/** The pool's share of the chain, R. */
export function selfishRevenueShare(attackerShare: number, gamma: number): number {
  checkShares(attackerShare, gamma);
  const alpha = attackerShare;
  const honest = 1 - alpha;
  const won = alpha * honest * honest * (4 * alpha + gamma * (1 - 2 * alpha)) - alpha * alpha * alpha;
  return won / (1 - alpha * (1 + (2 - alpha) * alpha));
}

/** Share of computation above which withholding pays: (1 - gamma) / (3 - 2 gamma). */
export function selfishMiningThreshold(gamma: number): number {
  checkShares(0, gamma);
  return (1 - gamma) / (3 - 2 * gamma);
}

/** Whether a pool of this share earns more by withholding than by honest mining. */
export const selfishMiningPays = (attackerShare: number, gamma: number): boolean =>
  selfishRevenueShare(attackerShare, gamma) > attackerShare;

export interface MiningOutcome {
  /** Blocks in the chain, by the pool and by others. */
  readonly attackerBlocks: number;
  readonly honestBlocks: number;
  /** Blocks found that are not in the chain, over all found. */
  readonly staleRate: number;
  readonly revenueShare: number;
  /** Standard error of `revenueShare`. */
  readonly revenueDeviation: number;
}

/**
 * The pool's state machine, until `blocks` have been found. The standard error comes from the cycles between two moments
 * without a secret lead, which are independent.
 */
export function simulateSelfishMining(spec: SelfishMiningSpec, stream: RandomStream): MiningOutcome {
  const { attackerShare, gamma, blocks } = spec;
  checkShares(attackerShare, gamma);
  const cycles = new RatioOfCycles();
  let lead = 0;
  let isRacing = false;
  for (let found = 0; found < blocks; found++) {
    if (stream.uniform() < attackerShare) {
      if (isRacing) {
        cycles.count(2, 0);
        isRacing = false;
        cycles.end();
      } else lead += 1;
    } else if (isRacing) {
      if (stream.uniform() < gamma) cycles.count(1, 1);
      else cycles.count(0, 2);
      isRacing = false;
      cycles.end();
    } else if (lead === 0) {
      cycles.count(0, 1);
      cycles.end();
    } else if (lead === 1) {
      lead = 0;
      isRacing = true;
    } else if (lead === 2) {
      cycles.count(2, 0);
      lead = 0;
      cycles.end();
    } else {
      cycles.count(1, 0);
      lead -= 1;
    }
  }
  const { own, others } = cycles;
  return {
    attackerBlocks: own,
    honestBlocks: others,
    staleRate: 1 - (own + others + lead + (isRacing ? 1 : 0)) / blocks,
    revenueShare: own / Math.max(1, own + others),
    revenueDeviation: cycles.deviation(),
  };
}

/** Sums of blocks over cycles, and of their products, for the standard error of a ratio. */
class RatioOfCycles {
  own = 0;
  others = 0;
  private ownOfCycle = 0;
  private othersOfCycle = 0;
  private ownSquares = 0;
  private otherSquares = 0;
  private products = 0;

  count(own: number, others: number): void {
    this.ownOfCycle += own;
    this.othersOfCycle += others;
    this.own += own;
    this.others += others;
  }

  end(): void {
    const { ownOfCycle, othersOfCycle } = this;
    this.ownSquares += ownOfCycle * ownOfCycle;
    this.otherSquares += othersOfCycle * othersOfCycle;
    this.products += ownOfCycle * othersOfCycle;
    this.ownOfCycle = 0;
    this.othersOfCycle = 0;
  }

  /** Of own / (own + others), by the delta method: residual of a cycle is (1 - R) own - R others. */
  deviation(): number {
    const total = this.own + this.others;
    if (total === 0) return 0;
    const ratio = this.own / total;
    const rest = 1 - ratio;
    const squares =
      rest * rest * this.ownSquares + ratio * ratio * this.otherSquares - 2 * rest * ratio * this.products;
    return Math.sqrt(Math.max(0, squares)) / total;
  }
}

function checkShares(attackerShare: number, gamma: number): void {
  if (!(attackerShare >= 0 && attackerShare < 0.5)) {
    throw new Error(`invalid share: ${attackerShare} (expected 0 to below 1/2)`);
  }
  if (!(gamma >= 0 && gamma <= 1)) throw new Error(`invalid gamma: ${gamma} (expected 0 to 1)`);
}
