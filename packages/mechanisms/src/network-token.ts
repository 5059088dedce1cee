/**
 * Network token: one token over all tasks of a network, which the network buys back with a part of its fees.
 *
 * Whoever has a model trained (the submitter; here the sponsor's outlay) pays a multiple of the market's price for each PFLOP. The
 * network keeps a protocol fee f of that and of all revenue of models; the rest of the price is for solvers and, as checking takes v
 * for each unit solved, for verifiers: 1 / (1 + v) of the work trains. The share b of the fees buys tokens back from their holders and
 * burns them, the rest goes to the network's operator. Besides fees, each PFLOP earns tokens from an issue that the target work of all
 * models exhausts: the same number whatever the model.
 *
 *   token = (b f (expected revenue of all models + outlay still to be spent) + B) / tokens that exist or will be issued
 *   bought back: B / (B + b f (...)) of all tokens, pro rata, for the cash B that fees have brought since the last time
 *
 * so that a PFLOP earns the same tokens whatever the model, and a model's success is spread over all holders.
 *
 * Source: Gensyn, which names a submitter, solvers, verifiers and whistle-blowers, a supply of 10^10 tokens, a protocol fee of 0.5 %
 * and 70 % of what is bought back burned (secondary reports of the 2025-2026 token documents; the litepaper of 2022 is out of date and
 * names no figures). Checking at 46 % over the work is recalled from the litepaper, not verified. Which part of the tokens is issued
 * for work, and by which schedule, is an assumption. Not modelled: trading the token, jackpots, whistle-blowers' shares.
 * With stake, whoever is found bad forfeits it to the fees that buy back.
 */
import {
  access,
  type EpochBatch,
  type Mechanism,
  type MechanismContext,
  type MechanismProperty,
  microsPerDollar,
  type Offer,
  type PostingBatch,
  quantity,
  type Settlement,
  type Situation,
  share,
} from "@shardlab/contracts";
import { z } from "zod";
import { emptyOffer } from "./offer.ts";
import { affordablePrice, outlayMicros } from "./outlay-terms.ts";
import { payPerUnit, splitByTarget, treasuryTransfer } from "./payout.ts";
import { endsPeriod } from "./revenue-share.ts";
import {
  forfeitStakes,
  lockFromCash,
  lockFromPay,
  nextStakes,
  openStakes,
  releaseStakes,
  type StakeBook,
  type StakeEpoch,
  stakeEpochs,
} from "./stake-book.ts";
import { buyBack, outstandingUnits } from "./token-buy-back.ts";

export const networkTokenSpec = z.strictObject({
  kind: z.literal("network-token"),
  multiple: z.number().min(0).max(100).default(1).describe("price of work to the submitter, in rental market prices"),
  protocolFee: share().prefault("0.5 %").describe("share of payments and of revenue that the network keeps"),
  buyBackShare: share().prefault("70 %").describe("share of the fees that buys tokens back and burns them"),
  verification: z.number().min(0).max(10).default(0.46).describe("work of verifiers for each unit that solvers do"),
  supply: z.number().min(1).max(1e10).default(1e10).describe("tokens at the start"),
  issuedForWork: share().prefault("30 %").describe("share of them that the target work of all models earns"),
  settlement: quantity("duration", { min: "1 d" }).prefault("30 d").describe("how often tokens are bought back"),
  stake: z.number().min(0).max(1e6).default(1).describe("stake for each epoch's work, in its pay"),
  unbonding: quantity("duration", { min: "0 s" }).prefault("7 d").describe("before stake that is not needed goes back"),
});
export type NetworkTokenSpec = z.output<typeof networkTokenSpec>;

/** Smallest units in a token: finer ones would be worth less than the micro-dollars that price them are exact to. */
export const unitsPerToken = 100;

export interface NetworkTokenState {
  readonly context: MechanismContext;
  /** Left of the outlay, and fees that will buy back, micro-dollars per model. */
  readonly workMicros: Float64Array;
  readonly feeMicros: Float64Array;
  /** Units still to be issued for work. */
  readonly unissued: number;
  readonly stakes: StakeBook;
}

export function networkToken(spec: NetworkTokenSpec): Mechanism<NetworkTokenState> {
  const begin = stakeEpochs();
  return {
    kind: spec.kind,
    claims,
    open: (context) => {
      // Where tasks cost nothing there is nothing to take from the submitter, and no fee on it to come.
      const workMicros = outlayMicros(context, spec.multiple > 0 ? context.outlayDollars : 0);
      const unissued = unitsForWork(spec);
      const founders = splitByTarget(context, Math.floor(spec.supply * unitsPerToken) - unissued).map(Math.floor);
      const to = Int32Array.from(context.models, ({ designer }) => designer);
      const genesis = {
        reason: "tokens of the founders",
        asset: context.coin,
        from: context.issuer,
        to,
        amount: founders,
      };
      const state: NetworkTokenState = {
        context,
        workMicros,
        feeMicros: new Float64Array(workMicros.length),
        unissued,
        stakes: openStakes(context),
      };
      return {
        state,
        postings: [
          ...treasuryTransfer(context, "outlay for tasks", { from: context.sponsor, micros: workMicros }),
          genesis,
        ],
      };
    },
    quote: (state, situation) => quote(spec, state, situation),
    settle: (state, batch) => settle(spec, state, begin(state.context, state.stakes, batch)),
  };
}

/**
 * Coins are issued, and taken for cash from whoever holds them; more work brings more fees, which retire more coins at once; and a
 * coalition can shift work away from whom is found bad.
 */
const claims: readonly MechanismProperty[] = [
  "budget-balance",
  "symmetry",
  "order-independence",
  "sybil-proofness",
  "null-player",
  "explainability",
];

/** Smallest units that work can earn, all together. */
const unitsForWork = ({ supply, issuedForWork }: Pick<NetworkTokenSpec, "supply" | "issuedForWork">): number =>
  Math.floor(supply * issuedForWork * unitsPerToken);

/** Tokens that a PFLOP for any model earns. */
function tokensPerWork(spec: Pick<NetworkTokenSpec, "supply" | "issuedForWork">, context: MechanismContext): number {
  const target = context.models.reduce((sum, model) => sum + model.targetWork, 0);
  return unitsForWork(spec) / unitsPerToken / target;
}

/** Dollars that are believed to buy back in the future: of all revenue, and of the outlay for models that still take work. */
function comingBuyBacks(spec: NetworkTokenSpec, state: NetworkTokenState, situation: Situation): number {
  const revenue = situation.expectedValueDollars.reduce((sum, dollars) => sum + dollars, 0);
  const toBeSpent = state.workMicros.reduce((sum, micros, model) => sum + situation.training[model] * micros, 0);
  return spec.buyBackShare * spec.protocolFee * (revenue + toBeSpent / microsPerDollar);
}

/** Less than this share of the issue is what rounding has left over. */
const leftOver = 1e-6;

function quote(spec: NetworkTokenSpec, state: NetworkTokenState, situation: Situation): Offer {
  const { context } = state;
  const offer = emptyOffer(context.models.length);
  offer.usefulShare.fill(1 / (1 + spec.verification));
  const fees = state.feeMicros.reduce((sum, micros) => sum + micros, 0) / microsPerDollar;
  const units = outstandingUnits(context, situation.balances) + state.unissued;
  const tokenDollars = units > 0 ? ((comingBuyBacks(spec, state, situation) + fees) / units) * unitsPerToken : 0;
  // What the last tokens earn is offered to as much work as was done before; what rounding has left over is no offer.
  const recentWork = situation.recentWork.reduce((sum, work) => sum + work, 0);
  const due = Math.max(1, recentWork) * tokensPerWork(spec, context) * unitsPerToken;
  const left = state.unissued > leftOver * unitsForWork(spec) ? state.unissued : 0;
  const coinDollars = (left < due ? left / due : 1) * tokensPerWork(spec, context) * tokenDollars;
  for (let model = 0; model < offer.access.length; model++) {
    const isFunded = state.workMicros[model] >= 1;
    if (situation.training[model] === 0 || (!isFunded && left === 0)) continue;
    const paid = affordablePrice({
      price: spec.multiple * situation.marketPricePerWork,
      micros: state.workMicros[model],
      recentWork: situation.recentWork[model],
    });
    offer.access[model] = access.open;
    offer.cashPerWork[model] = isFunded ? paid * (1 - spec.protocolFee) : 0;
    offer.coinPerWork[model] = coinDollars;
    offer.stakePerWork[model] = spec.stake * (offer.cashPerWork[model] + coinDollars);
  }
  return offer;
}

function settle(spec: NetworkTokenSpec, state: NetworkTokenState, epoch: StakeEpoch): Settlement<NetworkTokenState> {
  const { context } = state;
  const { batch } = epoch;
  const locked = lockFromCash(epoch);
  const forfeits = forfeitStakes(epoch, { share: 1, target: "treasury" });
  const tasks = payForTasks(spec, state, batch);
  const issue = issueForWork(spec, state, batch);
  const fees = collectFees(spec, context, { revenueMicros: batch.revenueMicros, paidFees: tasks.feeMicros });
  const feeMicros = state.feeMicros.map(
    (micros, model) => micros + fees.kept[model] + forfeits.toTreasuryMicros[model],
  );
  const back = endsPeriod(context, batch.epoch, spec.settlement)
    ? buyBack(context, batch.situation.balances, {
        feeMicros,
        laterDollars: comingBuyBacks(spec, { ...state, workMicros: tasks.left }, batch.situation),
      })
    : { postings: [] as PostingBatch[], spentMicros: feeMicros.map(() => 0) };
  const held = lockFromPay(epoch, tasks.postings);
  const released = releaseStakes(epoch, spec);
  return {
    state: {
      context,
      workMicros: tasks.left,
      feeMicros: feeMicros.map((micros, model) => micros - back.spentMicros[model]),
      unissued: state.unissued - issue.units,
      stakes: nextStakes(epoch),
    },
    postings: [
      ...locked,
      ...forfeits.postings,
      ...fees.postings,
      ...tasks.postings,
      ...held,
      ...back.postings,
      ...issue.postings,
      ...released,
    ],
  };
}

/** Solvers' and verifiers' parts of the price, and the fee on it, from what is left of the outlay. */
function payForTasks(
  spec: NetworkTokenSpec,
  { context, workMicros }: NetworkTokenState,
  batch: EpochBatch,
): { postings: PostingBatch[]; left: Float64Array; feeMicros: Float64Array } {
  const solving = 1 / (1 + spec.verification);
  const part = (column: Float64Array, factor: number): Float64Array => column.map((value) => value * factor);
  const { cashPerWork } = batch.offer;
  const budget = (factor: number): Float64Array => part(workMicros, (1 - spec.protocolFee) * factor).map(Math.floor);
  const solvers = payPerUnit(context, "fees of solvers", {
    deliveries: batch.work,
    rate: part(cashPerWork, solving),
    budgetMicros: budget(solving),
  });
  const verifiers = payPerUnit(context, "fees of verifiers", {
    deliveries: batch.work,
    rate: part(cashPerWork, 1 - solving),
    budgetMicros: budget(1 - solving),
  });
  const paid = solvers.paidMicros.map((micros, model) => micros + verifiers.paidMicros[model]);
  const feeMicros = paid.map((micros, model) =>
    spec.protocolFee < 1
      ? Math.min(workMicros[model] - micros, Math.floor((micros * spec.protocolFee) / (1 - spec.protocolFee)))
      : 0,
  );
  return {
    postings: [...solvers.postings, ...verifiers.postings],
    left: workMicros.map((micros, model) => micros - paid[model] - feeMicros[model]),
    feeMicros,
  };
}

/** Fees on payments and revenue: a share stays to buy back, the rest is the operator's, and the rest of revenue the designer's. */
function collectFees(
  spec: NetworkTokenSpec,
  context: MechanismContext,
  { revenueMicros, paidFees }: { readonly revenueMicros: Float64Array; readonly paidFees: Float64Array },
): { kept: Float64Array; postings: PostingBatch[] } {
  const onRevenue = revenueMicros.map((micros) => Math.floor(micros * spec.protocolFee));
  const all = onRevenue.map((micros, model) => micros + paidFees[model]);
  const kept = all.map((micros) => Math.floor(micros * spec.buyBackShare));
  const operator = all.map((micros, model) => micros - kept[model]);
  const designers = revenueMicros.map((micros, model) => micros - onRevenue[model]);
  return {
    kept,
    postings: [
      ...treasuryTransfer(context, "revenue of the submitter", { to: "designer", micros: designers }),
      ...treasuryTransfer(context, "fees of the operator", { to: context.suppliers, micros: operator }),
    ],
  };
}

/** Tokens for work; where fewer are left than it would earn, everybody gets the same share of them. */
function issueForWork(
  spec: NetworkTokenSpec,
  { context, unissued }: NetworkTokenState,
  { work }: EpochBatch,
): { postings: PostingBatch[]; units: number } {
  const { count, quantity } = work;
  const rate = tokensPerWork(spec, context) * unitsPerToken;
  let due = 0;
  for (let row = 0; row < count; row++) due += quantity[row] * rate;
  const part = due > unissued ? unissued / due : 1;
  const amount = new Float64Array(count);
  let units = 0;
  for (let row = 0; row < count; row++) {
    amount[row] = Math.min(unissued - units, Math.floor(quantity[row] * rate * part));
    units += amount[row];
  }
  const to = work.account.slice(0, count);
  const posting = { reason: "tokens for work", asset: context.coin, from: context.issuer, to, amount };
  return { postings: units > 0 ? [posting] : [], units };
}
