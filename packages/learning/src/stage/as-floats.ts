/** Tensors as their float32 bytes: what a compressor that does nothing is. */
import type { Compressor } from "@shardlab/contracts";
import { bytesOfFloats, floatsOfBytes } from "./float-bytes.ts";

export const asFloats: Compressor = {
  kind: "identity",
  encodedBytes: ({ shape }) => 4 * shape.reduce((product, size) => product * size, 1),
  isLossless: () => true,
  encoder: () => ({ encode: bytesOfFloats, memory: () => undefined, restore: () => {} }),
  decode: (bytes) => ({ values: floatsOfBytes(bytes) }),
};
