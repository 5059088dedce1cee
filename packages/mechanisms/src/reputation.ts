/**
 * Reputation: what a provider earns is weighted by a score that grows with verified work and resets when work is found bad.
 *
 *   score = (r + 1) / (r + s + 2),  r <- lambda r + work / workPerFeedback,  at a verdict r <- 0 and s <- lambda s + v
 *
 * with lambda the share of evidence that is left after an epoch. It is the expected value of the beta distribution after r good
 * and s bad experiences, with their forgetting and weights, and 1/2 for whoever nothing is known of (Josang and Ismail, "The
 * beta reputation system", 15th Bled Electronic Commerce Conference, 2002). That a verdict wipes out the good is ours.
 *
 * Evidence is counted in work and not in deliveries, so that k names that share the work of one have less of it each, and earn
 * no more together. Each name of a row has an equal part. The score of an epoch is the one before it. What is not paid for lack
 * of reputation stays in the treasury as revenue of the next epoch, or is not issued. The offer is quoted at the mean score of the
 * last epoch's work. Limits: whoever was found bad has less than a newcomer, and is better off under a new name (Friedman and
 * Resnick, "The social cost of cheap pseudonyms", Journal of Economics and Management Strategy 10, 2001).
 */
import {
  type Deliveries,
  type EpochBatch,
  flopPerWork,
  type Kinded,
  type Mechanism,
  type MechanismContext,
  type Offer,
  quantity,
  type Settlement,
} from "@shardlab/contracts";
import { exp } from "@shardlab/numerics";
import { z } from "zod";
import {
  around,
  claimsWithout,
  innermost,
  innerSpec,
  isLast,
  offeredClaims,
  offeredPay,
  passedOn,
  refusing,
  scaled,
  within,
} from "./combinator.ts";
import { treasuryTransfer } from "./payout.ts";
import { scalePay } from "./provider-pay.ts";

export interface ReputationSpec<Inner> {
  readonly kind: "reputation";
  readonly of: Inner;
  readonly workPerFeedback: number;
  readonly halfLife: number;
  readonly verdictWeight: number;
}

type Rule = Omit<ReputationSpec<unknown>, "of">;

const heldBack = (kind: string): string =>
  `${kind} within reputation would release pay that was never weighted: expected ${kind} around reputation`;

const misplaced = {
  reputation: "reputation within reputation would weigh pay twice",
  escrow: heldBack("escrow"),
  vesting: heldBack("vesting"),
  slashing:
    "slashing within reputation would hold stake back from pay that is withheld: expected slashing around reputation",
  "closed-lab": "closed-lab pays no providers",
};

/** Rules with a stake of their own hold it back from pay, too. */
function withStake(inner: Kinded & { readonly stake?: number }): string[] {
  const { kind, stake = 0 }: Kinded & { readonly stake?: number } = innermost(inner);
  const isStaked = (kind === "network-token" || kind === "proof-of-sampling") && stake > 0;
  return isStaked
    ? [`${kind} within reputation would hold stake back from pay that is withheld: expected stake 0`]
    : [];
}

export const reputationSpec = <Inner extends Kinded>(inner: () => z.ZodType<Inner>) =>
  z.strictObject({
    kind: z.literal("reputation"),
    get of() {
      return innerSpec(
        inner(),
        (spec) => [...refusing(misplaced)(spec), ...withStake(spec)],
        "the rule whose pay is weighted",
      );
    },
    workPerFeedback: quantity("compute", { above: "0 FLOP" })
      .prefault("10000 PFLOP")
      .describe("verified work that counts as one good experience"),
    halfLife: quantity("duration", { min: "1 d" }).prefault("180 d").describe("in which evidence counts half"),
    verdictWeight: z.number().min(0).max(1e6).default(1).describe("bad experiences that a verdict counts as"),
  });

/** Evidence has one row per provider. */
export interface ReputationState<State> {
  readonly context: MechanismContext;
  readonly inner: State;
  readonly good: Float64Array;
  readonly bad: Float64Array;
  /** Mean score of the last epoch's work. */
  readonly meanScore: number;
  /** Not paid in the last epoch, micro-dollars per model. */
  readonly withheldMicros: Float64Array;
}

/** The expected share of good deliveries after `good` good and `bad` bad ones. */
export const betaScore = (good: number, bad: number): number => (good + 1) / (good + bad + 2);

const newcomer = betaScore(0, 0);

export function reputation<State>(rule: Rule, inner: Mechanism<State>): Mechanism<ReputationState<State>> {
  return {
    kind: rule.kind,
    claims: claimsWithout(inner, ["individual-rationality", "incentive-compatibility", "collusion-resistance"]),
    ...passedOn(inner),
    open: (context) => {
      const { state, postings } = inner.open(context);
      const [good, bad] = [new Float64Array(context.providers.count), new Float64Array(context.providers.count)];
      const withheldMicros = new Float64Array(context.models.length);
      return { state: { context, inner: state, good, bad, meanScore: newcomer, withheldMicros }, postings };
    },
    quote: (state, situation): Offer => {
      const offer = inner.quote(state.inner, situation);
      return around(offer, { ...offeredPay(offer, state.meanScore), ...offeredClaims(offer, state.meanScore) });
    },
    settle: (state, batch) => settle({ rule, inner }, state, batch),
  };
}

function settle<State>(
  { rule, inner }: { readonly rule: Rule; readonly inner: Mechanism<State> },
  state: ReputationState<State>,
  batch: EpochBatch,
): Settlement<ReputationState<State>> {
  const { context } = state;
  const revenueMicros = batch.revenueMicros.map((micros, model) => micros + state.withheldMicros[model]);
  const settled = inner.settle(state.inner, within({ ...batch, revenueMicros }));
  const scores = scoresOf(state, batch.work);
  const { postings, withheldMicros } = scalePay(context, settled.postings, scores);
  const isOver = isLast(context, batch.epoch);
  const leftOver = isOver ? treasuryTransfer(context, "pay withheld", { to: "designer", micros: withheldMicros }) : [];
  return {
    state: {
      context,
      inner: settled.state,
      ...evidenceAfter(rule, state, batch),
      meanScore: meanScoreOf(scores, batch.work, context) ?? state.meanScore,
      withheldMicros: isOver ? withheldMicros.map(() => 0) : withheldMicros,
    },
    postings: [...postings, ...leftOver],
  };
}

/** The score of each provider, of one of its names where its row has several. */
function scoresOf<State>({ good, bad, context }: ReputationState<State>, work: Deliveries): Float64Array {
  const scores = good.map((evidence, provider) => betaScore(evidence, bad[provider]));
  const { count, account, identities } = work;
  if (identities === undefined) return scores;
  for (let row = 0; row < count; row++) {
    const provider = account[row] - context.providers.first;
    scores[provider] = betaScore(good[provider] / Math.max(1, identities[row]), bad[provider]);
  }
  return scores;
}

/** Weighted by work; undefined where nobody worked. */
function meanScoreOf(scores: Float64Array, work: Deliveries, { providers }: MechanismContext): number | undefined {
  let [total, weighted] = [0, 0];
  for (let row = 0; row < work.count; row++) {
    total += work.quantity[row];
    weighted += work.quantity[row] * scores[work.account[row] - providers.first];
  }
  return total > 0 ? Math.min(1, weighted / total) : undefined;
}

function evidenceAfter<State>(
  rule: Rule,
  { context, good, bad }: ReputationState<State>,
  { work, verdicts }: EpochBatch,
): { good: Float64Array; bad: Float64Array } {
  const left = exp((-Math.LN2 * context.epochSeconds) / rule.halfLife);
  const next = { good: scaled(good, left), bad: scaled(bad, left) };
  for (let row = 0; row < work.count; row++) {
    next.good[work.account[row] - context.providers.first] += (work.quantity[row] * flopPerWork) / rule.workPerFeedback;
  }
  for (let row = 0; row < (verdicts?.count ?? 0); row++) {
    const provider = (verdicts as Deliveries).account[row] - context.providers.first;
    next.good[provider] = 0;
    next.bad[provider] += rule.verdictWeight;
  }
  return next;
}
