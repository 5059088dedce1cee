/**
 * Equal epoch split: every epoch's pool is split equally over the names that finished the epoch, whatever they did.
 *
 * Each of n names that finish gets pool / n. In cash the pool is an even part of the outlay over the term; in ownership it is a
 * fixed number of units, whose holders share the revenue as in `protocol-models`. With n others, k names of one person take
 * k / (k + n): with 9 others, 10 % for one name and 36 % for five. The rule claims no Sybil-proofness, and pays whoever delivers
 * nothing. It offers what a name got in the last epoch; before that what each would get if all providers finished, and after
 * every epoch that nobody finishes twice as much, up to the whole pool.
 *
 * Source: the coordinator of Psyche (Nous Research; repository PsycheFoundation/nousnet, documentation psyche-book), where
 * the points of an epoch are split equally over the clients that finish it, and no check of updates is switched on; live runs
 * admit clients by an authorizer on the chain, which is what `personhood` around this rule stands for.
 */
import {
  access,
  type Deliveries,
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
import { dataPurchaseFields, outlayMicros, splitForData } from "./outlay-terms.ts";
import { payPerUnit, treasuryTransfer } from "./payout.ts";
import { shareRevenue } from "./revenue-share.ts";

export const equalEpochSplitSpec = z.strictObject({
  kind: z.literal("equal-epoch-split"),
  pays: z.enum(["cash", "ownership"]).default("cash").describe("what an epoch's pool consists of"),
  term: quantity("duration", { min: "1 d" }).prefault("365 d").describe("over which the outlay is spent, with cash"),
  revenueShare: share().prefault(0.9).describe("share of revenue that goes to owners, with ownership"),
  ...dataPurchaseFields("outlay", ", with cash"),
});
export type EqualEpochSplitSpec = z.output<typeof equalEpochSplitSpec>;

/** Units of ownership in an epoch's pool: enough that rounding down over a million names costs a thousandth. */
const unitsPerEpoch = 1e9;

export interface EqualEpochSplitState {
  readonly context: MechanismContext;
  readonly endEpoch: number;
  /** Left for names and for data, micro-dollars per model. */
  readonly poolMicros: Float64Array;
  readonly dataMicros: Float64Array;
  /** Names that are expected to finish, per model: those of the last epoch, or half as many as before where there were none. */
  readonly finishers: Float64Array;
}

const claims: readonly MechanismProperty[] = [
  "budget-balance",
  "no-creation-from-nothing",
  "symmetry",
  "order-independence",
  "monotonicity",
  "no-retroactive-confiscation",
  "explainability",
];

export function equalEpochSplit(spec: EqualEpochSplitSpec): Mechanism<EqualEpochSplitState> {
  return {
    kind: spec.kind,
    claims,
    open: (context) => {
      const outlay = outlayMicros(context, spec.pays === "cash" ? context.outlayDollars : 0);
      const { workMicros: poolMicros, dataMicros } = splitForData(outlay, spec.dataShare);
      const state: EqualEpochSplitState = {
        context,
        endEpoch: Math.max(1, Math.round(spec.term / context.epochSeconds)),
        poolMicros,
        dataMicros,
        finishers: new Float64Array(context.models.length).fill(Math.max(1, context.providers.count)),
      };
      return {
        state,
        postings: treasuryTransfer(context, "outlay for epochs", { from: context.sponsor, micros: outlay }),
      };
    },
    quote: (state, situation) => quote(spec, state, situation),
    settle: (state, batch) => settle(spec, state, batch),
  };
}

/** Names behind each row. */
const namesOf = ({ identities }: Deliveries, row: number): number => identities?.[row] ?? 1;

/** What one epoch gives all names of a model together, micro-dollars. */
const partMicros = ({ poolMicros, endEpoch }: EqualEpochSplitState, epoch: number, model: number): number =>
  Math.floor(poolMicros[model] / Math.max(1, endEpoch - epoch));

function quote(spec: EqualEpochSplitSpec, state: EqualEpochSplitState, situation: Situation): Offer {
  const offer = emptyOffer(state.context.models.length);
  if (spec.pays === "ownership") offer.claimShare.fill(spec.revenueShare);
  for (let model = 0; model < offer.access.length; model++) {
    const names = state.finishers[model];
    const part = partMicros(state, situation.epoch, model);
    if (situation.training[model] === 0 || (spec.pays === "cash" && part < 1)) continue;
    offer.access[model] = access.open;
    if (spec.pays === "cash") offer.cashPerIdentity[model] = part / microsPerDollar / names;
    else offer.claimPerIdentity[model] = unitsPerEpoch / names;
    offer.cashPerToken[model] = state.dataMicros[model] >= 1 ? spec.dataPrice : 0;
  }
  return offer;
}

function settle(
  spec: EqualEpochSplitSpec,
  state: EqualEpochSplitState,
  batch: EpochBatch,
): Settlement<EqualEpochSplitState> {
  const { context } = state;
  const names = new Float64Array(context.models.length);
  for (let row = 0; row < batch.work.count; row++) names[batch.work.model[row]] += namesOf(batch.work, row);
  const pool = names.map((_, model) => (spec.pays === "cash" ? partMicros(state, batch.epoch, model) : unitsPerEpoch));
  const { postings, paid } = splitEqually(spec, context, { work: batch.work, pool, names });
  const prices = payPerUnit(context, "pay for data", {
    deliveries: batch.data,
    rate: batch.offer.cashPerToken,
    budgetMicros: state.dataMicros,
  });
  const revenue =
    spec.pays === "cash"
      ? treasuryTransfer(context, "revenue of the designer", { to: "designer", micros: batch.revenueMicros })
      : [...batch.revenueMicros].flatMap((revenueMicros, model) =>
          shareRevenue(context, batch, { model, revenueMicros, contributors: spec.revenueShare, dataShare: 0 }),
        );
  return {
    state: {
      ...state,
      poolMicros:
        spec.pays === "cash" ? state.poolMicros.map((micros, model) => micros - paid[model]) : state.poolMicros,
      dataMicros: prices.leftMicros,
      finishers: names.map((count, model) => (count > 0 ? count : Math.max(1, state.finishers[model] / 2))),
    },
    postings: [...revenue, ...postings, ...prices.postings],
  };
}

/** Gives every name the same, rounded down; what does not divide stays in the pool. */
function splitEqually(
  spec: EqualEpochSplitSpec,
  context: MechanismContext,
  { work, pool, names }: { readonly work: Deliveries; readonly pool: Float64Array; readonly names: Float64Array },
): { postings: PostingBatch[]; paid: Float64Array } {
  const isCash = spec.pays === "cash";
  const paid = new Float64Array(names.length);
  const [amount, asset, from] = [new Float64Array(work.count), new Int32Array(work.count), new Int32Array(work.count)];
  for (let row = 0; row < work.count; row++) {
    const model = work.model[row];
    const { treasury, ownership } = context.models[model];
    amount[row] = names[model] > 0 ? Math.floor(pool[model] / names[model]) * namesOf(work, row) : 0;
    asset[row] = isCash ? context.cash : ownership;
    from[row] = isCash ? treasury : context.issuer;
    paid[model] += amount[row];
  }
  const reason = isCash ? "equal part of the epoch" : "ownership for the epoch";
  const to = work.account.slice(0, work.count);
  return { postings: paid.some((units) => units > 0) ? [{ reason, asset, from, to, amount }] : [], paid };
}
