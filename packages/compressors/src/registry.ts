/** The compressors that a scenario can name; a missing factory does not compile. */
import type { Compressor, CompressorContext } from "@shardlab/contracts";
import { z } from "zod";
import { type Bfloat16Spec, bfloat16, bfloat16Spec } from "./bfloat16.ts";
import { type ByRoleSpec, byRole, byRoleSpec } from "./by-role.ts";
import { type ChainSpec, chain, chainSpec, type ReducerSpec } from "./chain.ts";
import { type ErrorFeedbackSpec, errorFeedback, errorFeedbackSpec } from "./error-feedback.ts";
import { type IdentitySpec, identity, identitySpec } from "./identity.ts";
import type { Reducer } from "./reducer.ts";
import { type SubspaceSpec, subspace, subspaceReducer, subspaceSpec } from "./subspace.ts";
import { type TopKSpec, topK, topKReducer, topKSpec } from "./top-k.ts";
import { type UniformQuantizationSpec, uniformQuantization, uniformQuantizationSpec } from "./uniform-quantization.ts";

export type AtomSpec = Bfloat16Spec | IdentitySpec | SubspaceSpec | TopKSpec | UniformQuantizationSpec;
export type CompressorSpec =
  | AtomSpec
  | ByRoleSpec<CompressorSpec>
  | ChainSpec<CompressorSpec>
  | ErrorFeedbackSpec<CompressorSpec>;
export type CompressorKind = CompressorSpec["kind"];

export const compressorSpec: z.ZodType<CompressorSpec> = z.discriminatedUnion("kind", [
  bfloat16Spec,
  byRoleSpec<CompressorSpec>(() => compressorSpec),
  chainSpec<CompressorSpec>(() => compressorSpec),
  errorFeedbackSpec<CompressorSpec>(() => compressorSpec),
  identitySpec,
  subspaceSpec,
  topKSpec,
  uniformQuantizationSpec,
]);

type Factory<K extends CompressorKind> = (
  spec: Extract<CompressorSpec, { kind: K }>,
  context: CompressorContext,
) => Compressor;

const factories: { [K in CompressorKind]: Factory<K> } = {
  bfloat16,
  "by-role": (spec, context) => byRole(spec, context, createCompressor),
  chain: (spec, context) => chain(spec.kind, createReducer(spec.outer, context), createCompressor(spec.inner, context)),
  "error-feedback": (spec, context) => errorFeedback(spec, createCompressor(spec.inner, context)),
  identity,
  subspace,
  "top-k": topK,
  "uniform-quantization": uniformQuantization,
};

export const compressorKinds = Object.keys(factories) as readonly CompressorKind[];

/** Makes the compressor that `spec` describes. Nothing is drawn before it is needed. */
export function createCompressor<K extends CompressorKind>(
  spec: Extract<CompressorSpec, { kind: K }>,
  context: CompressorContext,
): Compressor {
  const create: Factory<K> = factories[spec.kind as K];
  return create(spec, context);
}

function createReducer(spec: ReducerSpec, context: CompressorContext): Reducer {
  return spec.kind === "top-k" ? topKReducer(spec) : subspaceReducer(spec, context);
}
