/** Every byte of UTF-8 is a token. */
import { z } from "zod";
import type { Tokenizer, TokenizerContext } from "./tokenizer.ts";

export const bytesSpec = z.strictObject({ kind: z.literal("bytes") }).describe("every byte of UTF-8 is a token");
export type BytesSpec = z.output<typeof bytesSpec>;

/** @throws Error `vocabulary too small: ...` below 256. */
export function bytes(_spec: BytesSpec, { vocabulary }: TokenizerContext): Tokenizer {
  if (vocabulary < 256) throw new Error(`vocabulary too small: ${vocabulary} (bytes need 256)`);
  return {
    vocabulary: 256,
    encode: (text) => new Uint16Array(new TextEncoder().encode(text)),
    decode: (ids) => new TextDecoder().decode(Uint8Array.from(ids)),
  };
}
