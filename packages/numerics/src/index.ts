/** Deterministic mathematics: the same bits on every engine. */
export { exp } from "./exp.ts";
export { expm1 } from "./expm1.ts";
export { log } from "./log.ts";
export { log1p } from "./log1p.ts";
export { type LogitChoice, logitChoice } from "./logit-choice.ts";
export { pow } from "./pow.ts";
export { blockSumReference as blockSum, dotReference as dot } from "./reference/block-sum.ts";
export { createTraceHash, type TraceHash } from "./trace-hash.ts";
