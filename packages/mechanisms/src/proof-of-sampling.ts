/**
 * Proof of sampling: a share of the work is done again by somebody else, and whoever is found out loses pay and stake.
 *
 * Work earns R per PFLOP. With chance p a second validator, drawn at random, is asked for the same work, and is paid R for it,
 * too; the two results agree if both are honest, and if both are wrong in the same way, by collusion or coincidence, a share r
 * of the draws. Honest work earns R - C, cheated work R - p (1 - r) (R + S), with C its cost and S the stake, so that honesty is the
 * only pure equilibrium iff
 *
 *   p > C / ((1 - r) (R + S))
 *
 * (Zhang and Wang, "Proof of Sampling: A Nash equilibrium-secured verification protocol for decentralized systems", arXiv
 * 2405.00295; used by Hyperbolic.) The price R is a multiple of the rental market's, paid from the outlay until it is spent. Validators
 * are the providers themselves, so that of all work paid for 1 / (1 + p) trains and p / (1 + p) checks. Who is found bad comes from
 * outside: the world's audits must be as frequent as the rule says, and cost nothing besides. Forfeited stake pays for more work.
 */
import {
  access,
  type Mechanism,
  type MechanismContext,
  mechanismProperties,
  type Offer,
  quantity,
  type Settlement,
  type Situation,
  share,
} from "@shardlab/contracts";
import { z } from "zod";
import { emptyOffer } from "./offer.ts";
import { affordablePrice, outlayMicros } from "./outlay-terms.ts";
import { payPerUnit, treasuryTransfer } from "./payout.ts";
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

export const proofOfSamplingSpec = z.strictObject({
  kind: z.literal("proof-of-sampling"),
  challenge: share().prefault("5 %").describe("p: chance that work is asked for a second time"),
  multiple: z.number().positive().max(100).default(1).describe("R: pay for work, in rental market prices"),
  stake: z.number().min(0).max(1e6).default(20).describe("S: stake for each epoch's work, in its pay"),
  unbonding: quantity("duration", { min: "0 s" }).prefault("7 d").describe("before stake that is not needed goes back"),
});
export type ProofOfSamplingSpec = z.output<typeof proofOfSamplingSpec>;

/** What one piece of work costs, earns and puts at risk, in one currency, and the share of validators who would not object. */
export interface SamplingGame {
  readonly cost: number;
  readonly reward: number;
  readonly stake: number;
  readonly collusion: number;
}

/**
 * The chance of a challenge above which honest work is the better answer: C / ((1 - r)(R + S)). Above 1 nothing deters.
 *
 * @throws Error `invalid share of collusion: …` unless 0 <= r < 1
 */
export function honestyThreshold({ cost, reward, stake, collusion }: SamplingGame): number {
  if (!(collusion >= 0 && collusion < 1)) {
    throw new Error(`invalid share of collusion: ${collusion} (expected at least 0 and below 1)`);
  }
  return cost / ((1 - collusion) * (reward + stake));
}

export interface ProofOfSamplingState {
  readonly context: MechanismContext;
  readonly workMicros: Float64Array;
  readonly stakes: StakeBook;
}

export function proofOfSampling(spec: ProofOfSamplingSpec): Mechanism<ProofOfSamplingState> {
  const begin = stakeEpochs();
  return {
    kind: spec.kind,
    claims: mechanismProperties.filter((property) => spec.stake === 0 || !lostByStake.includes(property)),
    open: (context) => {
      const workMicros = outlayMicros(context, context.outlayDollars);
      const postings = treasuryTransfer(context, "outlay for work", { from: context.sponsor, micros: workMicros });
      return { state: { context, workMicros, stakes: openStakes(context) }, postings };
    },
    quote: (state, situation) => quote(spec, state, situation),
    settle: (state, batch) => settle(spec, state, begin(state.context, state.stakes, batch)),
  };
}

/** More work locks more cash, and a coalition can have its work done by those who are not found bad. */
const lostByStake: readonly string[] = ["monotonicity", "collusion-resistance"];

function quote(spec: ProofOfSamplingSpec, state: ProofOfSamplingState, situation: Situation): Offer {
  const offer = emptyOffer(state.context.models.length);
  offer.usefulShare.fill(1 / (1 + spec.challenge));
  for (let model = 0; model < offer.access.length; model++) {
    if (situation.training[model] === 0 || state.workMicros[model] < 1) continue;
    offer.access[model] = access.open;
    offer.cashPerWork[model] = affordablePrice({
      price: spec.multiple * situation.marketPricePerWork,
      micros: state.workMicros[model],
      recentWork: situation.recentWork[model],
    });
    offer.stakePerWork[model] = spec.stake * offer.cashPerWork[model];
  }
  return offer;
}

function settle(
  spec: ProofOfSamplingSpec,
  { context, workMicros }: ProofOfSamplingState,
  epoch: StakeEpoch,
): Settlement<ProofOfSamplingState> {
  const { batch } = epoch;
  const locked = lockFromCash(epoch);
  const forfeits = forfeitStakes(epoch, { share: 1, target: "treasury" });
  const { cashPerWork, usefulShare } = batch.offer;
  const solved = cashPerWork.map((price, model) => price * usefulShare[model]);
  const checked = cashPerWork.map((price, model) => price - solved[model]);
  // Both kinds of pay fall alike where what is left does not meet them.
  const budget = (part: Float64Array): Float64Array =>
    workMicros.map((micros, model) =>
      cashPerWork[model] > 0 ? Math.floor((micros * part[model]) / cashPerWork[model]) : 0,
    );
  const pay = payPerUnit(context, "pay for work", {
    deliveries: batch.work,
    rate: solved,
    budgetMicros: budget(solved),
  });
  const fees = payPerUnit(context, "pay of validators", {
    deliveries: batch.work,
    rate: checked,
    budgetMicros: budget(checked),
  });
  const paid = [...pay.postings, ...fees.postings];
  const held = lockFromPay(epoch, paid);
  const released = releaseStakes(epoch, spec);
  const left = workMicros.map((micros, model) => {
    return micros - pay.paidMicros[model] - fees.paidMicros[model] + forfeits.toTreasuryMicros[model];
  });
  return {
    state: { context, workMicros: left, stakes: nextStakes(epoch) },
    postings: [
      ...treasuryTransfer(context, "revenue of the institution", { to: "designer", micros: batch.revenueMicros }),
      ...locked,
      ...forfeits.postings,
      ...paid,
      ...held,
      ...released,
    ],
  };
}
