/** Revenue that accrues and is shared over owners: those of compute, those of data, and the designer, who also gets what nobody owns. */
import type { AccountRange, AssetId, EpochBatch, MechanismContext, PostingBatch } from "@shardlab/contracts";
import { splitByLargestRemainder } from "@shardlab/ledger";
import { isLast } from "./combinator.ts";

/** More than this is paid out at once, before it outgrows what one posting can carry (2^52). */
const largestAccrual = 2 ** 51;

/** Whether a period of `seconds` ends with this epoch, or the world does. */
export function endsPeriod(context: MechanismContext, epoch: number, seconds: number): boolean {
  const periods = (epochs: number): number => Math.floor((epochs * context.epochSeconds) / seconds);
  return periods(epoch + 1) > periods(epoch) || isLast(context, epoch);
}

/** Whether accrued revenue is paid out with this epoch. */
export const isPayoutDue = (
  context: MechanismContext,
  epoch: number,
  { settlementSeconds, accruedMicros }: { readonly settlementSeconds: number; readonly accruedMicros: Float64Array },
): boolean => endsPeriod(context, epoch, settlementSeconds) || accruedMicros.some((micros) => micros > largestAccrual);

/** Revenue of one model, and the shares of it of all contributors, and of data within that. */
export interface SharedRevenue {
  readonly model: number;
  readonly revenueMicros: number;
  readonly contributors: number;
  readonly dataShare: number;
}

/** Splits the revenue of one model; owners' parts go by what they hold, by largest remainder. */
export function shareRevenue(
  context: MechanismContext,
  { situation }: EpochBatch,
  { model, revenueMicros, contributors, dataShare }: SharedRevenue,
): PostingBatch[] {
  if (revenueMicros <= 0) return [];
  const { treasury, designer, ownership, dataOwnership } = context.models[model];
  const postings: PostingBatch[] = [];
  const payOwners = (reason: string, micros: number, [owners, asset]: readonly [AccountRange, AssetId]): number => {
    const held = new Float64Array(owners.count);
    situation.balances.balancesInto(owners, asset, held);
    if (micros <= 0 || !held.some((units) => units > 0)) return 0;
    const amount = new Float64Array(owners.count);
    splitByLargestRemainder(micros, held, amount);
    postings.push({ reason, asset: context.cash, from: treasury, to: owners, amount, isPay: false });
    return micros;
  };
  const pool = Math.floor(revenueMicros * contributors);
  const dataPart = Math.floor(pool * dataShare);
  const toData = payOwners("revenue share of data", dataPart, [context.dataProviders, dataOwnership]);
  const toCompute = payOwners("revenue share of compute", pool - dataPart, [context.providers, ownership]);
  const rest = revenueMicros - toData - toCompute;
  postings.push({
    reason: "revenue of the designer",
    asset: context.cash,
    from: treasury,
    to: designer,
    amount: Float64Array.of(rest),
  });
  return postings;
}
