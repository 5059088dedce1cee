/** Float32 numbers as little-endian bytes, the order of every processor that Node runs on here. */

/** The bytes of `values`, copied. */
export const bytesOfFloats = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();

/** @throws Error `invalid length: ...` unless the bytes are whole numbers, `count` of them where it is given. */
export function floatsOfBytes(bytes: Uint8Array, count = bytes.length / 4): Float32Array {
  if (bytes.length !== 4 * count || !Number.isInteger(count))
    throw new Error(`invalid length: ${bytes.length} bytes (expected ${4 * Math.ceil(count)})`);
  // Not `slice`, which copies nothing of a Buffer.
  return new Float32Array(new Uint8Array(bytes).buffer);
}
