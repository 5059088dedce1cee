/**
 * Identity: float32 as it is, four bytes a value. The ceiling that compressors are measured against.
 *
 * Every bit pattern passes, infinities and NaN with their payloads among them.
 */
import type { Compressor } from "@shardlab/contracts";
import { z } from "zod";
import { bytesOf, checkLength, copyOf, elementsOf, statelessEncoder } from "./tensor-bytes.ts";

export const identitySpec = z.strictObject({
  kind: z.literal("identity"),
});
export type IdentitySpec = z.output<typeof identitySpec>;

export function identity({ kind }: IdentitySpec = { kind: "identity" }): Compressor {
  return {
    kind,
    encodedBytes: (tensor) => 4 * elementsOf(tensor),
    isLossless: () => true,
    encoder: (tensor) => statelessEncoder(tensor, bytesOf),
    decode(bytes, tensor) {
      checkLength(bytes, 4 * elementsOf(tensor));
      return { values: new Float32Array(copyOf(bytes).buffer) };
    },
  };
}
