/** One file per published market: compute, inference, ownership, loans. */
export * from "./collateral-loan.ts";
export * from "./compute-spot.ts";
export * from "./constant-product.ts";
export * from "./inference-demand.ts";
export * from "./leak.ts";
export * from "./ownership-auction.ts";
export * from "./registry.ts";
