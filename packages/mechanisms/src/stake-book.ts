/**
 * Stake: what providers lock while they work and lose when an audit finds their work bad.
 *
 * A provider's stake is topped up to what its work of the epoch calls for, and is held until it has not been needed for the
 * unbonding time. What has been needed less stays for at least that time, and at most twice.
 */
import {
  type Deliveries,
  type EpochBatch,
  type MechanismContext,
  microsPerDollar,
  type Offer,
  type PostingBatch,
} from "@shardlab/contracts";
import {
  type Escrow,
  forfeitOfParties,
  lockInEscrow,
  openEscrow,
  releaseFromEscrow,
  splitByLargestRemainder,
} from "@shardlab/ledger";
import { cashFlow } from "./provider-pay.ts";

/** Who gets what is forfeited: nobody, the model's treasury, or those who worked for the model, from whom auditors are drawn. */
export const forfeitTargets = ["burn", "treasury", "reporters"] as const;
export type ForfeitTarget = (typeof forfeitTargets)[number];

/** Columns have one row per provider. */
export interface StakeBook {
  readonly escrow: Escrow;
  /** Last epoch in which all of the stake was needed, and the most that was needed since. */
  readonly neededAt: Int32Array;
  readonly neededSince: Float64Array;
}

export interface StakeMove {
  readonly book: StakeBook;
  readonly postings: readonly PostingBatch[];
}

/** More than this nobody can be asked for in one epoch, micro-dollars; postings carry 2^52. */
const largestStake = 2 ** 50;

export function openStakes({ cash, vault, providers }: MechanismContext): StakeBook {
  return {
    escrow: openEscrow(cash, vault, providers),
    neededAt: new Int32Array(providers.count).fill(-1),
    neededSince: new Float64Array(providers.count),
  };
}

/** Stake that each row's work calls for, micro-dollars. */
export function stakeOfRows({ count, model, quantity, identities }: Deliveries, offer: Offer): Float64Array {
  const stake = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    const ofNames = (identities?.[row] ?? 1) * offer.stakePerIdentity[model[row]];
    const dollars = quantity[row] * offer.stakePerWork[model[row]] + ofNames;
    stake[row] = Math.min(largestStake, Math.floor(dollars * microsPerDollar));
  }
  return stake;
}

/** Stake that each provider's work of an epoch calls for, whether it was found good or bad. */
export function neededStakes(context: MechanismContext, { work, verdicts, offer }: EpochBatch): Float64Array {
  const needed = new Float64Array(context.providers.count);
  addStakes(context, needed, work, offer);
  if (verdicts !== undefined) addStakes(context, needed, verdicts, offer);
  return needed;
}

/** The same of good work alone; `needed` itself where nothing was found bad. */
export function neededForGood(
  { providers }: MechanismContext,
  { verdicts }: EpochBatch,
  needed: Float64Array,
): Float64Array {
  if (verdicts === undefined || verdicts.count === 0) return needed;
  const good = needed.slice();
  // Nobody is in two rows, so that whoever was found bad has done nothing else.
  for (let row = 0; row < verdicts.count; row++) good[verdicts.account[row] - providers.first] = 0;
  return good;
}

function addStakes({ providers }: MechanismContext, needed: Float64Array, rows: Deliveries, offer: Offer): void {
  const { count, account, model, quantity, identities } = rows;
  const { stakePerWork, stakePerIdentity } = offer;
  for (let row = 0; row < count; row++) {
    const one = model[row];
    const names = identities === undefined ? 1 : identities[row];
    const dollars = quantity[row] * stakePerWork[one] + names * stakePerIdentity[one];
    needed[account[row] - providers.first] += Math.min(largestStake, Math.floor(dollars * microsPerDollar));
  }
}

/** Tops stakes up to what is needed from the cash that there is. */
export function lockFromCash(
  context: MechanismContext,
  book: StakeBook,
  batch: EpochBatch,
  needed: Float64Array,
): StakeMove {
  if (!hasAny(needed)) return { book, postings: [] };
  const cash = new Float64Array(needed.length);
  batch.situation.balances.balancesInto(context.providers, context.cash, cash);
  return lock(book, "stake", topUp(book, needed, cash));
}

/** Tops stakes up to what is needed from what the epoch has paid. */
export function lockFromPay(
  context: MechanismContext,
  book: StakeBook,
  paid: readonly PostingBatch[],
  needed: Float64Array,
): StakeMove {
  const isInCash = paid.some(({ asset }) => typeof asset !== "number" || asset === context.cash);
  if (!isInCash) return { book, postings: [] };
  return lock(book, "stake held back from pay", topUp(book, needed, cashFlow(context, paid)));
}

function topUp({ escrow: { deposits } }: StakeBook, needed: Float64Array, available: Float64Array): Float64Array {
  const amount = new Float64Array(needed.length);
  for (let i = 0; i < amount.length; i++) {
    const missing = needed[i] - deposits[i];
    const paid = Math.min(missing, available[i]);
    if (paid > 0) amount[i] = paid;
  }
  return amount;
}

function lock(book: StakeBook, reason: string, amount: Float64Array): StakeMove {
  if (!hasAny(amount)) return { book, postings: [] };
  const { escrow, posting } = lockInEscrow(book.escrow, reason, amount);
  return { book: { ...book, escrow }, postings: [{ ...posting, isPay: false }] };
}

function hasAny(amount: Float64Array): boolean {
  for (let row = 0; row < amount.length; row++) if (amount[row] > 0) return true;
  return false;
}

export interface Forfeits extends StakeMove {
  /** What goes to the treasuries, micro-dollars per model. */
  readonly toTreasuryMicros: Float64Array;
}

/** Takes `share` of the stake that bad work called for, as far as it is locked. */
export function forfeitStakes(
  context: MechanismContext,
  book: StakeBook,
  batch: EpochBatch,
  rule: { readonly share: number; readonly target: ForfeitTarget },
): Forfeits {
  const lost = new Float64Array(context.models.length);
  const { verdicts, offer, work } = batch;
  if (verdicts === undefined || verdicts.count === 0) return { book, postings: [], toTreasuryMicros: lost };
  const stake = stakeOfRows(verdicts, offer);
  const party = new Int32Array(stake.length);
  const amount = new Float64Array(stake.length);
  for (let row = 0; row < stake.length; row++) {
    party[row] = verdicts.account[row] - context.providers.first;
    amount[row] = Math.min(book.escrow.deposits[party[row]], Math.floor(rule.share * stake[row]));
    lost[verdicts.model[row]] += amount[row];
  }
  if (!hasAny(lost)) return { book, postings: [], toTreasuryMicros: lost };
  const isShared = rule.target === "reporters" ? rewardable(work, context.models.length) : undefined;
  const payee = Int32Array.from(context.models, ({ treasury }, model) => {
    if (rule.target === "treasury") return treasury;
    return isShared?.[model] === 1 ? context.vault : context.issuer;
  });
  const to = Int32Array.from(amount, (_, row) => payee[verdicts.model[row]]);
  const { escrow, posting } = forfeitOfParties(book.escrow, "stake forfeited", { party, amount, to });
  const isKept = isShared && lost.map((micros, model) => (isShared[model] === 1 ? micros : 0));
  const rewards = isKept ? rewardReporters(context, work, isKept) : [];
  return {
    book: { ...book, escrow },
    postings: [posting, ...rewards],
    toTreasuryMicros: rule.target === "treasury" ? lost : lost.map(() => 0),
  };
}

/** Models that somebody has done good work for. */
function rewardable({ count, model, quantity }: Deliveries, models: number): Uint8Array {
  const has = new Uint8Array(models);
  for (let row = 0; row < count; row++) if (quantity[row] > 0) has[model[row]] = 1;
  return has;
}

/** Shares what was forfeited at each model over the work that was found good there. */
function rewardReporters(context: MechanismContext, work: Deliveries, micros: Float64Array): PostingBatch[] {
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
  return amount.length > 0 && micros.some((total) => total > 0)
    ? [{ reason: "forfeited stake for reporters", asset: context.cash, from: context.vault, to, amount, isPay: false }]
    : [];
}

/**
 * Gives back what has not been needed for `unbondingEpochs`, and everything in the last epoch.
 *
 * @param needed by provider in this epoch, micro-dollars
 */
export function releaseStakes(
  book: StakeBook,
  needed: Float64Array,
  {
    epoch,
    unbondingEpochs,
    isLast,
  }: { readonly epoch: number; readonly unbondingEpochs: number; readonly isLast: boolean },
): StakeMove {
  const { deposits } = book.escrow;
  if (!hasAny(deposits) && !hasAny(needed)) return { book, postings: [] };
  const neededAt = book.neededAt.slice();
  const neededSince = book.neededSince.slice();
  let amount: Float64Array | undefined = isLast ? deposits.slice() : undefined;
  for (let i = 0; i < deposits.length && !isLast; i++) {
    if (needed[i] >= deposits[i]) {
      neededAt[i] = epoch;
      neededSince[i] = 0;
      continue;
    }
    if (needed[i] > neededSince[i]) neededSince[i] = needed[i];
    if (epoch - neededAt[i] < unbondingEpochs) continue;
    if (deposits[i] > neededSince[i]) {
      amount ??= new Float64Array(deposits.length);
      amount[i] = deposits[i] - neededSince[i];
    }
    neededAt[i] = epoch;
    neededSince[i] = 0;
  }
  if (amount === undefined) return { book: { ...book, neededAt, neededSince }, postings: [] };
  const { escrow, posting } = releaseFromEscrow(book.escrow, "stake given back", amount);
  return { book: { escrow, neededAt, neededSince }, postings: [{ ...posting, isPay: false }] };
}
