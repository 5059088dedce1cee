/**
 * bfloat16: the upper half of a float32, rounded to nearest, ties to even; two bytes a value, the range of float32 and eight
 * significant bits, so that a normal number is off by at most 2^-8 of itself.
 *
 * Source: Kalamkar et al., "A study of bfloat16 for deep learning training", 2019 (arXiv 1905.12322). Values within half a
 * unit of the largest bfloat16 or above round to infinity, as IEEE 754 has it; infinities stay; NaN stays NaN, made quiet.
 */
import type { Compressor } from "@shardlab/contracts";
import { z } from "zod";
import { bytesOf, checkLength, copyOf, elementsOf, invalidEncoding, statelessEncoder } from "./tensor-bytes.ts";

export const bfloat16Spec = z.strictObject({
  kind: z.literal("bfloat16"),
});
export type Bfloat16Spec = z.output<typeof bfloat16Spec>;

export function bfloat16({ kind }: Bfloat16Spec = { kind: "bfloat16" }): Compressor {
  return {
    kind,
    encodedBytes: (tensor) => 2 * elementsOf(tensor),
    isLossless: (tensor) => elementsOf(tensor) === 0,
    encoder: (tensor) => statelessEncoder(tensor, (values) => bytesOf(roundedHalves(values))),
    decode(bytes, tensor) {
      checkLength(bytes, 2 * elementsOf(tensor));
      return { values: widened(new Uint16Array(copyOf(bytes).buffer)) };
    },
  };
}

const infinityBits = 0x7f800000;
const quietHalf = 0x40;

function roundedHalves(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i];
    const isNotANumber = (word & 0x7fffffff) > infinityBits;
    halves[i] = isNotANumber ? (word >>> 16) | quietHalf : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return halves;
}

function widened(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < bits.length; i++) {
    const half = halves[i];
    if ((half & 0x7fff) > infinityBits >>> 16 && (half & quietHalf) === 0) {
      throw invalidEncoding(`signalling NaN at ${i}`);
    }
    bits[i] = half << 16;
  }
  return new Float32Array(bits.buffer);
}
