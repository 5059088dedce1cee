/**
 * Personhood: one person counts as one name, however many names and accounts it works under.
 *
 * Who works under several names counts as one; accounts of one person are one delivery, of the first of them, for each model.
 * A check errs both ways: a share of the duplicates passes, so that k names count as 1 + undetected (k - 1) on average, and a share
 * of the persons is refused and earns nothing. Each name that is counted costs the sponsor its onboarding, once.
 *
 *   take of k names among n others, equal pay, at the mean count: (1 + u (k - 1)) / (n + 1 + u (k - 1))
 *
 * Source: proof of personhood (Borge et al., "Proof-of-Personhood: Redemocratizing permissionless cryptocurrencies", IEEE
 * EuroS&P Workshops 2017); a grant for each person as in World (Worldcoin whitepaper, 2023). With no duplicate undetected
 * the rule is Sybil-proof towards its compute providers; that is claimed where the inner rule is known to fail by names alone.
 * Who passes is drawn once for each account. The offer is the one of a first name, and says that of further names the share
 * `undetected` counts. A person who works for several models counts once for each. Limit: an inner rule with more than 64 draws
 * of its own (`gauntlet`, `yuma-consensus`) meets the numbers of this check again, in draws that have nothing to do with persons.
 */
import {
  type Deliveries,
  type EpochBatch,
  type Evaluations,
  type Kinded,
  type Mechanism,
  type MechanismContext,
  type MechanismProperty,
  microsPerDollar,
  type Offer,
  type PostingBatch,
  quantity,
  type Settlement,
  share,
} from "@shardlab/contracts";
import { z } from "zod";
import {
  around,
  claimsWithout,
  innermost,
  innerSpec,
  offeredClaims,
  offeredPay,
  passedOn,
  refusing,
  scaled,
  within,
} from "./combinator.ts";

export interface PersonhoodSpec<Inner> {
  readonly kind: "personhood";
  readonly of: Inner;
  readonly undetected: number;
  readonly refused: number;
  readonly onboarding: number;
}

type Rule = Omit<PersonhoodSpec<unknown>, "of">;

/** Kinds that pay for work or capital alone, whatever it is called by. */
const nameless: readonly string[] = [
  "closed-lab",
  "composable-layers",
  "data-shapley",
  "grant",
  "network-token",
  "proof-of-sampling",
  "proof-of-work",
  "spot-rental",
  "volunteer",
];

/** Whether names are known to be all that keeps a rule from being Sybil-proof. */
const failsByNames = (spec: Kinded & { readonly uptimeWorkPerHour?: number }): boolean =>
  spec.kind === "equal-epoch-split" || (spec.kind === "protocol-models" && (spec.uptimeWorkPerHour ?? 0) > 0);

function misplaced(inner: Kinded): string[] {
  const rule = innermost(inner);
  const paysNoName = nameless.includes(rule.kind) || (rule.kind === "protocol-models" && !failsByNames(rule));
  return [
    ...refusing({ personhood: "personhood within personhood would count persons twice" })(inner),
    ...(paysNoName ? [`nothing to count persons for: ${rule.kind} pays nothing for each name`] : []),
  ];
}

export const personhoodSpec = <Inner extends Kinded>(inner: () => z.ZodType<Inner>) =>
  z.strictObject({
    kind: z.literal("personhood"),
    get of() {
      return innerSpec(inner(), misplaced, "the rule that pays for each name");
    },
    undetected: share().prefault("1 %").describe("share of duplicate names that pass as persons"),
    refused: share().prefault("1 %").describe("share of persons that are taken for duplicates"),
    onboarding: quantity("money", { min: "$0" })
      .prefault("$5")
      .describe("what checking a person costs the sponsor, once"),
  });

/** Columns have one row per provider. */
export interface PersonhoodState<State> {
  readonly context: MechanismContext;
  readonly inner: State;
  /** The account that each account's work counts for; -1 where its person is refused. */
  readonly countsFor: Int32Array;
  /** One draw for each account: the share of a further name that passes, rounded. */
  readonly passes: Float64Array;
  /** Names whose onboarding is paid. */
  readonly admitted: Int32Array;
}

export function personhood<State, Inner extends Kinded>(
  spec: PersonhoodSpec<Inner>,
  inner: Mechanism<State>,
): Mechanism<PersonhoodState<State>> {
  const { undetected, refused } = spec;
  const isByChance = (refused > 0 && refused < 1) || (undetected > 0 && undetected < 1);
  const lost: readonly MechanismProperty[] = isByChance ? ["symmetry", "explainability", "collusion-resistance"] : [];
  const gained: readonly MechanismProperty[] =
    undetected === 0 && failsByNames(innermost(spec.of)) ? ["sybil-proofness"] : [];
  return {
    kind: spec.kind,
    claims: [...claimsWithout(inner, [...lost, "individual-rationality", "incentive-compatibility"]), ...gained],
    ...passedOn(inner),
    open: (context) => {
      const { state, postings } = inner.open(context);
      return { state: { context, inner: state, ...drawPersons(spec, context) }, postings };
    },
    quote: (state, situation): Offer => {
      const offer = inner.quote(state.inner, situation);
      return around(offer, {
        ...offeredPay(offer, 1 - refused),
        ...offeredClaims(offer, 1 - refused),
        furtherNames: scaled(offer.furtherNames, undetected),
      });
    },
    settle: (state, batch) => settle({ rule: spec, inner }, state, batch),
  };
}

/** Draws below are the inner rule's alone. */
const firstDraw = 64;

function drawPersons(
  { undetected, refused }: Rule,
  context: MechanismContext,
): Pick<PersonhoodState<unknown>, "countsFor" | "passes" | "admitted"> {
  const { first, count } = context.providers;
  const firstOf = new Map<number, number>();
  const countsFor = new Int32Array(count);
  const passes = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const person = context.personOf?.[i] ?? i;
    const main = firstOf.get(person) ?? i;
    firstOf.set(person, main);
    passes[i] = context.uniform(firstDraw + 2 * i);
    const isRefused = context.uniform(firstDraw + 2 * main + 1) < refused;
    countsFor[i] = isRefused ? -1 : first + (passes[i] < undetected ? i : main);
  }
  return { countsFor, passes, admitted: new Int32Array(count) };
}

function settle<State>(
  { rule, inner }: { readonly rule: Rule; readonly inner: Mechanism<State> },
  state: PersonhoodState<State>,
  batch: EpochBatch,
): Settlement<PersonhoodState<State>> {
  const counted = (deliveries: Deliveries): Deliveries => countPersons(rule, state, deliveries);
  const work = counted(batch.work);
  const seen: EpochBatch = {
    ...batch,
    work,
    ...(batch.verdicts === undefined ? {} : { verdicts: counted(batch.verdicts) }),
  };
  const settled = inner.settle(state.inner, within(seen));
  const { admitted, postings } = onboard(rule, state, work);
  return {
    state: { ...state, inner: settled.state, admitted },
    postings: [...postings, ...settled.postings],
  };
}

/** Deliveries as those of persons: refused ones left out, those of one person for one model together. */
function countPersons(
  { undetected }: Rule,
  { context, countsFor, passes }: PersonhoodState<unknown>,
  deliveries: Deliveries,
): Deliveries {
  const rows = new Map<string, { account: number; model: number; identities: number; parts: number[] }>();
  for (let row = 0; row < deliveries.count; row++) {
    const provider = deliveries.account[row] - context.providers.first;
    const [account, model] = [countsFor[provider], deliveries.model[row]];
    if (account < 0) continue;
    const names = deliveries.identities?.[row] ?? 1;
    const isOwn = account === deliveries.account[row];
    const passing = isOwn ? 1 + Math.floor(Math.max(0, names - 1) * undetected + passes[provider]) : 1;
    const known = rows.get(`${account} ${model}`) ?? { account, model, identities: 1, parts: [] };
    known.identities = Math.max(known.identities, Math.min(passing, Math.max(1, names)));
    known.parts.push(row);
    rows.set(`${account} ${model}`, known);
  }
  const kept = [...rows.values()].sort((a, b) => a.account - b.account || a.model - b.model);
  const weights = kept.map(({ parts }) => parts.map((row) => deliveries.quantity[row]));
  return {
    count: kept.length,
    account: Int32Array.from(kept, ({ account }) => account),
    model: Int32Array.from(kept, ({ model }) => model),
    quantity: Float64Array.from(weights, (parts) => parts.reduce((sum, part) => sum + part, 0)),
    identities: Int32Array.from(kept, ({ identities }) => identities),
    ...(deliveries.evaluations === undefined
      ? {}
      : {
          evaluations: meanEvaluations(
            deliveries.evaluations,
            kept.map(({ parts }) => parts),
            weights,
          ),
        }),
  };
}

/** Evaluations of rows taken together: their means, weighted by work. */
function meanEvaluations(
  evaluations: Evaluations,
  rows: readonly (readonly number[])[],
  weights: readonly (readonly number[])[],
): Evaluations {
  const mean = (column: Float64Array): Float64Array =>
    Float64Array.from(rows, (parts, index) => {
      if (parts.length === 1) return column[parts[0]];
      const weight = weights[index];
      const total = weight.reduce((sum, part) => sum + part, 0);
      return parts.reduce(
        (sum, row, part) => sum + column[row] * (total > 0 ? weight[part] / total : 1 / parts.length),
        0,
      );
    });
  const { assignedGain, randomGain, stepsBehind, overlap } = evaluations;
  return {
    assignedGain: mean(assignedGain),
    randomGain: mean(randomGain),
    stepsBehind: mean(stepsBehind),
    overlap: mean(overlap),
  };
}

/** The sponsor pays for names that are counted for the first time. */
function onboard(
  { onboarding }: Rule,
  { context, admitted }: PersonhoodState<unknown>,
  { count, account, identities }: Deliveries,
): { admitted: Int32Array; postings: readonly PostingBatch[] } {
  const next = admitted.slice();
  let names = 0;
  for (let row = 0; row < count; row++) {
    const provider = account[row] - context.providers.first;
    const more = Math.max(0, (identities?.[row] ?? 1) - next[provider]);
    names += more;
    next[provider] += more;
  }
  const micros = Math.floor(names * onboarding * microsPerDollar);
  if (micros === 0) return { admitted: next, postings: [] };
  const { cash, sponsor, suppliers } = context;
  const amount = Float64Array.of(micros);
  return {
    admitted: next,
    postings: [{ reason: "onboarding of persons", asset: cash, from: sponsor, to: suppliers, amount }],
  };
}
