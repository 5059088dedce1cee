/** Whole gradients between replicas: each parameter's part through a compressor, one after the other. */
import type { Compressor, TensorDescription } from "@shardlab/contracts";
import type { EncoderMemories } from "./boundary.ts";
import type { ShardLayout } from "./shard-layout.ts";
import { matrixShapeOf, sliceOf } from "./update-gradient.ts";

function descriptions({ slots, parameters }: ShardLayout): TensorDescription[] {
  return slots.map(({ name, parameter }) => ({
    ...{ name, role: "gradient" as const },
    shape: matrixShapeOf(parameters[parameter].shape),
  }));
}

export function encodeGradient(
  flat: Float32Array,
  layout: ShardLayout,
  { compressor, encoders }: { compressor: Compressor; encoders: EncoderMemories },
): Uint8Array {
  const encodings = descriptions(layout).map((description, slot) =>
    encoders.of(compressor, description).encode(sliceOf(flat, layout.slots[slot])),
  );
  return new Uint8Array(Buffer.concat(encodings));
}

/** The sum of the decoded gradients, added in the order given. @throws Error `invalid encoding: ...` */
export function decodeGradients(
  encoded: readonly Uint8Array[],
  layout: ShardLayout,
  compressor: Compressor,
): Float32Array {
  const all = descriptions(layout);
  const lengths = all.map((description) => compressor.encodedBytes(description));
  const expected = lengths.reduce((sum, length) => sum + length, 0);
  const sum = new Float32Array(layout.elementCount);
  encoded.forEach((bytes, index) => {
    if (bytes.length !== expected) throw new Error(`invalid encoding: ${bytes.length} bytes (expected ${expected})`);
    let offset = 0;
    all.forEach((description, slot) => {
      const { values } = compressor.decode(bytes.slice(offset, offset + lengths[slot]), description);
      offset += lengths[slot];
      const { firstElement } = layout.slots[slot];
      if (index === 0) sum.set(values, firstElement);
      else for (let i = 0; i < values.length; i++) sum[firstElement + i] += values[i];
    });
  });
  return sum;
}
