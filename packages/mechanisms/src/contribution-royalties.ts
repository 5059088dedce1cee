/**
 * What rules by measured contribution have in common: work earns ownership by the PFLOP, data providers become
 * contributors, and revenue is split between compute, contributors and the designer.
 *
 * Data provider i (counted from 0) holds place i mod n of the game of n contributors, whatever it delivers to: what a
 * layer or a text is worth is a trait of who made it. It is a contributor of a model once it has delivered to it,
 * counted from the next settlement on; several at one place share what the place earns by tokens.
 */
import {
  access,
  type EpochBatch,
  type Estimate,
  type Mechanism,
  type MechanismContext,
  type MechanismProperty,
  mechanismProperties,
  type Offer,
  type PostingBatch,
  type Settlement,
  type Situation,
} from "@shardlab/contracts";
import { splitByLargestRemainder } from "@shardlab/ledger";
import { type ContributionSplit, contributionShares } from "./contribution-game.ts";
import { emptyOffer } from "./offer.ts";
import { issueOwnership, unitsPerWork } from "./ownership-grant.ts";
import { isPayoutDue } from "./revenue-share.ts";

/**
 * @property values v(S) of the contributors.
 * @property computeShare of revenue, for those who worked, by verified work.
 * @property contributorShare of revenue, for contributors, by `split`; what it leaves over is the designer's.
 * @property settlementSeconds how often revenue is paid out.
 * @property splitFor the split, with the draws of a world.
 */
export interface RoyaltyRule {
  readonly kind: string;
  readonly values: Float64Array;
  readonly places: number;
  readonly computeShare: number;
  readonly contributorShare: number;
  readonly settlementSeconds: number;
  readonly matchOutlay: boolean;
  readonly royaltyReason: string;
  readonly splitFor: (context: MechanismContext) => ContributionSplit;
}

export interface RoyaltyState {
  readonly context: MechanismContext;
  /** What both shares are multiplied by, per model, promised in the first epoch; negative until then. */
  readonly promisedScale: Float64Array;
  /** Revenue that has come in since the last settlement, micro-dollars per model. */
  readonly accruedMicros: Float64Array;
  /** Of each model, the contributors' shares of the royalty at its last settlement that paid one, by place. */
  readonly shares: readonly (readonly Estimate[])[];
}

/**
 * Not claimed: symmetry (places have values of their own) and Sybil-proofness (names at several places are several contributors).
 */
const unclaimed: ReadonlySet<MechanismProperty> = new Set(["symmetry", "sybil-proofness"]);

export function royaltyMechanism(rule: RoyaltyRule): Mechanism<RoyaltyState> {
  return {
    kind: rule.kind,
    claims: mechanismProperties.filter((property) => !unclaimed.has(property)),
    open: (context) => {
      const models = context.models.length;
      const state: RoyaltyState = {
        context,
        promisedScale: new Float64Array(models).fill(-1),
        accruedMicros: new Float64Array(models),
        shares: context.models.map(() => []),
      };
      return { state, postings: [] };
    },
    quote: (state, situation) => quote(rule, state, situation),
    settle: (state, batch) => settle(rule, state, batch),
  };
}

/** One of the models, and how things stand. */
interface OneModel {
  readonly situation: Situation;
  readonly model: number;
}

/** Of shares that add up to 1. */
const rounding = 1e-9;

/**
 * What the shares are multiplied by, so that what compute and all contributors are paid is the outlay, in expectation; at most 1.
 */
function scaleOf(rule: RoyaltyRule, state: RoyaltyState, { situation, model }: OneModel): number {
  if (state.promisedScale[model] >= 0) return state.promisedScale[model];
  const value = situation.expectedValueDollars.reduce((sum, dollars) => sum + dollars, 0);
  const paid = sumOf(contributionShares(rule.values, everybody(rule), rule.splitFor(state.context)));
  const given = value * (rule.computeShare + rule.contributorShare * (paid > 1 - rounding ? 1 : paid));
  return rule.matchOutlay && given > 0 ? Math.min(1, state.context.outlayDollars / given) : 1;
}

function quote(rule: RoyaltyRule, state: RoyaltyState, situation: Situation): Offer {
  const { context } = state;
  const offer = emptyOffer(context.models.length);
  for (let model = 0; model < context.models.length; model++) {
    const scale = scaleOf(rule, state, { situation, model });
    const { members } = contributorsNow(rule, context, { situation, model });
    const shares = contributionShares(rule.values, members === 0 ? everybody(rule) : members, rule.splitFor(context));
    offer.claimShare[model] = rule.computeShare * scale;
    // At most all: sums of shares can be off by a rounding.
    const paid = Math.min(1, sumOf(shares));
    offer.dataClaimShare[model] = Math.min(1 - offer.claimShare[model], rule.contributorShare * scale * paid);
    if (situation.training[model] === 0) continue;
    offer.access[model] = access.open;
    offer.claimPerWork[model] = unitsPerWork;
    offer.claimPerToken[model] = 1;
  }
  return offer;
}

const everybody = ({ places }: RoyaltyRule): number => (1 << places) - 1;
const sumOf = (shares: readonly Estimate[]): number => shares.reduce((sum, { value }) => sum + value, 0);

/** Units of data ownership held by each data provider, and the places that are taken, as a bit mask. */
function contributorsNow(
  { places }: RoyaltyRule,
  context: MechanismContext,
  { situation, model }: OneModel,
): { readonly held: Float64Array; readonly members: number } {
  const held = new Float64Array(context.dataProviders.count);
  situation.balances.balancesInto(context.dataProviders, context.models[model].dataOwnership, held);
  let members = 0;
  for (let i = 0; i < held.length; i++) if (held[i] > 0) members |= 1 << (i % places);
  return { held, members };
}

function settle(rule: RoyaltyRule, state: RoyaltyState, batch: EpochBatch): Settlement<RoyaltyState> {
  const { context } = state;
  const { situation } = batch;
  const promisedScale = state.promisedScale.map((_, model) => scaleOf(rule, state, { situation, model }));
  const accruedMicros = state.accruedMicros.map((micros, model) => micros + batch.revenueMicros[model]);
  const postings = grantUnits(context, batch);
  if (!isPayoutDue(context, batch.epoch, { settlementSeconds: rule.settlementSeconds, accruedMicros })) {
    return { state: { ...state, promisedScale, accruedMicros }, postings };
  }
  const shares = state.shares.map((before, model) => {
    const payout = payOut(rule, context, {
      situation,
      model,
      revenueMicros: accruedMicros[model],
      scale: promisedScale[model],
    });
    postings.push(...payout.postings);
    return payout.shares ?? before;
  });
  return { state: { context, promisedScale, accruedMicros: new Float64Array(accruedMicros.length), shares }, postings };
}

/** Ownership for verified work, and for data. */
function grantUnits(context: MechanismContext, { work, data, offer }: EpochBatch): PostingBatch[] {
  const computeAssets = context.models.map(({ ownership }) => ownership);
  const dataAssets = context.models.map(({ dataOwnership }) => dataOwnership);
  return [
    ...issueOwnership(context, {
      reason: "ownership for verified work",
      assets: computeAssets,
      deliveries: work,
      unitsOf: (row) => work.quantity[row] * offer.claimPerWork[work.model[row]],
    }),
    ...issueOwnership(context, {
      reason: "place among the contributors",
      assets: dataAssets,
      deliveries: data,
      unitsOf: (row) => data.quantity[row] * offer.claimPerToken[data.model[row]],
    }),
  ];
}

interface Payout {
  readonly postings: readonly PostingBatch[];
  readonly shares?: readonly Estimate[];
}

/** Splits one model's revenue; the designer gets what nobody else does. */
function payOut(
  rule: RoyaltyRule,
  context: MechanismContext,
  { situation, model, revenueMicros, scale }: OneModel & { readonly revenueMicros: number; readonly scale: number },
): Payout {
  if (revenueMicros <= 0) return { postings: [] };
  const { treasury, designer, ownership } = context.models[model];
  const { cash: asset, providers, dataProviders } = context;
  const postings: PostingBatch[] = [];
  let rest = revenueMicros;
  const pay = (reason: string, to: MechanismContext["providers"], amount: Float64Array): void => {
    const paid = amount.reduce((sum, micros) => sum + micros, 0);
    if (paid > 0) postings.push({ reason, asset, from: treasury, to, amount, isPay: false });
    rest -= paid;
  };
  const worked = new Float64Array(providers.count);
  situation.balances.balancesInto(providers, ownership, worked);
  const computeMicros = Math.floor(revenueMicros * rule.computeShare * scale);
  if (worked.some((units) => units > 0)) {
    const amount = new Float64Array(providers.count);
    splitByLargestRemainder(computeMicros, worked, amount);
    pay("revenue share of compute", providers, amount);
  }
  const { held, members } = contributorsNow(rule, context, { situation, model });
  const shares = contributionShares(rule.values, members, rule.splitFor(context));
  const royaltyMicros = Math.min(rest, Math.floor(revenueMicros * rule.contributorShare * scale));
  pay(rule.royaltyReason, dataProviders, royalties(royaltyMicros, shares, held));
  postings.push({
    reason: "revenue of the designer",
    asset,
    from: treasury,
    to: designer,
    amount: Float64Array.of(rest),
  });
  return { postings, shares };
}

/** Micro-dollars of each data provider: those of its place, in proportion to what it holds. Together at most `micros`. */
function royalties(micros: number, shares: readonly Estimate[], held: Float64Array): Float64Array {
  const amount = new Float64Array(held.length);
  const ofPlace = new Float64Array(held.length);
  const partOfPlace = new Float64Array(held.length);
  let left = micros;
  for (const [place, { value }] of shares.entries()) {
    const part = Math.min(left, Math.floor(micros * value));
    if (part <= 0) continue;
    ofPlace.fill(0);
    for (let i = place; i < held.length; i += shares.length) ofPlace[i] = held[i];
    splitByLargestRemainder(part, ofPlace, partOfPlace);
    for (let i = place; i < held.length; i += shares.length) amount[i] = partOfPlace[i];
    left -= part;
  }
  return amount;
}
