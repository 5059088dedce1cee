/** What an inner rule pays providers, taken out of its postings: to be held in the vault, or to be paid in part. */
import type { AccountRange, AssetId, LedgerView, MechanismContext, PostingBatch } from "@shardlab/contracts";

/** Pay by asset: one row per provider, in the smallest unit. */
export type PayColumns = ReadonlyMap<AssetId, Float64Array>;

/** Whether rules that hold pay back look at this asset. */
export type Covers = (asset: AssetId) => boolean;

/** Assets that are pay in money (cash and coins), or claims on revenue. */
export function coverage(
  context: MechanismContext,
  { pay, claims }: { readonly pay: boolean; readonly claims: boolean },
): Covers {
  const ownership = new Set(context.models.map((model) => model.ownership));
  return (asset) => (asset === context.cash || asset === context.coin ? pay : claims && ownership.has(asset));
}

/** What an asset is called in the reasons of postings. */
export function assetWord(context: MechanismContext, asset: AssetId): string {
  return asset === context.cash ? "pay" : asset === context.coin ? "coins" : "ownership";
}

const accountAt = (side: PostingBatch["to"], row: number): number =>
  typeof side === "number" ? side : side instanceof Int32Array ? side[row] : side.first + row;

const assetAt = (asset: PostingBatch["asset"], row: number): AssetId =>
  typeof asset === "number" ? asset : asset[row];

const indexIn = ({ first, count }: AccountRange, account: number): number =>
  account >= first && account < first + count ? account - first : -1;

/** Whether a batch can reach providers at all; saves a look at every row of those that cannot. */
function reaches(providers: AccountRange, { to, isPay }: PostingBatch): boolean {
  if (isPay === false) return false;
  if (typeof to === "number") return indexIn(providers, to) >= 0;
  if (to instanceof Int32Array) return true;
  return to.first < providers.first + providers.count && providers.first < to.first + to.count;
}

/**
 * The pay of covered assets in `postings`, with the postings changed so that it goes to the vault. Stake that `postings` hold
 * back from pay is paid, since it could not be locked otherwise.
 */
export function divertToVault(
  context: MechanismContext,
  postings: readonly PostingBatch[],
  { covers, balances }: { readonly covers: Covers; readonly balances: LedgerView },
): { postings: PostingBatch[]; pay: PayColumns } {
  const pay = new Map<AssetId, Float64Array>();
  const owed = stakeFromPay(context, postings, balances);
  const diverted = postings.flatMap((posting): PostingBatch[] => {
    if (!reaches(context.providers, posting)) return [posting];
    const to = new Int32Array(posting.amount.length);
    const kept = new Float64Array(to.length);
    for (let row = 0; row < to.length; row++) {
      to[row] = accountAt(posting.to, row);
      const asset = assetAt(posting.asset, row);
      const provider = indexIn(context.providers, to[row]);
      if (provider < 0 || !covers(asset)) continue;
      if (asset === context.cash && owed !== undefined) {
        kept[row] = Math.min(owed[provider], posting.amount[row]);
        owed[provider] -= kept[row];
      }
      columnOf(pay, asset, context.providers.count)[provider] += posting.amount[row] - kept[row];
      to[row] = context.vault;
    }
    if (!kept.some((units) => units > 0)) return [{ ...posting, to }];
    return [
      { ...posting, amount: kept },
      { ...posting, to, amount: posting.amount.map((units, row) => units - kept[row]) },
    ];
  });
  return { postings: diverted, pay };
}

/** Cash that providers lock beyond what they have, micro-dollars by provider; undefined where nobody locks any. */
function stakeFromPay(
  context: MechanismContext,
  postings: readonly PostingBatch[],
  balances: LedgerView,
): Float64Array | undefined {
  const isLock = ({ isPay, to, asset }: PostingBatch): boolean =>
    isPay === false && to === context.vault && asset === context.cash;
  const locks = postings.filter(isLock);
  if (locks.length === 0) return undefined;
  const flow = addCashFlow(context, locks, new Float64Array(context.providers.count));
  const has = new Float64Array(flow.length);
  balances.balancesInto(context.providers, context.cash, has);
  return flow.map((out, provider) => Math.max(0, -out - has[provider]));
}

function columnOf(columns: Map<AssetId, Float64Array>, asset: AssetId, rows: number): Float64Array {
  const known = columns.get(asset) ?? new Float64Array(rows);
  columns.set(asset, known);
  return known;
}

/**
 * The postings with every provider's pay cut to its share, rounded down. What a treasury does not pay for that is in
 * `withheldMicros`, one row per model; coins and ownership are not issued.
 *
 * @param shareOf share of each provider's pay, one row per provider
 */
export function scalePay(
  context: MechanismContext,
  postings: readonly PostingBatch[],
  shareOf: Float64Array,
): { postings: PostingBatch[]; withheldMicros: Float64Array } {
  const withheldMicros = new Float64Array(context.models.length);
  const modelOf = new Map(context.models.map(({ treasury }, model) => [treasury, model]));
  const cut = postings.map((posting): PostingBatch => {
    if (!reaches(context.providers, posting)) return posting;
    const amount = posting.amount.slice();
    for (let row = 0; row < amount.length; row++) {
      const provider = indexIn(context.providers, accountAt(posting.to, row));
      if (provider < 0) continue;
      amount[row] = Math.floor(amount[row] * shareOf[provider]);
      const model = modelOf.get(accountAt(posting.from, row));
      if (model === undefined || assetAt(posting.asset, row) !== context.cash) continue;
      withheldMicros[model] += posting.amount[row] - amount[row];
    }
    return { ...posting, amount };
  });
  return { postings: cut, withheldMicros };
}

/** Adds the cash that postings bring every provider, less what they take, to `flow`, one row per provider. */
export function addCashFlow(
  context: MechanismContext,
  postings: readonly PostingBatch[],
  flow: Float64Array,
): Float64Array {
  for (const { asset, from, to, amount } of postings) {
    if (typeof asset === "number" && asset !== context.cash) continue;
    for (let row = 0; row < amount.length; row++) {
      if (assetAt(asset, row) !== context.cash) continue;
      const payer = indexIn(context.providers, accountAt(from, row));
      const payee = indexIn(context.providers, accountAt(to, row));
      if (payer >= 0) flow[payer] -= amount[row];
      if (payee >= 0) flow[payee] += amount[row];
    }
  }
  return flow;
}
