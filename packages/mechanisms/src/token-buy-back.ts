/**
 * Buying a token back: cash from the treasuries to all holders, pro rata, and tokens back to the issuer.
 *
 * At the fair price, what all tokens are worth is the cash that buys now and what is believed to buy later. B dollars therefore buy
 * B / (B + later) of all tokens: nobody gains by holding on or by selling, and the last dollars buy what is left. Tokens that the
 * vault holds back count among all, and cannot be sold.
 */
import {
  type AccountId,
  type LedgerView,
  type MechanismContext,
  microsPerDollar,
  type PostingBatch,
} from "@shardlab/contracts";
import { splitByLargestRemainder } from "@shardlab/ledger";

/** Accounts that can sell tokens: providers and designers. */
function tokenHolders({ providers, models }: MechanismContext): Int32Array {
  const designers = models.map(({ designer }) => designer);
  const accounts = Array.from({ length: providers.count }, (_, i): AccountId => providers.first + i);
  return Int32Array.from([...accounts, ...designers]);
}

/** Units of the token that exist, wherever they are. */
export function outstandingUnits(context: MechanismContext, balances: LedgerView): number {
  return -balances.balance(context.issuer, context.coin);
}

/**
 * @property feeMicros cash to spend, per model
 * @property laterDollars what is believed to be spent on buying back later
 */
export function buyBack(
  context: MechanismContext,
  balances: LedgerView,
  { feeMicros, laterDollars }: { readonly feeMicros: Float64Array; readonly laterDollars: number },
): { postings: PostingBatch[]; spentMicros: Float64Array } {
  const nothing = { postings: [], spentMicros: new Float64Array(feeMicros.length) };
  const total = feeMicros.reduce((sum, micros) => sum + micros, 0);
  const holders = tokenHolders(context);
  const held = Float64Array.from(holders, (account) => balances.balance(account, context.coin));
  const onOffer = held.reduce((sum, units) => sum + units, 0);
  if (!(total > 0) || onOffer === 0) return nothing;
  const ofAll = total / (total + laterDollars * microsPerDollar);
  // To three figures, so that what is retired does not hang on single micro-dollars.
  const share = Number((ofAll * (outstandingUnits(context, balances) / onOffer)).toPrecision(3));
  // Rounded up, so that no holder keeps more under several names.
  const retired = held.map((units) => Math.min(units, Math.ceil(units * share)));
  const postings = context.models.flatMap(({ treasury }, model): PostingBatch[] => {
    if (feeMicros[model] === 0) return [];
    const amount = new Float64Array(holders.length);
    splitByLargestRemainder(feeMicros[model], held, amount);
    return [{ reason: "tokens bought back", asset: context.cash, from: treasury, to: holders, amount, isPay: false }];
  });
  const burn: PostingBatch = {
    reason: "tokens burned",
    asset: context.coin,
    from: holders,
    to: context.issuer,
    amount: retired,
    isPay: false,
  };
  return { postings: [...postings, burn], spentMicros: feeMicros };
}
