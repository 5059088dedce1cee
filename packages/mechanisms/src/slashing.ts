/**
 * Slashing: whoever works locks a stake, and loses it when an audit finds the work bad.
 *
 *   S = k w + s per PFLOP of an epoch and per name, to three figures, with w the pay that the innermost rule offers,
 * in dollars and before anything that delays or weighs it
 *
 * Honest work is worth it iff c <= p (d - f)(w + S): the stake multiplies what an audit at rate p deters (Becker, "Crime and
 * punishment: an economic approach", Journal of Political Economy 76, 1968; as deposits in proof of stake: Buterin and
 * Griffith, "Casper the Friendly Finality Gadget", arXiv 1710.09437). Stake is locked from cash as the epoch is settled,
 * before pay; what cash lacks is held back from the epoch's pay; whoever is found bad loses what was locked and never more.
 * Forfeits are burnt, added to the revenue of the model, or shared over those who worked for it. It goes back once it has not
 * been needed for the unbonding time.
 *
 * Limits: a world that lets people without cash work lets them cheat without stake once. Reporters gain by finding each other
 * bad, which no rule here prevents. More work locks more cash, so that monotonicity (of what is in hand) does not survive.
 */
import {
  conditionsForfeiting,
  type Kinded,
  type Mechanism,
  type MechanismContext,
  type Offer,
  quantity,
  type Settlement,
  type Situation,
  share,
} from "@shardlab/contracts";
import { z } from "zod";
import { around, claimsWithout, copied, innermostOffer, innerSpec, passedOn, refusing, within } from "./combinator.ts";
import { offerWorth } from "./offer-worth.ts";
import {
  type ForfeitTarget,
  forfeitStakes,
  forfeitTargets,
  lockFromCash,
  lockFromPay,
  nextStakes,
  openStakes,
  releaseStakes,
  type StakeBook,
  type StakeEpoch,
  stakeEpochs,
} from "./stake-book.ts";

export interface SlashingSpec<Inner> {
  readonly kind: "slashing";
  readonly of: Inner;
  readonly payMultiple: number;
  readonly perWork: number;
  readonly perIdentity: number;
  readonly forfeit: number;
  readonly to: ForfeitTarget;
  readonly unbonding: number;
}

type Rule = Omit<SlashingSpec<unknown>, "of">;

const misplaced = {
  slashing: "slashing within slashing would lock two stakes for one work",
  "network-token": "network-token has a stake of its own",
  "proof-of-sampling": "proof-of-sampling has a stake of its own",
  "closed-lab": "closed-lab takes nobody else's work that could be slashed",
};

export const slashingSpec = <Inner extends Kinded>(inner: () => z.ZodType<Inner>) =>
  z
    .strictObject({
      kind: z.literal("slashing"),
      get of() {
        return innerSpec(inner(), refusing(misplaced), "the rule whose work is staked on");
      },
      payMultiple: z.number().min(0).max(1e6).default(9).describe("stake in the epoch's pay, at what that is worth"),
      perWork: quantity("money", { min: "$0" }).prefault("$0").describe("stake besides, for each PFLOP of an epoch"),
      perIdentity: quantity("money", { min: "$0" }).prefault("$0").describe("stake besides, for each name at work"),
      forfeit: share().prefault("100 %").describe("share of the stake that bad work loses"),
      to: z.enum(forfeitTargets).default("burn").describe("who gets what is forfeited"),
      unbonding: quantity("duration", { min: "0 s" })
        .prefault("7 d")
        .describe("before stake that is not needed goes back"),
    })
    .refine(({ payMultiple, perWork, perIdentity }) => payMultiple + perWork + perIdentity > 0, {
      path: ["payMultiple"],
      error: "no stake: expected payMultiple, perWork or perIdentity above 0",
    });

export interface SlashingState<State> {
  readonly context: MechanismContext;
  readonly inner: State;
  readonly stakes: StakeBook;
}

export function slashing<State>(spec: Rule, inner: Mechanism<State>): Mechanism<SlashingState<State>> {
  const begin = stakeEpochs();
  return {
    kind: spec.kind,
    ...passedOn(inner),
    ...claimsOf(spec, inner),
    open: (context) => {
      const { state, postings } = inner.open(context);
      return { state: { context, inner: state, stakes: openStakes(context) }, postings };
    },
    quote: (state, situation) => quote(spec, inner, state, situation),
    settle: (state, batch) => settle(spec, inner, state, begin(state.context, state.stakes, batch)),
  };
}

const lostClaims = ["monotonicity", "collusion-resistance"] as const;
const conditionalClaims = ["individual-rationality", "incentive-compatibility"] as const;

/** Where honest work is worth it is known if what is forfeited is gone: a treasury or reporters may give some of it back. */
function claimsOf({ forfeit, to }: Rule, inner: Mechanism): Pick<Mechanism, "claims" | "conditions"> {
  const isKnown = to === "burn" && (forfeit === 1 || inner.conditions === undefined);
  if (!isKnown) return { claims: claimsWithout(inner, [...lostClaims, ...conditionalClaims]) };
  return { claims: claimsWithout(inner, lostClaims), conditions: inner.conditions ?? conditionsForfeiting(forfeit) };
}

function quote<State>(spec: Rule, inner: Mechanism<State>, state: SlashingState<State>, situation: Situation): Offer {
  // The inner rule is asked again below, and may reuse its columns.
  const offer = copied(inner.quote(state.inner, situation));
  const worth = offerWorth(state.context, innermostOffer(offer), situation, (cumulativeWork) =>
    innermostOffer(inner.quote(state.inner, { ...situation, cumulativeWork })),
  );
  const stakes = (worths: Float64Array, dollars: number): Float64Array =>
    worths.map((pay, model) => (offer.access[model] > 0 ? toFigures(spec.payMultiple * pay + dollars) : 0));
  return around(offer, {
    stakePerWork: stakes(worth.perWork, spec.perWork),
    stakePerIdentity: stakes(worth.perIdentity, spec.perIdentity),
    forfeitShare: new Float64Array(offer.access.length).fill(spec.forfeit),
  });
}

/** Three significant figures, so that a stake does not move with every unit of ownership that is issued. */
const toFigures = (dollars: number): number => Number(dollars.toPrecision(3));

function settle<State>(
  spec: Rule,
  inner: Mechanism<State>,
  { context, inner: innerState }: SlashingState<State>,
  epoch: StakeEpoch,
): Settlement<SlashingState<State>> {
  const { batch } = epoch;
  const locked = lockFromCash(epoch);
  const forfeits = forfeitStakes(epoch, { share: spec.forfeit, target: spec.to });
  const { toTreasuryMicros } = forfeits;
  const revenueMicros = batch.revenueMicros.map((micros, model) => micros + toTreasuryMicros[model]);
  const settled = inner.settle(innerState, within({ ...batch, revenueMicros }));
  const held = lockFromPay(epoch, settled.postings);
  const released = releaseStakes(epoch, spec);
  return {
    state: { context, inner: settled.state, stakes: nextStakes(epoch) },
    postings: [...locked, ...forfeits.postings, ...settled.postings, ...held, ...released],
  };
}
