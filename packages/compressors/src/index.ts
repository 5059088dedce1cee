/** Ways of compressing tensors between workers: one published method, one file. */
export { type Bfloat16Spec, bfloat16, bfloat16Spec } from "./bfloat16.ts";
export { type ByRoleSpec, byRole, byRoleSpec } from "./by-role.ts";
export { type ChainSpec, chain, chainSpec, type ReducerSpec } from "./chain.ts";
export { type ErrorFeedbackSpec, errorFeedback, errorFeedbackSpec } from "./error-feedback.ts";
export { type IdentitySpec, identity, identitySpec } from "./identity.ts";
export { type Reduced, type Reducer, reducingCompressor } from "./reducer.ts";
export {
  type AtomSpec,
  type CompressorKind,
  type CompressorSpec,
  compressorKinds,
  compressorSpec,
  createCompressor,
} from "./registry.ts";
export { type SubspaceSpec, subspace, subspaceReducer, subspaceSpec } from "./subspace.ts";
export { type TopKSpec, topK, topKReducer, topKSpec } from "./top-k.ts";
export {
  type UniformQuantizationSpec,
  uniformQuantization,
  uniformQuantizationSpec,
} from "./uniform-quantization.ts";
