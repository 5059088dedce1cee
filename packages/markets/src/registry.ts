/** The markets that a scenario can name; a missing factory does not compile. */
import { z } from "zod";
import { type CollateralLoan, collateralLoan, collateralLoanSpec } from "./collateral-loan.ts";
import { type ComputeSpot, computeSpot, computeSpotSpec } from "./compute-spot.ts";
import { type ConstantProduct, constantProduct, constantProductSpec } from "./constant-product.ts";
import { type InferenceDemand, inferenceDemand, inferenceDemandSpec } from "./inference-demand.ts";
import { type Leak, leak, leakSpec } from "./leak.ts";
import { type OwnershipAuction, ownershipAuction, ownershipAuctionSpec } from "./ownership-auction.ts";

export const marketSpec = z.discriminatedUnion("kind", [
  collateralLoanSpec,
  computeSpotSpec,
  constantProductSpec,
  inferenceDemandSpec,
  leakSpec,
  ownershipAuctionSpec,
]);
export type MarketSpec = z.output<typeof marketSpec>;
export type MarketKind = MarketSpec["kind"];

/** What each kind of market can do: markets differ in what they trade, so each has an interface of its own. */
export interface MarketOfKind {
  readonly "collateral-loan": CollateralLoan;
  readonly "compute-spot": ComputeSpot;
  readonly "constant-product": ConstantProduct;
  readonly "inference-demand": InferenceDemand;
  readonly leak: Leak;
  readonly "ownership-auction": OwnershipAuction;
}

const factories: { [K in MarketKind]: (spec: Extract<MarketSpec, { kind: K }>) => MarketOfKind[K] } = {
  "collateral-loan": collateralLoan,
  "compute-spot": computeSpot,
  "constant-product": constantProduct,
  "inference-demand": inferenceDemand,
  leak,
  "ownership-auction": ownershipAuction,
};

export const marketKinds = Object.keys(factories) as readonly MarketKind[];

/** Makes the market that `spec` describes. */
export function createMarket<K extends MarketKind>(spec: Extract<MarketSpec, { kind: K }>): MarketOfKind[K] {
  const create: (spec: Extract<MarketSpec, { kind: K }>) => MarketOfKind[K] = factories[spec.kind as K];
  return create(spec);
}
