/**
 * Proof of work: coins are issued to whoever computes, in proportion to work, whatever the work is good for.
 *
 * The subsidy halves at fixed heights by an integer shift, blocks come at the rate work / difficulty, and the difficulty is
 * retargeted so that a block takes its intended time, by at most a factor of 4 either way. Entry is free: providers come
 * while the coins that they expect are worth their cost. The work secures a ledger and trains nothing.
 *
 * Source: Nakamoto (2008) and Bitcoin Core's consensus rules (subsidy 50, halving every 210,000 blocks, retarget every
 * 2,016 blocks). The path of the coin's price is an input.
 */
import {
  access,
  type EpochBatch,
  type Mechanism,
  type MechanismContext,
  mechanismProperties,
  type Offer,
  quantity,
  type Settlement,
  type Situation,
} from "@shardlab/contracts";
import { splitByLargestRemainder } from "@shardlab/ledger";
import { exp } from "@shardlab/numerics";
import { z } from "zod";
import { emptyOffer } from "./offer.ts";

/** All that is ever issued is less than twice the subsidies before the first halving: what one posting can carry (2^52). */
const mostBeforeHalving = 2 ** 51;

export const proofOfWorkSpec = z
  .strictObject({
    kind: z.literal("proof-of-work"),
    subsidy: z
      .number()
      .int()
      .min(1)
      .max(mostBeforeHalving)
      .default(5_000_000_000)
      .describe("first reward of a block, smallest units of the coin"),
    unitsPerCoin: z.number().int().min(1).max(1e12).default(100_000_000).describe("smallest units in a coin"),
    halvingBlocks: z.number().int().min(1).default(210_000),
    blockTime: quantity("duration", { min: "1 s", max: "1 d" })
      .prefault("10 min")
      .describe("aimed at by the difficulty"),
    retargetBlocks: z.number().int().min(1).default(2016),
    coinPrice: quantity("money", { above: "$0" }).prefault("$1").describe("at the start"),
    coinPriceGrowth: quantity("annualRate").prefault("0 %/y").describe("continuous growth of the coin's price"),
    workPerBlock: z.number().positive().default(1000).describe("difficulty at the start: expected PFLOP for a block"),
  })
  .refine(({ subsidy, halvingBlocks }) => subsidy * halvingBlocks <= mostBeforeHalving, {
    path: ["subsidy"],
    error: `too large: expected at most ${mostBeforeHalving} / halvingBlocks`,
  });
export type ProofOfWorkSpec = z.output<typeof proofOfWorkSpec>;

export interface ProofOfWorkState {
  readonly context: MechanismContext;
  readonly height: number;
  /** Progress towards the next block, in blocks. */
  readonly partialBlock: number;
  readonly workPerBlock: number;
  readonly secondsSinceRetarget: number;
}

export function proofOfWork(spec: ProofOfWorkSpec): Mechanism<ProofOfWorkState> {
  return {
    kind: spec.kind,
    claims: mechanismProperties.filter(
      (property) => property !== "no-creation-from-nothing" && property !== "null-player",
    ),
    open: (context) => ({
      state: { context, height: 0, partialBlock: 0, workPerBlock: spec.workPerBlock, secondsSinceRetarget: 0 },
      postings: [],
    }),
    quote: (state, situation) => quote(spec, state, situation),
    settle: (state, batch) => settle(spec, state, batch),
  };
}

/** Reward of the block at `height`, smallest units: the subsidy shifted right by the number of halvings. */
export function subsidyAt(spec: Pick<ProofOfWorkSpec, "subsidy" | "halvingBlocks">, height: number): number {
  const halvings = Math.floor(height / spec.halvingBlocks);
  return halvings > 52 ? 0 : Number(BigInt(spec.subsidy) >> BigInt(halvings));
}

/** Coins issued by the blocks from height `from` up to and excluding `to`, smallest units, exactly. */
export function issuanceBetween(
  spec: Pick<ProofOfWorkSpec, "subsidy" | "halvingBlocks">,
  from: number,
  to: number,
): bigint {
  let issued = 0n;
  for (let height = from; height < to; ) {
    const era = Math.min(to, (Math.floor(height / spec.halvingBlocks) + 1) * spec.halvingBlocks);
    const reward = subsidyAt(spec, height);
    if (reward === 0) break;
    issued += BigInt(reward) * BigInt(era - height);
    height = era;
  }
  return issued;
}

function quote(spec: ProofOfWorkSpec, state: ProofOfWorkState, situation: Situation): Offer {
  const { context } = state;
  const offer = emptyOffer(context.models.length);
  const price = spec.coinPrice * exp(spec.coinPriceGrowth * situation.epoch * context.epochSeconds);
  // There is one chain, whatever models the scenario names: it stands in the place of the first.
  offer.access[0] = access.open;
  offer.usefulShare.fill(0);
  offer.coinPerWork[0] = ((subsidyAt(spec, state.height) / spec.unitsPerCoin) * price) / state.workPerBlock;
  return offer;
}

function settle(spec: ProofOfWorkSpec, state: ProofOfWorkState, batch: EpochBatch): Settlement<ProofOfWorkState> {
  const { context } = state;
  const { count, account, quantity } = batch.work;
  const done = quantity.slice(0, count);
  const work = done.reduce((sum, amount) => sum + amount, 0);
  const next = mine(spec, state, work);
  const issued = Number(issuanceBetween(spec, state.height, next.height));
  if (issued === 0) return { state: next, postings: [] };
  const amount = new Float64Array(count);
  splitByLargestRemainder(issued, done, amount);
  return {
    state: next,
    postings: [
      { reason: "block rewards", asset: context.coin, from: context.issuer, to: account.slice(0, count), amount },
    ],
  };
}

/** One epoch of mining with `work` PFLOP, retargeting as often as the blocks found demand. */
function mine(spec: ProofOfWorkSpec, state: ProofOfWorkState, work: number): ProofOfWorkState {
  const { context } = state;
  let { height, partialBlock, workPerBlock, secondsSinceRetarget } = state;
  let secondsLeft = context.epochSeconds;
  const workPerSecond = work / context.epochSeconds;
  while (secondsLeft > 0 && workPerSecond > 0) {
    const blocksPerSecond = workPerSecond / workPerBlock;
    const toRetarget = spec.retargetBlocks - (height % spec.retargetBlocks);
    const found = partialBlock + secondsLeft * blocksPerSecond;
    if (found < toRetarget) {
      height += Math.floor(found);
      partialBlock = found - Math.floor(found);
      secondsSinceRetarget += secondsLeft;
      break;
    }
    // By blocks rather than by time, so that an epoch that ends on the last block before a retarget includes it.
    const seconds = Math.min(secondsLeft, (toRetarget - partialBlock) / blocksPerSecond);
    const intended = spec.retargetBlocks * spec.blockTime;
    workPerBlock *= Math.min(4, Math.max(0.25, intended / (secondsSinceRetarget + seconds)));
    height += toRetarget;
    partialBlock = 0;
    secondsLeft -= seconds;
    secondsSinceRetarget = 0;
  }
  if (workPerSecond === 0) secondsSinceRetarget += secondsLeft;
  return { context, height, partialBlock, workPerBlock, secondsSinceRetarget };
}
