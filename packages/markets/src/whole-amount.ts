/** Whole amounts and exact quotients of them. */

/** Amounts are whole and at most 2^52, which is what the ledger carries in one posting. */
export const largestAmount = 2 ** 52;

/** @throws `invalid <what>: <value> (expected a whole number from 0 to 2^52)` */
export function checkAmount(value: number, what: string): void {
  if (!(value >= 0 && value <= largestAmount && Math.floor(value) === value)) {
    throw new Error(`invalid ${what}: ${value} (expected a whole number from 0 to 2^52)`);
  }
}

/** floor(a b / c) and the ceiling of it, without rounding in between. */
export const floorOfQuotient = (a: bigint, b: bigint, c: bigint): bigint => (a * b) / c;
export const ceilingOfQuotient = (a: bigint, b: bigint, c: bigint): bigint => (a * b + c - 1n) / c;

/** Largest whole number whose square is at most `value` (Newton's iteration from above). */
export function integerSquareRoot(value: bigint): bigint {
  if (value < 0n) throw new Error(`invalid radicand: ${value} (expected at least 0)`);
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
