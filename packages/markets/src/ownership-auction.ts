/**
 * Ownership auction: k like units go to the highest bids, at Vickrey's prices or at one price for all.
 *
 * Bidders name decreasing values for further units. The k highest values win. `vickrey`: whoever wins x units pays the
 * x highest values of others that lost because of it, which are those that would have won without it; naming the true
 * values is then a dominant strategy. `uniform`: everybody pays the highest losing value, which is truthful for whoever
 * wants one unit and tempts others to shade further units (demand reduction). The seller's reserve stands as a bid for
 * all units.
 *
 * Source: Vickrey 1961 (Journal of Finance 16(1)), which has both rules and the expected revenues; Ausubel and Cramton
 * 2002 for demand reduction; Krishna, "Auction Theory", chapters 12 and 13. Ties go to the bid that is named first.
 *
 * Checked: truthfulness against every deviation in small cases and random ones in larger ones, demand reduction by
 * example, and E revenue for values uniform on [0, 1]: (n - 1) / (n + 1) for one unit, k (n - k) / (n + 1) for k. Not
 * modelled: bidders who collude, and values that depend on what others know.
 */
import { z } from "zod";
import { checkAmount } from "./whole-amount.ts";

export const ownershipAuctionSpec = z
  .strictObject({
    kind: z.literal("ownership-auction"),
    pricing: z.enum(["vickrey", "uniform"]).default("vickrey").describe("what winners pay"),
  })
  .describe("a sealed auction of like units");
export type OwnershipAuctionSpec = z.output<typeof ownershipAuctionSpec>;

/** A bidder's value for each of `quantity` further units, in whole smallest units of cash. */
export interface UnitBid {
  readonly bidder: number;
  readonly quantity: number;
  readonly price: number;
}

/** Columns have one row per bidder. */
export interface AuctionOutcome {
  readonly won: Float64Array;
  readonly payment: Float64Array;
  readonly sold: number;
  readonly revenue: number;
  /** The highest losing bid, or the reserve: what everybody pays for a unit under `uniform`. */
  readonly losingPrice: number;
}

export interface OwnershipAuction {
  readonly kind: "ownership-auction";
  /**
   * @param bids in any order; those of one bidder need not be sorted, as only the multiset of its values counts.
   * @param lot units on offer, bidders and the least that a unit is sold for
   * @throws `invalid quantity`, `invalid price`, `unknown bidder`, `payment out of range`
   */
  allot(bids: readonly UnitBid[], lot: { units: number; bidders: number; reserve: number }): AuctionOutcome;
}

export function ownershipAuction(spec: OwnershipAuctionSpec): OwnershipAuction {
  return { kind: spec.kind, allot: (bids, lot) => allot(spec.pricing, bids, lot) };
}

function allot(
  pricing: OwnershipAuctionSpec["pricing"],
  bids: readonly UnitBid[],
  lot: { units: number; bidders: number; reserve: number },
): AuctionOutcome {
  checkLot(bids, lot);
  const ranked = bids
    .map((bid, index) => ({ ...bid, index }))
    .filter(({ quantity, price }) => quantity > 0 && price >= lot.reserve)
    .sort((a, b) => b.price - a.price || a.index - b.index);
  const won = new Float64Array(lot.bidders);
  const losers: UnitBid[] = [];
  let left = lot.units;
  for (const bid of ranked) {
    const units = Math.min(left, bid.quantity);
    won[bid.bidder] += units;
    left -= units;
    if (bid.quantity > units) losers.push({ ...bid, quantity: bid.quantity - units });
  }
  const losingPrice = left > 0 || losers.length === 0 ? lot.reserve : losers[0].price;
  const payment = new Float64Array(lot.bidders);
  for (let bidder = 0; bidder < lot.bidders; bidder++) {
    if (won[bidder] === 0) continue;
    payment[bidder] =
      pricing === "uniform"
        ? won[bidder] * losingPrice
        : displaced(losers, { bidder, quantity: won[bidder], price: lot.reserve });
    checkAmount(payment[bidder], "payment");
  }
  return {
    won,
    payment,
    sold: lot.units - left,
    revenue: payment.reduce((sum, paid) => sum + paid, 0),
    losingPrice,
  };
}

/** The highest values that others than `bidder` lost with, one for each of `quantity`; `price` where there are fewer. */
function displaced(losers: readonly UnitBid[], { bidder, quantity, price }: UnitBid): number {
  let left = quantity;
  let sum = 0;
  for (const bid of losers) {
    if (bid.bidder === bidder) continue;
    const taken = Math.min(left, bid.quantity);
    sum += taken * bid.price;
    left -= taken;
    if (left === 0) break;
  }
  return sum + left * price;
}

function checkLot(bids: readonly UnitBid[], lot: { units: number; bidders: number; reserve: number }): void {
  checkAmount(lot.units, "quantity");
  checkAmount(lot.reserve, "price");
  for (const { bidder, quantity, price } of bids) {
    checkAmount(quantity, "quantity");
    checkAmount(price, "price");
    if (!(Number.isInteger(bidder) && bidder >= 0 && bidder < lot.bidders)) {
      throw new Error(`unknown bidder: ${bidder} (expected 0 to ${lot.bidders - 1})`);
    }
  }
}
