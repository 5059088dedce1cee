/** Codes of 8, 4 or 2 bits in bytes, the first code lowest; bits that are left over are zero. */
import { invalidEncoding } from "./tensor-bytes.ts";

/** Packs `codes` into `out`, which is zero and has ceil(codes.length * bits / 8) bytes. */
export function packCodes(codes: Uint8Array, bits: number, out: Uint8Array): void {
  const { length } = codes;
  if (bits === 8) {
    out.set(codes);
  } else if (bits === 4) {
    const pairs = length >> 1;
    for (let i = 0; i < pairs; i++) out[i] = codes[2 * i] | (codes[2 * i + 1] << 4);
    if (length % 2 === 1) out[pairs] = codes[length - 1];
  } else {
    const fours = length >> 2;
    for (let i = 0, from = 0; i < fours; i++, from += 4) {
      out[i] = codes[from] | (codes[from + 1] << 2) | (codes[from + 2] << 4) | (codes[from + 3] << 6);
    }
    for (let i = 4 * fours; i < length; i++) out[fours] |= codes[i] << (2 * (i & 3));
  }
}

/** The `length` codes in `bytes`. @throws Error `invalid encoding: ...` where bits that are left over are not zero */
export function unpackCodes(bytes: Uint8Array, bits: number, length: number): Uint8Array {
  if (bits === 8) return bytes;
  const codes = new Uint8Array(length);
  const shift = bits === 4 ? 1 : 2;
  const within = (1 << shift) - 1;
  const mask = (1 << bits) - 1;
  for (let i = 0; i < length; i++) codes[i] = (bytes[i >> shift] >> ((i & within) * bits)) & mask;
  const used = (length & within) * bits;
  if (used > 0 && bytes[bytes.length - 1] >> used !== 0) throw invalidEncoding("bits after the last code");
  return codes;
}
