import { describe, expect, test } from "vitest";
import { type BitcoinSnapshot, bitcoinHistory, type MiningCost, miningCosts } from "../tables/bitcoin.ts";
import {
  freeEntryHashRate,
  growthBand,
  hashRateGrowth,
  hashRateLevels,
  revenueDollarsPerSecond,
} from "./bitcoin-hash-rate.ts";

const snapshot = bitcoinHistory.find((row) => row.date === "2025-04") as BitcoinSnapshot;
const cost = miningCosts.find((row) => row.date === "2025-04") as MiningCost;
const estimate = (central: number) => ({ central, low: central / 1.1, high: central * 1.1 });

describe("free entry", () => {
  test("a miner who enters at the predicted hash rate just breaks even", () => {
    const rate = freeEntryHashRate(snapshot, cost).central;
    const energy = rate * 1e-12 * snapshot.joulesPerTerahash.central * cost.electricityDollarsPerJoule.central;
    const machines = (rate / 1e12) * cost.hardwareDollarsPerTerahashPerSecond.central;
    const writeOff = machines / (cost.hardwareLifetimeYears.central * 31_557_600);
    expect(energy * cost.overheadFactor.central + writeOff).toBeCloseTo(revenueDollarsPerSecond(snapshot), 6);
  });

  test("where energy is all there is, the hash rate is revenue over the price of energy", () => {
    const free = { ...cost, hardwareDollarsPerTerahashPerSecond: estimate(1e-12), overheadFactor: estimate(1) };
    // 3.125 BTC of $96,000 in 600 s is $500/s; 20 J/TH at $1 for 20 GJ is a nanodollar per TH.
    const round = { ...snapshot, priceDollars: estimate(96_000), feeShare: 0, joulesPerTerahash: estimate(20) };
    const predicted = freeEntryHashRate(round, { ...free, electricityDollarsPerJoule: estimate(5e-11) });
    expect(predicted.central / 5e23).toBeCloseTo(1, 6);
  });

  test("the interval of a single uncertain input is that input's", () => {
    const sure = (central: number) => ({ central, low: central, high: central });
    const certain: MiningCost = {
      ...cost,
      electricityDollarsPerJoule: sure(cost.electricityDollarsPerJoule.central),
      overheadFactor: sure(1.2),
      hardwareDollarsPerTerahashPerSecond: sure(16),
      hardwareLifetimeYears: sure(3),
    };
    const onlyPrice = {
      ...snapshot,
      joulesPerTerahash: sure(20),
      priceDollars: { central: 80_000, low: 40_000, high: 160_000 },
    };
    const { low, central, high } = freeEntryHashRate(onlyPrice, certain);
    expect(central / low).toBeCloseTo(2, 9);
    expect(high / central).toBeCloseTo(2, 9);
  });

  test("the hash rate that is measured never enters", () => {
    expect(freeEntryHashRate({ ...snapshot, difficulty: 1 }, cost)).toEqual(freeEntryHashRate(snapshot, cost));
  });
});

describe("against the chain", () => {
  test("levels of 2024 and 2025 lie inside their intervals; January 2016, after a doubled price, is overshot at most threefold", () => {
    const [first, ...later] = hashRateLevels();
    expect(first?.logError).toBeGreaterThan(0);
    expect(first?.logError).toBeLessThan(Math.log(3));
    for (const row of later) {
      expect(row.measured, row.date).toBeGreaterThan(row.predicted.low);
      expect(row.measured, row.date).toBeLessThan(row.predicted.high);
    }
  });

  test("published growth is a thousandfold in nine years and a quarter, and the chain's own agrees within 2 %", () => {
    const growth = hashRateGrowth();
    expect(growth.published).toBeCloseTo(1000 ** (1 / 9.25), 9);
    expect(Math.abs(growth.measured / growth.published - 1)).toBeLessThan(0.02);
  });

  test("the predicted growth is within the band, and its interval holds the published growth", () => {
    const growth = hashRateGrowth();
    expect(growth.withinBand).toBe(true);
    expect(Math.abs(growth.predicted.central / growth.published - 1)).toBeLessThanOrEqual(growthBand);
    expect(growth.predicted.low).toBeLessThan(growth.published);
    expect(growth.predicted.high).toBeGreaterThan(growth.published);
  });

  test("the band has power: growth of revenue alone falls outside it", () => {
    const growth = hashRateGrowth();
    expect(Math.abs(growth.revenueOnly / growth.published - 1)).toBeGreaterThan(2 * growthBand);
  });
});
