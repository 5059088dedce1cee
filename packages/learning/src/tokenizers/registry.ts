/** The tokenizers that a scenario can name; a missing factory does not compile. */
import { z } from "zod";
import { bytePairEncoding, bytePairEncodingSpec } from "./byte-pair-encoding.ts";
import { bytes, bytesSpec } from "./bytes.ts";
import type { Tokenizer, TokenizerContext } from "./tokenizer.ts";

export const tokenizerSpec = z.discriminatedUnion("kind", [bytePairEncodingSpec, bytesSpec]);
export type TokenizerSpec = z.output<typeof tokenizerSpec>;
export type TokenizerKind = TokenizerSpec["kind"];

const factories: {
  [K in TokenizerKind]: (spec: Extract<TokenizerSpec, { kind: K }>, context: TokenizerContext) => Tokenizer;
} = {
  "byte-pair-encoding": bytePairEncoding,
  bytes,
};

export const tokenizerKinds = Object.keys(factories) as readonly TokenizerKind[];

/** Makes the tokenizer that `spec` describes. */
export function createTokenizer<K extends TokenizerKind>(
  spec: Extract<TokenizerSpec, { kind: K }>,
  context: TokenizerContext,
): Tokenizer {
  const create: (spec: Extract<TokenizerSpec, { kind: K }>, context: TokenizerContext) => Tokenizer =
    factories[spec.kind as K];
  return create(spec, context);
}
