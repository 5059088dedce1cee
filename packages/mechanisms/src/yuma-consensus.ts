/**
 * Yuma Consensus: holders of the coin weigh what miners do, and the emission goes by what most of the stake agrees on.
 *
 * Of each epoch's emission 41 % go to miners by incentive, 41 % to validators by dividends, 18 % to the model's designer
 * (`yumaEpoch` has the formulas). Miners are the names that delivered most work; validators the largest holders of the coin, and
 * the designer alone until a provider holds any. An honest validator sets weights in proportion to the work that it measures,
 * with an error of its own; a lazy one weighs all alike; a copying one sets the consensus of the others. Without
 * commit-reveal it sees that at once, which is closer to consensus than any measurement; with it only `revealEpochs` later,
 * so that its weights are stale when miners change. Where bonds are slow and follow weights as they were set (`bondPenalty: 0`),
 * stale copies can pay all the same, because they keep bonds in a miner that comes back.
 *
 * **Money.** The emission is in coin, a fixed amount a day, whose price is an input as in `proof-of-work`; the outlay plays no
 * part. Each model is a market (subnet) of its own with a part of the emission by its target. Coins that no miner earns are not
 * issued. The quote is the miners' part over the work of the epoch before.
 *
 * Source: opentensor/subtensor and its docs/consensus.md; bactensor/yuma-simulation for cases and parameters (kappa 0.5,
 * emission 0.41 / 0.41 / 0.18, bonds 0.1). Commit-reveal: docs.learnbittensor.org, "Commit reveal"; copying: opentensor/subtensor
 * issue 1957.
 *
 * Limits: reveal delays what others see, and not when weights count; validators are chosen by coin held, not by coin staked, and do
 * not pay for measuring; clipping bounds overvaluation only, as on the chain. Checked: the epoch against the published cases and
 * a second implementation. Not checked: against metagraphs of the live network.
 */
import {
  access,
  count,
  type EpochBatch,
  type Mechanism,
  type MechanismContext,
  type Offer,
  type PostingBatch,
  quantity,
  type Settlement,
  type Situation,
  share,
} from "@shardlab/contracts";
import { splitByLargestRemainder } from "@shardlab/ledger";
import { exp } from "@shardlab/numerics";
import { z } from "zod";
import { emptyOffer } from "./offer.ts";
import { splitByTarget, treasuryTransfer } from "./payout.ts";
import {
  behaviours,
  emptyMarket,
  type Market,
  marketEpoch,
  minersOf,
  type Validators,
  validatorsOf,
} from "./yuma-consensus-market.ts";

export const yumaConsensusSpec = z.strictObject({
  kind: z.literal("yuma-consensus"),
  emission: z.number().positive().max(1e5).default(7200).describe("coins a day, over all models"),
  unitsPerCoin: z.number().int().min(1).max(1e8).default(100_000_000).describe("smallest units in a coin"),
  coinPrice: quantity("money", { above: "$0" }).prefault("$1").describe("at the start"),
  coinPriceGrowth: quantity("annualRate").prefault("0 %/y").describe("continuous growth of the coin's price"),
  validatorShare: share({ max: 0.5 }).prefault(0.41).describe("share of the emission for validators"),
  ownerShare: share({ max: 0.5 }).prefault(0.18).describe("share for the model's designer; miners get the rest"),
  miners: z.number().int().min(1).max(4096).default(192).describe("names whose work is weighed, per model"),
  validators: z.number().int().min(1).max(256).default(16).describe("largest holders of the coin who weigh it"),
  lazyShare: share().prefault(0).describe("chance that a provider would validate without looking"),
  copyingShare: share().prefault(0).describe("chance that it would copy"),
  noise: share().prefault(0.05).describe("largest relative error of an honest validator's measurement"),
  kappa: share({ min: 0.01 }).prefault(0.5).describe("share of stake that makes a weight consensus"),
  bondPenalty: share().prefault(1).describe("1: bonds follow clipped weights, 0: weights as they were set"),
  bondAlpha: share({ min: 0.001 }).prefault(0.1).describe("share of the newest in bonds"),
  bonds: z
    .enum(["moving-average", "relative"])
    .default("moving-average")
    .describe("the original rule, or that of Yuma 3"),
  normalizeConsensus: z.boolean().default(false).describe("divide consensus by its sum before clipping"),
  winnerTakesAll: z.boolean().default(false).describe("all incentive to the highest rank"),
  revealEpochs: z.number().int().min(0).max(1000).default(0).describe("epochs until others see weights; 0: at once"),
  publicTokens: count({ max: 1e15 }).prefault("1T").describe("tokens of public data that the network trains on"),
});
export type YumaConsensusSpec = z.output<typeof yumaConsensusSpec>;

export interface YumaConsensusState {
  readonly context: MechanismContext;
  readonly markets: readonly Market[];
}

export function yumaConsensus(spec: YumaConsensusSpec): Mechanism<YumaConsensusState> {
  return {
    kind: spec.kind,
    claims: ["budget-balance", "order-independence", "no-retroactive-confiscation"],
    open: (context) => ({ state: { context, markets: context.models.map(emptyMarket) }, postings: [] }),
    quote: (state, situation) => quote(spec, state, situation),
    settle: (state, batch) => settle(spec, state, batch),
  };
}

const secondsPerDay = 86_400;

/** Work that is always expected, as a part of what would reach the target in time: whoever comes first is not alone for long. */
const leastExpectedPart = 0.01;

/** Smallest units of an epoch's emission for each model, and of it for validators, owner and miners. */
function emissionUnits(spec: YumaConsensusSpec, context: MechanismContext) {
  const units = (spec.emission * spec.unitsPerCoin * context.epochSeconds) / secondsPerDay;
  return [...splitByTarget(context, units)].map((part) => {
    const validators = Math.floor(part * spec.validatorShare);
    const owner = Math.floor(part * spec.ownerShare);
    return { validators, owner, miners: Math.max(0, Math.floor(part) - validators - owner) };
  });
}

function quote(spec: YumaConsensusSpec, state: YumaConsensusState, situation: Situation): Offer {
  const { context } = state;
  const offer = emptyOffer(context.models.length);
  const price = spec.coinPrice * exp(spec.coinPriceGrowth * situation.epoch * context.epochSeconds);
  for (const [model, { miners }] of emissionUnits(spec, context).entries()) {
    if (situation.training[model] === 0) continue;
    const recent = situation.recentWork[model];
    // Before anybody has worked: as if the target were reached in even parts over the horizon. A pause is not the end of it.
    const even = context.models[model].targetWork / Math.max(1, context.horizonEpochs);
    const work = recent > 0 ? Math.max(recent, leastExpectedPart * even) : even;
    offer.access[model] = access.open;
    offer.coinPerWork[model] = ((miners / spec.unitsPerCoin) * price) / work;
    offer.ownTokens[model] = situation.epoch === 0 ? spec.publicTokens : 0;
  }
  return offer;
}

function settle(spec: YumaConsensusSpec, state: YumaConsensusState, batch: EpochBatch): Settlement<YumaConsensusState> {
  const { context } = state;
  const postings = treasuryTransfer(context, "revenue of the designer", {
    to: "designer",
    micros: batch.revenueMicros,
  });
  const holders = holdersOf(spec, context, batch);
  const units = emissionUnits(spec, context);
  const markets = state.markets.map((market, model) => {
    const miners = minersOf(batch.work, model, spec.miners);
    if (batch.situation.training[model] === 0 || miners.key.length === 0) return market;
    const validators = holders.account.length > 0 ? holders : ownerAlone(context, model);
    const next = marketEpoch(
      market,
      { validators, miners, errorOf: errorsOf(spec, context, { epoch: batch.epoch, model }) },
      spec,
    );
    const { incentive, dividends } = next.outcome;
    if (!incentive.some((part) => part > 0)) return next.market;
    const { issuer, models } = context;
    const owner = {
      reason: "owner's share of the emission",
      to: models[model].designer,
      amount: Float64Array.of(units[model].owner),
    };
    const shares = [
      { reason: "emission to miners", to: miners.account, amount: split(units[model].miners, incentive) },
      {
        reason: "dividends of validators",
        to: validators.account,
        amount: split(units[model].validators, dividends),
        isPay: false as const,
      },
      owner,
    ];
    postings.push(...shares.map((posting): PostingBatch => ({ ...posting, asset: context.coin, from: issuer })));
    return next.market;
  });
  return { state: { context, markets }, postings };
}

function split(units: number, shares: Float64Array): Float64Array {
  const amount = new Float64Array(shares.length);
  if (units > 0 && shares.some((part) => part > 0)) splitByLargestRemainder(units, shares, amount);
  return amount;
}

/** The largest holders of the coin. The first draws, one for each provider, tell who would be lazy and who would copy. */
function holdersOf(spec: YumaConsensusSpec, context: MechanismContext, batch: EpochBatch): Validators {
  const coins = new Float64Array(context.providers.count);
  batch.situation.balances.balancesInto(context.providers, context.coin, coins);
  const behaviourOf = (provider: number): number => {
    const uniform = context.uniform(provider);
    if (uniform < spec.copyingShare) return behaviours.copying;
    return uniform < spec.copyingShare + spec.lazyShare ? behaviours.lazy : behaviours.honest;
  };
  return validatorsOf(context, coins, { most: spec.validators, behaviourOf });
}

const ownerAlone = (context: MechanismContext, model: number): Validators => ({
  account: Int32Array.of(context.models[model].designer),
  stake: Float64Array.of(1),
  behaviour: Uint8Array.of(behaviours.honest),
});

/** Errors of measurement: a draw for each validator, miner's account, model and epoch, after those of `holdersOf`. */
function errorsOf(
  spec: YumaConsensusSpec,
  context: MechanismContext,
  { epoch, model }: { readonly epoch: number; readonly model: number },
) {
  const { providers, models } = context;
  const round = epoch * models.length + model;
  return (row: number, account: number): number => {
    const cell = (round * spec.validators + row) * providers.count + (account - providers.first);
    return spec.noise * (2 * context.uniform(providers.count + cell) - 1);
  };
}
