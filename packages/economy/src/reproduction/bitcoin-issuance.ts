/**
 * Bitcoin's issuance, exact to the satoshi (Nakamoto 2008; `GetBlockSubsidy` in Bitcoin Core).
 *
 * A block may create 50 BTC, halved by an integer right shift every 210,000 blocks. What miners left unclaimed and the
 * first block's reward, which cannot be spent, are not subtracted: this is what the rule allows.
 */
import { bitcoinRules } from "../tables/bitcoin.ts";

function requireHeight(height: number): void {
  if (!Number.isSafeInteger(height) || height < 0) throw new Error(`invalid block height: ${height}`);
}

/**
 * What the block at `height` may create, in satoshis.
 *
 * @throws Error `invalid block height: H` unless it is a whole number from 0.
 */
export function blockSubsidySatoshis(height: number): bigint {
  requireHeight(height);
  return bitcoinRules.initialSubsidySatoshis >> BigInt(Math.floor(height / bitcoinRules.blocksPerHalving));
}

/**
 * What all blocks from the first (height 0) to the one at `height`, both included, may create, in satoshis.
 *
 * @throws Error `invalid block height: H` unless it is a whole number from 0.
 */
export function issuedSatoshis(height: number): bigint {
  requireHeight(height);
  let issued = 0n;
  for (let first = 0; first <= height; first += bitcoinRules.blocksPerHalving) {
    const subsidy = blockSubsidySatoshis(first);
    if (subsidy === 0n) break;
    issued += subsidy * BigInt(Math.min(bitcoinRules.blocksPerHalving, height + 1 - first));
  }
  return issued;
}

/** The height of the first block that creates nothing. */
export function firstBlockWithoutSubsidy(): number {
  let height = 0;
  while (blockSubsidySatoshis(height) > 0n) height += bitcoinRules.blocksPerHalving;
  return height;
}

/** All that will ever be issued, in satoshis: 20,999,999.9769 BTC. */
export const totalIssuanceSatoshis = (): bigint => issuedSatoshis(firstBlockWithoutSubsidy());
