/**
 * Byte pair encoding with the merges of GPT-2 (Sennrich, Haddow and Birch, ACL 2016; Radford et al., 2019), cut down to the
 * vocabulary of the model.
 *
 * Text is encoded with GPT-2's 50,256 tokens. Ids 0 to 255 are single bytes; the ids above them are those of GPT-2's longer
 * tokens that are most frequent in the training text, the most frequent first. All other tokens are spelt in bytes, so that
 * any text can be encoded and nothing is lost.
 */
import { createRequire } from "node:module";
import { z } from "zod";
import type { Tokenizer, TokenizerContext } from "./tokenizer.ts";

export const bytePairEncodingSpec = z
  .strictObject({ kind: z.literal("byte-pair-encoding") })
  .describe("GPT-2's tokens, the most frequent ones, as many as the model's vocabulary holds; all else in bytes");
export type BytePairEncodingSpec = z.output<typeof bytePairEncodingSpec>;

interface Gpt2 {
  readonly encode: (text: string, options: { allowedSpecial: Set<string>; disallowedSpecial: Set<string> }) => number[];
}

/** The bytes of each of GPT-2's tokens, by rank. */
type Ranks = readonly (string | readonly number[])[];

const singleBytes = 256;

/** @throws Error `vocabulary too small: ...` below 256. */
export function bytePairEncoding(_spec: BytePairEncodingSpec, context: TokenizerContext): Tokenizer {
  const { vocabulary, sample } = context;
  if (vocabulary < singleBytes) throw new Error(`vocabulary too small: ${vocabulary} (single bytes need 256)`);
  const require = createRequire(import.meta.url);
  const gpt2: Gpt2 = require("gpt-tokenizer/encoding/r50k_base");
  const ranks: { default: Ranks } = require("gpt-tokenizer/bpeRanks/r50k_base");
  const spelling = ranks.default.map((token) =>
    typeof token === "string" ? new TextEncoder().encode(token) : Uint8Array.from(token),
  );
  const encodeWhole = (text: string) => gpt2.encode(text, { allowedSpecial: new Set(), disallowedSpecial: new Set() });
  const kept = mostFrequent(encodeWhole(sample()), spelling, vocabulary - singleBytes);
  const idOf = new Map(kept.map((rank, index) => [rank, singleBytes + index]));
  return {
    vocabulary: singleBytes + kept.length,
    encode: (text) => compact(encodeWhole(text), idOf, spelling),
    decode: (ids) => new TextDecoder().decode(concatenate(ids, kept, spelling)),
  };
}

/** Ranks of the tokens of several bytes that occur most often; the lower rank first where they occur equally often. */
function mostFrequent(text: readonly number[], spelling: readonly Uint8Array[], limit: number): number[] {
  const occurrences = new Float64Array(spelling.length);
  for (const rank of text) occurrences[rank] += 1;
  const found: number[] = [];
  for (let rank = 0; rank < spelling.length; rank++)
    if (occurrences[rank] > 0 && spelling[rank].length > 1) found.push(rank);
  return found.sort((a, b) => occurrences[b] - occurrences[a] || a - b).slice(0, limit);
}

function compact(
  text: readonly number[],
  idOf: ReadonlyMap<number, number>,
  spelling: readonly Uint8Array[],
): Uint16Array {
  const ids: number[] = [];
  for (const rank of text) {
    const id = idOf.get(rank);
    if (id !== undefined) ids.push(id);
    else for (const byte of spelling[rank]) ids.push(byte);
  }
  return Uint16Array.from(ids);
}

function concatenate(ids: ArrayLike<number>, kept: readonly number[], spelling: readonly Uint8Array[]): Uint8Array {
  const all: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] < singleBytes) all.push(ids[i]);
    else for (const byte of spelling[kept[ids[i] - singleBytes]]) all.push(byte);
  }
  return Uint8Array.from(all);
}
