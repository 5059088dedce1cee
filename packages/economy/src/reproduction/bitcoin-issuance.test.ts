import fc from "fast-check";
import { expect, test } from "vitest";
import { bitcoinRules } from "../tables/bitcoin.ts";
import {
  blockSubsidySatoshis,
  firstBlockWithoutSubsidy,
  issuedSatoshis,
  totalIssuanceSatoshis,
} from "./bitcoin-issuance.ts";

function onesIn(value: bigint): bigint {
  return BigInt([...value.toString(2)].filter((digit) => digit === "1").length);
}

test("the total is 20,999,999.9769 BTC", () => {
  expect(totalIssuanceSatoshis()).toBe(2_099_999_997_690_000n);
});

test("the total follows from Legendre's formula: the shifts of n sum to 2n less its binary ones", () => {
  const subsidy = bitcoinRules.initialSubsidySatoshis;
  expect(totalIssuanceSatoshis()).toBe(BigInt(bitcoinRules.blocksPerHalving) * (2n * subsidy - onesIn(subsidy)));
});

test("subsidies at the halvings are those of the chain", () => {
  expect(blockSubsidySatoshis(0)).toBe(5_000_000_000n);
  expect(blockSubsidySatoshis(209_999)).toBe(5_000_000_000n);
  expect(blockSubsidySatoshis(210_000)).toBe(2_500_000_000n);
  expect(blockSubsidySatoshis(840_000)).toBe(312_500_000n);
  // 50 BTC has 33 binary digits, so that the 33rd halving leaves nothing.
  expect(firstBlockWithoutSubsidy()).toBe(33 * 210_000);
  expect(blockSubsidySatoshis(6_929_999)).toBe(1n);
  expect(blockSubsidySatoshis(6_930_000)).toBe(0n);
});

test("10,500,000 coins exist after the first era, and 19,687,500 after the fourth", () => {
  expect(issuedSatoshis(209_999)).toBe(10_500_000n * bitcoinRules.satoshisPerBitcoin);
  expect(issuedSatoshis(839_999)).toBe(19_687_500n * bitcoinRules.satoshisPerBitcoin);
});

test("each block adds its subsidy, and nothing is issued after the last", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8_000_000 }), (height) => {
      expect(issuedSatoshis(height) - issuedSatoshis(height - 1)).toBe(blockSubsidySatoshis(height));
      expect(issuedSatoshis(height)).toBeLessThanOrEqual(totalIssuanceSatoshis());
    }),
    { seed: 1 },
  );
});

test("a height must be a whole number from 0", () => {
  expect(() => issuedSatoshis(-1)).toThrow("invalid block height: -1");
  expect(() => blockSubsidySatoshis(0.5)).toThrow("invalid block height: 0.5");
});
