/**
 * Escrow: the pay of an epoch is held for a challenge period, and forfeited when work is found bad within it.
 *
 * What the inner rule pays for an epoch's work lies in the vault until the challenge period is over. A verdict takes all that
 * is then held of the provider whose work was bad, whatever epoch it is for, so that a cheat at a steady pay w puts T w at
 * risk without a stake. Forfeited cash is burnt or added to the revenue of the model that the bad work was for; forfeited coins
 * and ownership are cancelled. In the last epoch everything is released.
 *
 * Source: the escrowed payments of optimistic verification, where a result stands unless it is challenged in time (Teutsch and
 * Reitwiessner, "A scalable verification solution for blockchains", arXiv 1908.04756; Kalodner et al., "Arbitrum: Scalable,
 * private smart contracts", USENIX Security 2018). Cash and coins are quoted at what they are worth when they are released, at
 * the rate at which the institution discounts; ownership is quoted in units; and the offer says for how many epochs each is
 * held. Ownership in escrow earns no revenue. Of several names, the one that is found bad forfeits what it holds itself; a
 * coalition can shift work to those who are less likely to be found bad, so that collusion resistance does not survive.
 *
 * What a provider stands to lose is reckoned by the steady state, in which T epochs' pay is held and all T may still bring a
 * verdict: in its first epochs less is held than that, and in the last ones before the end less can follow.
 */
import {
  type AssetId,
  type EpochBatch,
  type Kinded,
  type Mechanism,
  type MechanismContext,
  type Offer,
  type PostingBatch,
  quantity,
  type Settlement,
} from "@shardlab/contracts";
import { type Escrow, forfeitFromEscrow, lockInEscrow, openEscrow, releaseFromEscrow } from "@shardlab/ledger";
import { exp } from "@shardlab/numerics";
import { z } from "zod";
import { around, claimsWithout, innerSpec, isLast, offeredPay, passedOn, refusing, within } from "./combinator.ts";
import { assetWord, coverage, divertToVault, type PayColumns } from "./provider-pay.ts";

export interface EscrowSpec<Inner> {
  readonly kind: "escrow";
  readonly of: Inner;
  readonly challenge: number;
  readonly to: "burn" | "treasury";
  readonly pay: boolean;
  readonly claims: boolean;
}

type Rule = Omit<EscrowSpec<unknown>, "of">;

const misplaced = {
  escrow: "escrow within escrow would hold what has been released",
  "closed-lab": "closed-lab pays no providers",
};

export const escrowSpec = <Inner extends Kinded>(inner: () => z.ZodType<Inner>) =>
  z
    .strictObject({
      kind: z.literal("escrow"),
      get of() {
        return innerSpec(inner(), refusing(misplaced), "the rule whose pay is held");
      },
      challenge: quantity("duration", { min: "1 d", max: "2 y" })
        .prefault("7 d")
        .describe("for which the pay of an epoch is held"),
      to: z.enum(["burn", "treasury"]).default("burn").describe("who gets forfeited cash"),
      pay: z.boolean().default(true).describe("whether cash and coins are held"),
      claims: z.boolean().default(true).describe("whether ownership is held"),
    })
    .refine(({ pay, claims }) => pay || claims, {
      path: ["pay"],
      error: "nothing is held: expected pay or claims to be true",
    });

/** What one epoch has put into the vault. */
interface Held {
  readonly dueEpoch: number;
  readonly pay: PayColumns;
}

export interface EscrowState<State> {
  readonly context: MechanismContext;
  readonly inner: State;
  readonly escrows: ReadonlyMap<AssetId, Escrow>;
  readonly held: readonly Held[];
}

export function escrow<State>(rule: Rule, inner: Mechanism<State>): Mechanism<EscrowState<State>> {
  return {
    kind: rule.kind,
    claims: claimsWithout(inner, ["individual-rationality", "incentive-compatibility", "collusion-resistance"]),
    ...passedOn(inner),
    open: (context) => {
      const { state, postings } = inner.open(context);
      return { state: { context, inner: state, escrows: new Map(), held: [] }, postings };
    },
    quote: (state, situation): Offer => {
      const offer = inner.quote(state.inner, situation);
      const epochs = delayEpochs(rule, state.context);
      const held = (column: Float64Array): Float64Array => column.map((inside) => inside + epochs);
      const claims = rule.claims ? { claimsHeldEpochs: held(offer.claimsHeldEpochs) } : {};
      if (!rule.pay) return around(offer, claims);
      const factor = exp(-state.context.sponsorDiscountPerEpoch * epochs);
      return around(offer, {
        ...claims,
        payHeldEpochs: held(offer.payHeldEpochs),
        ...offeredPay(offer, factor),
      });
    },
    settle: (state, batch) => settle({ rule, inner }, state, batch),
  };
}

/** Epochs from the one that pay is earned in to the one that releases it. */
const delayEpochs = ({ challenge }: Rule, { epochSeconds }: MechanismContext): number =>
  Math.max(1, Math.round(challenge / epochSeconds));

function settle<State>(
  { rule, inner }: { readonly rule: Rule; readonly inner: Mechanism<State> },
  state: EscrowState<State>,
  batch: EpochBatch,
): Settlement<EscrowState<State>> {
  const { context } = state;
  const forfeits = forfeit(rule, state, batch);
  const revenueMicros = batch.revenueMicros.map((micros, model) => micros + forfeits.toTreasuryMicros[model]);
  const settled = inner.settle(state.inner, within({ ...batch, revenueMicros }));
  const diverted = divertToVault(context, settled.postings, {
    covers: coverage(context, rule),
    balances: batch.situation.balances,
  });
  const escrows = new Map(forfeits.escrows);
  for (const [asset, amount] of diverted.pay) {
    const before = escrows.get(asset) ?? openEscrow(asset, context.vault, context.providers);
    // The inner rule's own postings bring it to the vault.
    escrows.set(asset, lockInEscrow(before, "held", amount).escrow);
  }
  const held =
    diverted.pay.size > 0
      ? [...forfeits.held, { dueEpoch: batch.epoch + delayEpochs(rule, context), pay: diverted.pay }]
      : forfeits.held;
  const isDue = ({ dueEpoch }: Held): boolean => dueEpoch <= batch.epoch || isLast(context, batch.epoch);
  const releases: PostingBatch[] = [];
  for (const { pay } of held.filter(isDue)) {
    for (const [asset, amount] of pay) {
      if (!amount.some((units) => units > 0)) continue;
      const move = releaseFromEscrow(escrows.get(asset) as Escrow, `${assetWord(context, asset)} from escrow`, amount);
      escrows.set(asset, move.escrow);
      releases.push(move.posting);
    }
  }
  return {
    state: { context, inner: settled.state, escrows, held: held.filter((one) => !isDue(one)) },
    postings: [...forfeits.postings, ...diverted.postings, ...releases],
  };
}

interface Forfeits {
  readonly escrows: ReadonlyMap<AssetId, Escrow>;
  readonly held: readonly Held[];
  readonly postings: readonly PostingBatch[];
  /** Micro-dollars per model. */
  readonly toTreasuryMicros: Float64Array;
}

/** Takes all that is held of those whose work was found bad. */
function forfeit<State>(
  rule: Rule,
  { context, escrows, held }: EscrowState<State>,
  { verdicts }: EpochBatch,
): Forfeits {
  const toTreasuryMicros = new Float64Array(context.models.length);
  if (verdicts === undefined || verdicts.count === 0 || held.length === 0) {
    return { escrows, held, postings: [], toTreasuryMicros };
  }
  const foundBad = new Map<number, number>();
  for (let row = 0; row < verdicts.count; row++) {
    foundBad.set(verdicts.account[row] - context.providers.first, verdicts.model[row]);
  }
  const left = new Map(escrows);
  const postings: PostingBatch[] = [];
  for (const [asset, before] of escrows) {
    const amount = new Float64Array(context.providers.count);
    const to = new Int32Array(amount.length).fill(context.issuer);
    for (const [provider, model] of foundBad) {
      amount[provider] = before.deposits[provider];
      if (asset !== context.cash || rule.to === "burn") continue;
      to[provider] = context.models[model].treasury;
      toTreasuryMicros[model] += amount[provider];
    }
    if (!amount.some((units) => units > 0)) continue;
    const move = forfeitFromEscrow(before, `${assetWord(context, asset)} forfeited from escrow`, amount, to);
    left.set(asset, move.escrow);
    postings.push(move.posting);
  }
  const cleared = (column: Float64Array): Float64Array =>
    column.map((units, provider) => (foundBad.has(provider) ? 0 : units));
  return {
    escrows: left,
    held: held.map(({ dueEpoch, pay }) => {
      return { dueEpoch, pay: new Map([...pay].map(([asset, column]) => [asset, cleared(column)])) };
    }),
    postings,
    toTreasuryMicros,
  };
}
