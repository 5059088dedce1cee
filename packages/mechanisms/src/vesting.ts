/**
 * Vesting: what work earns is released in equal steps over a duration, with nothing before a cliff.
 *
 * What is earned within a period (`every`) is one grant of the ledger's vesting: it lies in the vault, and floor(amount t / D)
 * of it is released up to t epochs after the period's end, from the cliff on. Ownership that has not vested earns no revenue:
 * the inner rule shares revenue over what providers hold. Cash and coins are quoted at what they are worth when they come, at the
 * rate at which the institution discounts (it does not know the providers'); ownership is quoted in units, undiscounted. The
 * economy's forecasts share revenue over all units, vested or not: right for the mean unit, too high for one just earned.
 *
 * The form is that of employees' shares (Oyer and Schaefer, "Why do some firms give stock options to all employees?", Journal
 * of Financial Economics 76, 2005) and of token grants. Nothing is forfeited here: vesting alone delays. What has not vested at
 * the end of the horizon stays in the vault.
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
import { type VestingGrants, vestingRelease } from "@shardlab/ledger";
import { exp } from "@shardlab/numerics";
import { z } from "zod";
import { around, claimsWithout, innerSpec, offeredPay, passedOn, refusing, within } from "./combinator.ts";
import { assetWord, coverage, divertToVault, type PayColumns } from "./provider-pay.ts";

export interface VestingSpec<Inner> {
  readonly kind: "vesting";
  readonly of: Inner;
  readonly duration: number;
  readonly cliff: number;
  readonly every: number;
  readonly pay: boolean;
  readonly claims: boolean;
}

type Rule = Omit<VestingSpec<unknown>, "of">;

const misplaced = {
  vesting: "vesting within vesting would release what has been released",
  "closed-lab": "closed-lab pays no providers",
};

export const vestingSpec = <Inner extends Kinded>(inner: () => z.ZodType<Inner>) =>
  z
    .strictObject({
      kind: z.literal("vesting"),
      get of() {
        return innerSpec(inner(), refusing(misplaced), "the rule whose pay vests");
      },
      duration: quantity("duration", { min: "1 d", max: "20 y" }).prefault("365 d").describe("until all is released"),
      cliff: quantity("duration", { min: "0 s" }).prefault("0 s").describe("before which nothing is released"),
      every: quantity("duration", { min: "1 d" })
        .prefault("30 d")
        .describe("what is earned within this vests together"),
      pay: z.boolean().default(true).describe("whether cash and coins vest"),
      claims: z.boolean().default(true).describe("whether ownership vests"),
    })
    .refine(({ cliff, duration }) => cliff <= duration, {
      path: ["cliff"],
      error: "cliff after the end: expected at most the duration",
    })
    .refine(({ pay, claims }) => pay || claims, {
      path: ["pay"],
      error: "nothing vests: expected pay or claims to be true",
    });

/** One period's grants in one asset. */
interface Tranche {
  readonly asset: AssetId;
  readonly to: Int32Array;
  readonly grants: VestingGrants;
  readonly endEpoch: number;
}

export interface VestingState<State> {
  readonly context: MechanismContext;
  readonly inner: State;
  readonly terms: Terms;
  /** Earned since the last tranche. */
  readonly pending: PayColumns;
  readonly tranches: readonly Tranche[];
}

/** The rule in whole epochs, and what a dollar of pay is worth to those who wait for it. */
interface Terms {
  readonly durationEpochs: number;
  readonly cliffEpochs: number;
  readonly everyEpochs: number;
  readonly presentWorth: number;
}

export function vesting<State>(rule: Rule, inner: Mechanism<State>): Mechanism<VestingState<State>> {
  return {
    kind: rule.kind,
    claims: claimsWithout(inner, ["individual-rationality", "incentive-compatibility"]),
    ...passedOn(inner),
    open: (context) => {
      const { state, postings } = inner.open(context);
      const terms = termsOf(rule, context);
      return { state: { context, inner: state, terms, pending: new Map(), tranches: [] }, postings };
    },
    quote: (state, situation): Offer => {
      const offer = inner.quote(state.inner, situation);
      if (!rule.pay) return around(offer, {});
      return around(offer, offeredPay(offer, state.terms.presentWorth));
    },
    settle: (state, batch) => settle({ rule, inner }, state, batch),
  };
}

function termsOf(rule: Rule, context: MechanismContext): Terms {
  const epochs = (seconds: number, least: number): number =>
    Math.max(least, Math.round(seconds / context.epochSeconds));
  const durationEpochs = epochs(rule.duration, 1);
  const cliffEpochs = Math.min(durationEpochs, epochs(rule.cliff, 0));
  const everyEpochs = epochs(rule.every, 1);
  // On average pay waits for half of its period, and then for each step of the line.
  const rate = context.sponsorDiscountPerEpoch;
  let presentWorth = 0;
  for (let step = 1; step <= durationEpochs; step++) {
    presentWorth += exp(-rate * (Math.max(step, cliffEpochs) + (everyEpochs - 1) / 2)) / durationEpochs;
  }
  return { durationEpochs, cliffEpochs, everyEpochs, presentWorth: Math.min(1, presentWorth) };
}

function settle<State>(
  { rule, inner }: { readonly rule: Rule; readonly inner: Mechanism<State> },
  state: VestingState<State>,
  batch: EpochBatch,
): Settlement<VestingState<State>> {
  const { context, terms } = state;
  const { epoch } = batch;
  const settled = inner.settle(state.inner, within(batch));
  const diverted = divertToVault(context, settled.postings, {
    covers: coverage(context, rule),
    balances: batch.situation.balances,
  });
  const releases = state.tranches.flatMap((tranche) => releaseOf(context, tranche, epoch));
  const pending = addedPay(state.pending, diverted.pay);
  const begins = (epoch + 1) % terms.everyEpochs === 0;
  const kept = state.tranches.filter(({ endEpoch }) => endEpoch > epoch);
  return {
    state: {
      context,
      inner: settled.state,
      terms,
      pending: begins ? new Map() : pending,
      tranches: begins ? [...kept, ...tranchesOf(state, pending, epoch)] : kept,
    },
    postings: [...diverted.postings, ...releases],
  };
}

function releaseOf(context: MechanismContext, tranche: Tranche, epoch: number): PostingBatch[] {
  const { asset, to, grants } = tranche;
  const accounts = { asset, escrow: context.vault, beneficiaries: to };
  const release = vestingRelease(grants, accounts, { since: epoch - 1, upTo: epoch });
  return release.amount.some((units) => units > 0)
    ? [{ ...release, reason: `vested ${assetWord(context, asset)}` }]
    : [];
}

function addedPay(pending: PayColumns, pay: PayColumns): PayColumns {
  if (pay.size === 0) return pending;
  const sum = new Map(pending);
  for (const [asset, column] of pay) {
    const before = pending.get(asset);
    sum.set(asset, before === undefined ? column : column.map((units, provider) => units + before[provider]));
  }
  return sum;
}

/** The tranches that begin at the end of `epoch`, of those who have earned anything. */
function tranchesOf(
  { context, terms }: Pick<VestingState<unknown>, "context" | "terms">,
  pending: PayColumns,
  epoch: number,
): Tranche[] {
  return [...pending].map(([asset, column]): Tranche => {
    const earners = Int32Array.from(column.keys()).filter((provider) => column[provider] > 0);
    const grants: VestingGrants = {
      amount: Float64Array.from(earners, (provider) => column[provider]),
      start: new Int32Array(earners.length).fill(epoch),
      cliff: new Int32Array(earners.length).fill(terms.cliffEpochs),
      duration: new Int32Array(earners.length).fill(terms.durationEpochs),
    };
    const to = earners.map((provider) => context.providers.first + provider);
    return { asset, to, grants, endEpoch: epoch + terms.durationEpochs };
  });
}
