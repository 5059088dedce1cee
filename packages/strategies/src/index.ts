/** One file per way in which a participant decides. */
export * from "./bandit.ts";
export * from "./best-response.ts";
export * from "./coalition.ts";
export * from "./designer.ts";
export * from "./fixed.ts";
export * from "./honest.ts";
export * from "./logit.ts";
export * from "./registry.ts";
export * from "./replicator.ts";
export * from "./speculator.ts";
export * from "./sybil.ts";
