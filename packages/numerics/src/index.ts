/** Deterministic mathematics: the same bits on every engine. */
export { blockSum, blockSums, dot, pairwiseSum, sumBlockLength } from "./block-sum.ts";
export { cos } from "./cos.ts";
export { expInto, logInto } from "./elementwise.ts";
export { exp } from "./exp.ts";
export { expm1 } from "./expm1.ts";
export { log } from "./log.ts";
export { logSumExp } from "./log-sum-exp.ts";
export { log1p } from "./log1p.ts";
export { logistic } from "./logistic.ts";
export { type LogitChoice, logitChoice } from "./logit-choice.ts";
export { expectedNumericsDigest, numericsDigest } from "./numerics-digest.ts";
export {
  type PhiloxPosition,
  philoxAcross,
  philoxAlong,
  philoxLogarithmsAlong,
  philoxPairsAcross,
} from "./philox-uniforms.ts";
export { pow } from "./pow.ts";
export { sin } from "./sin.ts";
export { createTraceHash, type TraceHash } from "./trace-hash.ts";
