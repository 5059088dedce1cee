/**
 * Bitcoin's hash rate by free entry: miners enter until a hash costs what it earns.
 *
 *   hash rate = revenue per second / cost per hash
 *   cost per hash = joules per hash x price of energy x overhead + price of hardware / its lifetime
 *
 * Nothing is fitted to a hash rate. Prices, efficiency and hardware are looked up (`tables/bitcoin.ts`), each with bounds;
 * the interval comes from those bounds, taken as 95 % of a lognormal each, independent of one another and between dates,
 * to first order in the logarithms.
 *
 * Known limits: entry takes months, so that the level is overshot after a rise of the price (January 2016 followed one,
 * and is overshot twofold, which takes as much from the growth after it); machines paid off keep running below full cost,
 * so that it is undershot after a fall. The intervals do not hold this error of the model.
 */
import { exp, log } from "@shardlab/numerics";
import {
  type BitcoinSnapshot,
  bitcoinHistory,
  bitcoinRules,
  hashRateAtDifficulty,
  type MiningCost,
  miningCosts,
  publishedHashRateGrowth,
} from "../tables/bitcoin.ts";
import { type Estimate, secondsPerYear } from "../tables/figure.ts";

/** The 97.5 % quantile of the standard normal. */
const normalQuantile = 1.959963984540054;
const hashesPerTerahash = 1e12;

/** Standard deviation of the logarithm of an estimate. */
const logDeviation = (estimate: Estimate): number => log(estimate.high / estimate.low) / (2 * normalQuantile);

const interval = (central: number, deviation: number): Estimate => ({
  central,
  low: central * exp(-normalQuantile * deviation),
  high: central * exp(normalQuantile * deviation),
});

/** Dollars that all miners together earn in a second, by schedule. */
export const revenueDollarsPerSecond = (snapshot: BitcoinSnapshot): number =>
  (snapshot.subsidyBitcoin * snapshot.priceDollars.central) / (1 - snapshot.feeShare) / bitcoinRules.blockSeconds;

/** What 10^12 hashes cost, in dollars. */
export interface TerahashCost {
  readonly operating: number;
  readonly hardware: number;
}

/** The cost of 10^12 hashes, central estimates throughout. */
export function terahashCost(snapshot: BitcoinSnapshot, cost: MiningCost): TerahashCost {
  const energy = snapshot.joulesPerTerahash.central * cost.electricityDollarsPerJoule.central;
  const lifetimeSeconds = cost.hardwareLifetimeYears.central * secondsPerYear;
  return {
    operating: energy * cost.overheadFactor.central,
    hardware: cost.hardwareDollarsPerTerahashPerSecond.central / lifetimeSeconds,
  };
}

/**
 * The hash rate (1/s) at which entry stops paying.
 *
 * @returns `low` and `high` bound 95 %, from the uncertainty of the inputs alone.
 */
export function freeEntryHashRate(snapshot: BitcoinSnapshot, cost: MiningCost): Estimate {
  const { operating, hardware } = terahashCost(snapshot, cost);
  const operatingShare = operating / (operating + hardware);
  const square = (value: number): number => value * value;
  const variance =
    square(logDeviation(snapshot.priceDollars)) +
    square(operatingShare) *
      (square(logDeviation(snapshot.joulesPerTerahash)) +
        square(logDeviation(cost.electricityDollarsPerJoule)) +
        square(logDeviation(cost.overheadFactor))) +
    square(1 - operatingShare) *
      (square(logDeviation(cost.hardwareDollarsPerTerahashPerSecond)) +
        square(logDeviation(cost.hardwareLifetimeYears)));
  const central = (revenueDollarsPerSecond(snapshot) / (operating + hardware)) * hashesPerTerahash;
  return interval(central, Math.sqrt(variance));
}

/** A predicted level beside the one that the difficulty implies. */
export interface HashRateLevel {
  readonly date: string;
  readonly measured: number;
  readonly predicted: Estimate;
  /** log of predicted over measured. */
  readonly logError: number;
  /** Share of the cost of a hash that is operating cost (energy and overhead). */
  readonly operatingShare: number;
}

function snapshotAt(date: string): BitcoinSnapshot {
  const found = bitcoinHistory.find((row) => row.date === date);
  if (!found) throw new Error(`unknown date: ${date}`);
  return found;
}

function costAt(date: string): MiningCost {
  const found = miningCosts.find((row) => row.date === date);
  if (!found) throw new Error(`unknown date: ${date}`);
  return found;
}

/** Free entry against the chain at every date whose costs are tabled. */
export function hashRateLevels(): HashRateLevel[] {
  return miningCosts.map((cost) => {
    const snapshot = snapshotAt(cost.date);
    const measured = hashRateAtDifficulty(snapshot.difficulty);
    const predicted = freeEntryHashRate(snapshot, cost);
    const { operating, hardware } = terahashCost(snapshot, cost);
    const logError = log(predicted.central / measured);
    return { date: cost.date, measured, predicted, logError, operatingShare: operating / (operating + hardware) };
  });
}

/**
 * How far the predicted growth per year may be off the published one, as a share. 15 % a year is a factor of 3.6 in the
 * level over the nine years; growth of revenue alone, without progress in hardware, misses it by more than twice that.
 */
export const growthBand = 0.15;

/** Growth factors per year between January 2016 and April 2025. */
export interface HashRateGrowth {
  readonly predicted: Estimate;
  /** From the first day above 1 EH/s to the first above 1 ZH/s: 2.11. */
  readonly published: number;
  /** From the mean difficulty of the two months. */
  readonly measured: number;
  /** The floor: what growth would be had neither efficiency nor the price of hardware moved. */
  readonly revenueOnly: number;
  /** Predicted over published, less one. */
  readonly error: number;
  readonly withinBand: boolean;
}

/** Predicted, published and measured growth of the hash rate per year, with the error of the prediction. */
export function hashRateGrowth(): HashRateGrowth {
  const [from, to] = ["2016-01", "2025-04"] as const;
  const first = snapshotAt(from);
  const last = snapshotAt(to);
  const years = last.year - first.year;
  const perYear = (ratio: number, span = years): number => exp(log(ratio) / span);
  const before = freeEntryHashRate(first, costAt(from));
  const after = freeEntryHashRate(last, costAt(to));
  const deviations = [logDeviation(before), logDeviation(after)] as const;
  const deviation = Math.sqrt(deviations[0] * deviations[0] + deviations[1] * deviations[1]) / years;
  const press = publishedHashRateGrowth;
  const published = perYear(press.to.hashesPerSecond / press.from.hashesPerSecond, press.to.year - press.from.year);
  const predicted = interval(perYear(after.central / before.central), deviation);
  const error = predicted.central / published - 1;
  return {
    predicted,
    published,
    measured: perYear(hashRateAtDifficulty(last.difficulty) / hashRateAtDifficulty(first.difficulty)),
    revenueOnly: perYear(revenueDollarsPerSecond(last) / revenueDollarsPerSecond(first)),
    error,
    withinBand: Math.abs(error) <= growthBand,
  };
}
