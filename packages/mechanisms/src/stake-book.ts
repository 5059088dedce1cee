/**
 * Stake: what providers lock while they work and lose when an audit finds their work bad.
 *
 * A provider's stake is topped up to what its work of the epoch calls for, and is held until it has not been needed for the
 * unbonding time. What has been needed less stays for at least that time, and at most twice. From day to day few stakes move,
 * so that postings name only those who lock, lose or get something.
 */
import {
  type Deliveries,
  type EpochBatch,
  type MechanismContext,
  microsPerDollar,
  type Offer,
  type PostingBatch,
} from "@shardlab/contracts";
import { splitByLargestRemainder } from "@shardlab/ledger";
import { isLast } from "./combinator.ts";
import { addCashFlow } from "./provider-pay.ts";
import { type ColumnEdit, VersionedColumn } from "./versioned-column.ts";

/** Who gets what is forfeited: nobody, the model's treasury, or those who worked for the model, from whom auditors are drawn. */
export const forfeitTargets = ["burn", "treasury", "reporters"] as const;
export type ForfeitTarget = (typeof forfeitTargets)[number];

/** Columns have one row per provider. */
export interface StakeBook {
  /** What each has locked, micro-dollars; the vault holds their sum. */
  readonly deposits: VersionedColumn;
  /** Epoch from which on not all of it has been needed, -1 where all is; and the most that was needed since, micro-dollars. */
  readonly idleFrom: VersionedColumn;
  readonly neededSince: VersionedColumn;
}

/** An epoch that is being settled, to be ended by `nextStakes` before the mechanism settles another. */
export interface StakeEpoch {
  readonly context: MechanismContext;
  readonly batch: EpochBatch;
  readonly deposits: ColumnEdit;
  readonly idleFrom: ColumnEdit;
  readonly neededSince: ColumnEdit;
  /** Stake that each provider's work of the epoch calls for, whether it was found good or bad, micro-dollars. */
  readonly needed: Float64Array;
  /** Providers that have less, once cash has been asked for. */
  readonly short: number[];
  /** Cash that the epoch has paid each provider, once it has been asked for. */
  readonly flow: Float64Array;
}

/** More than this nobody can be asked for in one epoch, micro-dollars; postings carry 2^52. */
const largestStake = 2 ** 50;

const nowhere = -1;

export function openStakes({ providers: { count } }: MechanismContext): StakeBook {
  return {
    deposits: new VersionedColumn(new Float64Array(count)),
    idleFrom: new VersionedColumn(new Float64Array(count).fill(nowhere)),
    neededSince: new VersionedColumn(new Float64Array(count)),
  };
}

/** Begins the epochs of one mechanism, which share columns of providers: new ones every day would keep the collector busy. */
export function stakeEpochs(): (context: MechanismContext, book: StakeBook, batch: EpochBatch) => StakeEpoch {
  let needed = new Float64Array(0);
  let flow = needed;
  return (context, book, batch) => {
    const { count } = context.providers;
    if (needed.length !== count) [needed, flow] = [new Float64Array(count), new Float64Array(count)];
    needed.fill(0);
    addStakes(context, needed, batch.work, batch.offer);
    if (batch.verdicts !== undefined) addStakes(context, needed, batch.verdicts, batch.offer);
    return {
      ...{ context, batch, needed, flow, short: [] },
      deposits: book.deposits.edit(),
      idleFrom: book.idleFrom.edit(),
      neededSince: book.neededSince.edit(),
    };
  };
}

export const nextStakes = ({ deposits, idleFrom, neededSince }: StakeEpoch): StakeBook => ({
  deposits: deposits.commit(),
  idleFrom: idleFrom.commit(),
  neededSince: neededSince.commit(),
});

/** Stake that a row of deliveries calls for, micro-dollars. */
function stakeOfRow({ model, quantity, identities }: Deliveries, row: number, offer: Offer): number {
  const names = identities === undefined ? 1 : identities[row];
  const dollars = quantity[row] * offer.stakePerWork[model[row]] + names * offer.stakePerIdentity[model[row]];
  return Math.min(largestStake, Math.floor(dollars * microsPerDollar));
}

function addStakes({ providers }: MechanismContext, needed: Float64Array, rows: Deliveries, offer: Offer): void {
  for (let row = 0; row < rows.count; row++) {
    needed[rows.account[row] - providers.first] += stakeOfRow(rows, row, offer);
  }
}

/** Tops stakes up to what is needed from the cash that there is. */
export function lockFromCash({ context, batch, deposits, needed, short }: StakeEpoch): PostingBatch[] {
  const { balances } = batch.situation;
  const { providers, cash } = context;
  const { values } = deposits;
  const locked = emptyRows();
  for (let i = 0; i < needed.length; i++) {
    const missing = needed[i] - values[i];
    if (!(missing > 0)) continue;
    const held = balances.balance(providers.first + i, cash);
    if (held < missing) short.push(i);
    append(locked, i, Math.min(missing, held));
  }
  return lock(context, deposits, "stake", locked);
}

/** Tops the stakes of those whose work was found good up to what is needed, from what the epoch has paid. */
export function lockFromPay(
  { context, batch, deposits, needed, short, flow }: StakeEpoch,
  paid: readonly PostingBatch[],
): PostingBatch[] {
  if (short.length === 0) return [];
  addCashFlow(context, paid, flow.fill(0));
  const { verdicts } = batch;
  // Of whoever was found bad no new stake is asked in place of the one that is lost; its work was in no other row.
  for (let row = 0; verdicts !== undefined && row < verdicts.count; row++) {
    flow[verdicts.account[row] - context.providers.first] = 0;
  }
  const locked = emptyRows();
  for (const i of short) append(locked, i, Math.min(needed[i] - deposits.values[i], flow[i]));
  return lock(context, deposits, "stake held back from pay", locked);
}

function lock(
  { providers, cash, vault }: MechanismContext,
  deposits: ColumnEdit,
  reason: string,
  rows: Rows,
): PostingBatch[] {
  if (rows.count === 0) return [];
  const { party, amount } = columnsOf(rows);
  for (let row = 0; row < rows.count; row++) deposits.set(party[row], deposits.values[party[row]] + amount[row]);
  const from = party.map((i) => providers.first + i);
  return [{ reason, asset: cash, from, to: vault, amount, isPay: false }];
}

export interface Forfeits {
  readonly postings: PostingBatch[];
  /** What goes to the treasuries, micro-dollars per model. */
  readonly toTreasuryMicros: Float64Array;
}

/** Takes `share` of the stake that bad work called for, as far as it is locked. */
export function forfeitStakes(
  { context, batch, deposits }: StakeEpoch,
  rule: { readonly share: number; readonly target: ForfeitTarget },
): Forfeits {
  const lost = new Float64Array(context.models.length);
  const none = new Float64Array(lost.length);
  const { verdicts, offer, work } = batch;
  if (verdicts === undefined || verdicts.count === 0) return { postings: [], toTreasuryMicros: none };
  const isShared = rule.target === "reporters" ? rewardable(work, lost.length) : none;
  const payee = context.models.map(({ treasury }, model) => {
    if (rule.target === "treasury") return treasury;
    return isShared[model] === 1 ? context.vault : context.issuer;
  });
  const amount = new Float64Array(verdicts.count);
  const to = new Int32Array(verdicts.count);
  for (let row = 0; row < amount.length; row++) {
    const party = verdicts.account[row] - context.providers.first;
    const model = verdicts.model[row];
    const held = deposits.values[party];
    amount[row] = Math.min(held, Math.floor(rule.share * stakeOfRow(verdicts, row, offer)));
    to[row] = payee[model];
    if (amount[row] > 0) deposits.set(party, held - amount[row]);
    lost[model] += amount[row];
  }
  if (!lost.some((units) => units > 0)) return { postings: [], toTreasuryMicros: none };
  const posting = { reason: "stake forfeited", asset: context.cash, from: context.vault, to, amount };
  const rewards = rewardReporters(
    context,
    work,
    lost.map((micros, model) => micros * isShared[model]),
  );
  return { postings: [posting, ...rewards], toTreasuryMicros: rule.target === "treasury" ? lost : none };
}

/** Models that somebody has done good work for. */
function rewardable({ count, model, quantity }: Deliveries, models: number): Float64Array {
  const has = new Float64Array(models);
  for (let row = 0; row < count; row++) if (quantity[row] > 0) has[model[row]] = 1;
  return has;
}

/** Shares what was forfeited at each model over the work that was found good there. */
function rewardReporters(context: MechanismContext, work: Deliveries, micros: Float64Array): PostingBatch[] {
  if (!micros.some((units) => units > 0)) return [];
  const amount = new Float64Array(work.count);
  const part = new Float64Array(work.count);
  for (const [model, total] of micros.entries()) {
    if (total === 0) continue;
    const weights = Float64Array.from({ length: work.count }, (_, row) =>
      work.model[row] === model ? work.quantity[row] : 0,
    );
    splitByLargestRemainder(total, weights, part);
    for (let row = 0; row < amount.length; row++) amount[row] += part[row];
  }
  const to = work.account.slice(0, work.count);
  const reason = "forfeited stake for reporters";
  return [{ reason, asset: context.cash, from: context.vault, to, amount, isPay: false }];
}

/** Gives back what has not been needed for the unbonding time, and everything in the last epoch. */
export function releaseStakes(
  { context, batch: { epoch }, deposits, idleFrom, neededSince, needed }: StakeEpoch,
  { unbonding }: { readonly unbonding: number },
): PostingBatch[] {
  const { values } = deposits;
  const since = idleFrom.values;
  const most = neededSince.values;
  const unbondingEpochs = Math.round(unbonding / context.epochSeconds);
  const isOver = isLast(context, epoch);
  const released = emptyRows();
  for (let i = 0; i < values.length; i++) {
    const held = values[i];
    // Nothing to give back; and when it locks anew, all of that is needed, and `idleFrom` starts again.
    if (held === 0) continue;
    const from = since[i];
    if (isOver) append(released, i, held);
    else if (needed[i] >= held) {
      if (from !== nowhere) idleFrom.set(i, nowhere);
    } else {
      if (from === nowhere || needed[i] > most[i]) neededSince.set(i, needed[i]);
      const isDue = epoch + 1 - (from === nowhere ? epoch : from) >= unbondingEpochs;
      if (isDue) append(released, i, held - most[i]);
      if (isDue || from === nowhere) idleFrom.set(i, isDue ? nowhere : epoch);
    }
  }
  if (released.count === 0) return [];
  const { party, amount } = columnsOf(released);
  for (let row = 0; row < party.length; row++) deposits.set(party[row], values[party[row]] - amount[row]);
  const to = party.map((i) => context.providers.first + i);
  return [{ reason: "stake given back", asset: context.cash, from: context.vault, to, amount, isPay: false }];
}

/** Columns that grow: providers, by their number among the providers, and micro-dollars. */
interface Rows {
  count: number;
  party: Int32Array;
  amount: Float64Array;
}

const emptyRows = (): Rows => ({ count: 0, party: new Int32Array(64), amount: new Float64Array(64) });

const columnsOf = ({ count, party, amount }: Rows): Pick<Rows, "party" | "amount"> => ({
  party: party.slice(0, count),
  amount: amount.slice(0, count),
});

/** Appends a row if there is anything in it. */
function append(rows: Rows, party: number, amount: number): void {
  if (!(amount > 0)) return;
  if (rows.count === rows.party.length) {
    const { party: parties, amount: amounts } = rows;
    rows.party = new Int32Array(2 * rows.count);
    rows.party.set(parties);
    rows.amount = new Float64Array(2 * rows.count);
    rows.amount.set(amounts);
  }
  rows.party[rows.count] = party;
  rows.amount[rows.count++] = amount;
}
