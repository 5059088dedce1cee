/** Ascending positions below `length`, as tightly as a fixed size allows: a list of ceil(log2 length) bits each, or a bitmap. */
import { invalidEncoding } from "./tensor-bytes.ts";

/** Bits for `kept` positions below `length`: none where all are kept. */
export function indexBits(length: number, kept: number): number {
  if (kept === 0 || kept === length) return 0;
  return Math.min(length, kept * bitsPerIndex(length));
}

/** ceil(log2 length): 12 for 4096, 16 for 65,536. */
export const bitsPerIndex = (length: number): number => 32 - Math.clz32(Math.max(length, 1) - 1);

/** A piece of a tensor: so many positions below `length`, their bits beginning at bit `firstBit` of the bytes. */
export interface IndexPiece {
  readonly length: number;
  readonly firstBit: number;
}

/** Writes `positions` into `bytes`, which is zero there. */
export function packIndices(positions: Uint32Array, { length, firstBit }: IndexPiece, bytes: Uint8Array): void {
  const kept = positions.length;
  const bits = indexBits(length, kept);
  if (bits === 0) return;
  if (bits === length) {
    for (let i = 0; i < kept; i++) {
      const bit = firstBit + positions[i];
      bytes[Math.floor(bit / 8)] |= 1 << (bit % 8);
    }
    return;
  }
  const width = bitsPerIndex(length);
  for (let i = 0, bit = firstBit; i < kept; i++, bit += width) writeBits(bytes, { bit, width }, positions[i]);
}

/** Reads positions into `positions`. @throws Error `invalid encoding: ...` unless they ascend below `length` */
export function unpackIndices(bytes: Uint8Array, { length, firstBit }: IndexPiece, positions: Uint32Array): void {
  const kept = positions.length;
  const bits = indexBits(length, kept);
  if (bits === 0) {
    for (let i = 0; i < kept; i++) positions[i] = i;
  } else if (bits === length) {
    readBitmap(bytes, { length, firstBit }, positions);
  } else {
    const width = bitsPerIndex(length);
    for (let i = 0, bit = firstBit; i < kept; i++, bit += width) {
      const position = readBits(bytes, { bit, width });
      if (position >= length) throw invalidEncoding(`index ${position} of ${length} values`);
      if (i > 0 && position <= positions[i - 1]) throw invalidEncoding(`index ${position} after ${positions[i - 1]}`);
      positions[i] = position;
    }
  }
}

function readBitmap(bytes: Uint8Array, { length, firstBit }: IndexPiece, positions: Uint32Array): void {
  let found = 0;
  for (let i = 0; i < length; i++) {
    const bit = firstBit + i;
    if (((bytes[Math.floor(bit / 8)] >> (bit % 8)) & 1) === 0) continue;
    if (found < positions.length) positions[found] = i;
    found++;
  }
  if (found !== positions.length) throw invalidEncoding(`${found} values kept (expected ${positions.length})`);
}

interface BitField {
  readonly bit: number;
  readonly width: number;
}

/** The low `width` bits of `value`, lowest first, at bit `bit`. */
function writeBits(bytes: Uint8Array, { bit, width }: BitField, value: number): void {
  let place = Math.floor(bit / 8);
  let offset = bit % 8;
  let rest = value;
  for (let left = width; left > 0; ) {
    bytes[place++] |= rest << offset;
    rest >>>= 8 - offset;
    left -= 8 - offset;
    offset = 0;
  }
}

function readBits(bytes: Uint8Array, { bit, width }: BitField): number {
  let place = Math.floor(bit / 8);
  let value = bytes[place++] >>> (bit % 8);
  for (let have = 8 - (bit % 8); have < width; have += 8) value |= bytes[place++] << have;
  return value & (0x7fffffff >>> (31 - width));
}
