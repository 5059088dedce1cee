/** XXH64 by its specification (Collet 2012), byte by byte with big integers. */
const mask = (1n << 64n) - 1n;
const prime1 = 0x9e3779b185ebca87n;
const prime2 = 0xc2b2ae3d27d4eb4fn;
const prime3 = 0x165667b19e3779f9n;
const prime4 = 0x85ebca77c2b2ae63n;
const prime5 = 0x27d4eb2f165667c5n;

const rotateLeft = (x: bigint, bits: bigint): bigint => ((x << bits) | (x >> (64n - bits))) & mask;
const round = (lane: bigint, word: bigint): bigint => (rotateLeft((lane + word * prime2) & mask, 31n) * prime1) & mask;
const mergeRound = (hash: bigint, lane: bigint): bigint => ((hash ^ round(0n, lane)) * prime1 + prime4) & mask;

/** 16 hexadecimal digits. */
export function xxh64(input: Uint8Array): string {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  let at = 0;
  let hash = prime5;
  if (input.length >= 32) {
    const lanes = [(prime1 + prime2) & mask, prime2, 0n, -prime1 & mask];
    for (; at + 32 <= input.length; at += 32) {
      for (let lane = 0; lane < 4; lane++) lanes[lane] = round(lanes[lane], view.getBigUint64(at + 8 * lane, true));
    }
    hash = [1n, 7n, 12n, 18n].reduce((sum, bits, lane) => sum + rotateLeft(lanes[lane], bits), 0n) & mask;
    for (const lane of lanes) hash = mergeRound(hash, lane);
  }
  hash = (hash + BigInt(input.length)) & mask;
  for (; at + 8 <= input.length; at += 8) {
    hash ^= round(0n, view.getBigUint64(at, true));
    hash = (rotateLeft(hash, 27n) * prime1 + prime4) & mask;
  }
  for (; at + 4 <= input.length; at += 4) {
    hash ^= (BigInt(view.getUint32(at, true)) * prime1) & mask;
    hash = (rotateLeft(hash, 23n) * prime2 + prime3) & mask;
  }
  for (; at < input.length; at++) {
    hash ^= (BigInt(input[at]) * prime5) & mask;
    hash = (rotateLeft(hash, 11n) * prime1) & mask;
  }
  hash = ((hash ^ (hash >> 33n)) * prime2) & mask;
  hash = ((hash ^ (hash >> 29n)) * prime3) & mask;
  return (hash ^ (hash >> 32n)).toString(16).padStart(16, "0");
}
