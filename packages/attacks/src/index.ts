/** One file per published way of cheating: what it saves, how it is found, what it harms. */
export * from "./double-spend.ts";
export * from "./gradient-copy.ts";
export * from "./infinitesimal-learning-rate.ts";
export * from "./low-precision.ts";
export * from "./profile.ts";
export * from "./registry.ts";
export * from "./selfish-mining.ts";
export * from "./selfish-mining-network.ts";
export * from "./stale-gradient.ts";
export * from "./zero-gradient.ts";
