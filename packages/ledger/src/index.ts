/** Exact, columnar, double-entry accounts of cash, tokens, ownership and stake. */
export type { Posting } from "./apply.ts";
export { limbRadix, type TwoLimbs } from "./balances.ts";
export { largestAmount } from "./batch.ts";
export type { AssetDefinition } from "./book.ts";
export {
  type Escrow,
  type EscrowMove,
  forfeitFromEscrow,
  lockInEscrow,
  openEscrow,
  releaseFromEscrow,
} from "./escrow.ts";
export type { ExplainedPosting, ExplainOptions } from "./explain.ts";
export { splitByLargestRemainder } from "./largest-remainder.ts";
export { type BalanceLimbs, createLedger, type Ledger, type LedgerOptions } from "./ledger.ts";
export {
  checkGrants,
  type VestingAccounts,
  type VestingGrants,
  vestedUpTo,
  vestingRelease,
} from "./vesting.ts";
