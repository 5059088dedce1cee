/** Cash payouts that several mechanisms share: wages for work, prices for data, and what is left for the designer. */
import { type Deliveries, type MechanismContext, microsPerDollar, type PostingBatch } from "@shardlab/contracts";

/** Share of what each model owes that its budget meets. */
function affordableShare(due: Float64Array, budgetMicros: Float64Array): Float64Array {
  return due.map((owed, model) => (owed > budgetMicros[model] ? Math.max(0, budgetMicros[model]) / owed : 1));
}

/**
 * Pays `rate[model]` dollars per unit delivered from each model's treasury; where a budget falls short, everyone is paid
 * the same share. Returns postings, and the micro-dollars per model that were paid and that the budget has left.
 *
 * @property budgetMicros most that may be paid per model in this epoch, micro-dollars
 */
export function payPerUnit(
  context: MechanismContext,
  reason: string,
  {
    deliveries,
    rate,
    budgetMicros,
  }: { readonly deliveries: Deliveries; readonly rate: Float64Array; readonly budgetMicros: Float64Array },
): { postings: PostingBatch[]; paidMicros: Float64Array; leftMicros: Float64Array } {
  const { count, model, quantity } = deliveries;
  const due = new Float64Array(rate.length);
  for (let i = 0; i < count; i++) due[model[i]] += quantity[i] * rate[model[i]] * microsPerDollar;
  const paid = new Float64Array(rate.length);
  const paidShare = affordableShare(due, budgetMicros);
  const amount = new Float64Array(count);
  const treasury = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const from = model[i];
    treasury[i] = context.models[from].treasury;
    // Rounding down keeps the sum within the budget, except where quotients of a huge budget are off by a micro-dollar.
    const left = Math.max(0, budgetMicros[from] - paid[from]);
    amount[i] = Math.min(left, Math.floor(quantity[i] * rate[from] * microsPerDollar * paidShare[from]));
    paid[from] += amount[i];
  }
  const to = deliveries.account.slice(0, count);
  const postings = [{ reason, asset: context.cash, from: treasury, to, amount }];
  return {
    postings: paid.some((micros) => micros > 0) ? postings : [],
    paidMicros: paid,
    leftMicros: budgetMicros.map((micros, at) => micros - paid[at]),
  };
}

/** Moves `micros[model]` between the treasury of each model and one other account, in the direction given. */
export function treasuryTransfer(
  context: MechanismContext,
  reason: string,
  transfer: { readonly micros: Float64Array } & ({ readonly from: number } | { readonly to: number | "designer" }),
): PostingBatch[] {
  const { micros } = transfer;
  if (!micros.some((amount) => amount > 0)) return [];
  const treasuries = Int32Array.from(context.models, (model) => model.treasury);
  const amount = micros.map(Math.floor);
  if ("from" in transfer) return [{ reason, asset: context.cash, from: transfer.from, to: treasuries, amount }];
  const to = transfer.to === "designer" ? Int32Array.from(context.models, ({ designer }) => designer) : transfer.to;
  return [{ reason, asset: context.cash, from: treasuries, to, amount }];
}

/** Splits a sum over models in proportion to the work that each aims at. */
export function splitByTarget(context: MechanismContext, total: number): Float64Array {
  const targets = Float64Array.from(context.models, (model) => model.targetWork);
  const sum = targets.reduce((a, b) => a + b, 0);
  return targets.map((target) => (total * target) / sum);
}
