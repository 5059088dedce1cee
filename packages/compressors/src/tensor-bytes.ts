/** Sizes of tensors, and the checks that every encoder and decoder makes. Numbers travel little-endian. */
import type { EncodeContext, Encoder, TensorDescription } from "@shardlab/contracts";

/** Elements of a tensor; a shape without dimensions is one number. */
export function elementsOf({ shape }: TensorDescription): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Length of a row: the last dimension. */
export const rowLengthOf = ({ shape }: TensorDescription): number => shape.at(-1) ?? 1;

/** @throws Error `invalid tensor: ...` unless `values` has the elements of the description. */
export function checkValues(values: Float32Array, tensor: TensorDescription): void {
  const expected = elementsOf(tensor);
  if (values.length === expected) return;
  throw new Error(`invalid tensor: ${values.length} values (expected ${expected} for [${tensor.shape.join(", ")}])`);
}

export const invalidEncoding = (fault: string): Error => new Error(`invalid encoding: ${fault}`);

/** @throws Error `invalid encoding: ...` unless there are just as many bytes as declared. */
export function checkLength(bytes: Uint8Array, expected: number): void {
  if (bytes.length !== expected) throw invalidEncoding(`${bytes.length} bytes (expected ${expected})`);
}

/** A copy of the bytes of `values`. */
export function bytesOf(values: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
}

/** A copy at the beginning of a buffer of its own, whatever kind of Uint8Array it is (`slice` of a Buffer is no copy). */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** The bits of the one NaN that arithmetic is taken to make; processors differ in its sign and payload. */
export const nanBits = 0x7fc00000;

/** Gives every NaN among `values` the bits `nanBits`. */
export function settleNaN(values: Float32Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) bits[i] = nanBits;
}

/** The encoder of a method that remembers nothing. */
export function statelessEncoder(
  tensor: TensorDescription,
  encode: (values: Float32Array, context: EncodeContext | undefined) => Uint8Array,
): Encoder {
  return {
    encode(values, context) {
      checkValues(values, tensor);
      return encode(values, context);
    },
    memory: () => undefined,
    restore(memory) {
      throw new Error(`unexpected memory: ${memory.length} values for a method that remembers nothing`);
    },
  };
}
