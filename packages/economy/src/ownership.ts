/** Who is entitled to what: each party's share of the coming revenue of all models together. */
import type { PathState } from "./path-state.ts";

/**
 * Shares of compute providers, accounts of markets if there are any, data providers and designers, in that order; they sum to 1. Models weigh alike. Where a
 * mechanism grants no ownership the designers are entitled to everything, unless it issued coins, which then count instead.
 */
export function entitlements(state: PathState): Float64Array {
  const { books, offer } = state;
  const people = books.dataProviders.first + books.dataProviders.count;
  const parties = people + books.models.length;
  const shares = new Float64Array(parties);
  const coins = -books.ledger.balance(books.issuer, books.coin);
  if (coins > 0) {
    for (let i = 0; i < books.holders.count; i++) shares[i] = books.ledger.balance(i, books.coin) / coins;
    return shares;
  }
  const weight = 1 / books.models.length;
  for (const [model, accounts] of books.models.entries()) {
    let designers = weight;
    const add = (range: { first: number; count: number }, asset: number, share: number) => {
      const units = -books.ledger.balance(books.issuer, asset);
      if (!(units > 0) || share === 0) return;
      const held = new Float64Array(range.count);
      books.ledger.balancesInto(range, asset, held);
      for (let i = 0; i < held.length; i++) shares[range.first + i] += (weight * share * held[i]) / units;
      designers -= weight * share;
    };
    add(books.holders, accounts.ownership, offer.claimShare[model]);
    add(books.dataProviders, accounts.dataOwnership, offer.dataClaimShare[model]);
    shares[people + model] += Math.max(0, designers);
  }
  return shares;
}
