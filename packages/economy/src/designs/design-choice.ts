/**
 * What a designer does for a prize that grows with quality, and how long to leave designers alone.
 *
 * Revenue is q times that of a design of quality 1, and quality costs K q^n / a. For a prize of P dollars per unit of quality
 * a designer of ability a chooses q = (P a / (n K))^(1 / (n - 1)), proportional to the prize where n = 2, and gains
 * P q (1 - 1 / n). A longer exclusive period raises the prize and puts off what it is paid from: the trade-off of the optimal
 * life of a patent (Nordhaus 1969, Invention, Growth, and Welfare, chapter 5).
 */
import { pow } from "@shardlab/numerics";

export interface DesignTask {
  /** Dollars that a designer gets for each unit of quality. */
  readonly prizeDollars: number;
  /** What quality 1 costs a designer of ability 1, dollars. */
  readonly effortDollars: number;
  /** n, above 1. */
  readonly costExponent: number;
  readonly ability: number;
}

/** The quality that pays best; 0 for no prize. */
export function chosenQuality({ prizeDollars, effortDollars, costExponent, ability }: DesignTask): number {
  if (!(prizeDollars > 0)) return 0;
  return pow((prizeDollars * ability) / (costExponent * effortDollars), 1 / (costExponent - 1));
}

/** What the best quality leaves after its cost, dollars. */
export function designGainDollars(task: DesignTask): number {
  return task.prizeDollars * chosenQuality(task) * (1 - 1 / task.costExponent);
}

/** Circumstances of one design under equal weight of all work, with the release when the target is reached. */
export interface ExclusivePeriod {
  /** Useful work of the designer alone, and of everybody, in an epoch. */
  readonly ownRate: number;
  readonly fullRate: number;
  readonly targetWork: number;
  /** Shares of revenue of all compute owners, and of the designer by itself. */
  readonly claimShare: number;
  readonly designerShare: number;
  /** Rate at which revenue loses worth with every epoch that it comes later. */
  readonly ratePerEpoch: number;
}

/**
 * The exclusive period, in epochs, at which a design's discounted revenue is highest where quality costs its square.
 *
 * A period T earns the designer the share d + s r T / C and puts release off by k T, k = 1 - r / R. Quality is proportional to
 * the share times the worth of revenue, so that revenue is proportional to (d + s r T / C) e^(-2 h k T), which is highest at
 * T = 1 / (2 h k) - d C / (s r), within 0 and C / r.
 */
export function bestExclusiveEpochs(period: ExclusivePeriod): number {
  const { ownRate, fullRate, targetWork, claimShare, designerShare, ratePerEpoch } = period;
  const longest = targetWork / ownRate;
  const delay = 1 - ownRate / fullRate;
  if (!(delay > 0 && ratePerEpoch > 0)) return longest;
  const best = 1 / (2 * ratePerEpoch * delay) - (designerShare * targetWork) / (claimShare * ownRate);
  return Math.max(0, Math.min(longest, best));
}

/**
 * How many designers enter, best first, by backward induction: as many as the last of them still gains from, with all of
 * them in the market.
 *
 * @param gainOf what the last of `entrants` gains, dollars
 */
export function entrantsWhoGain(places: number, gainOf: (entrants: number) => number): number {
  for (let entrants = places; entrants > 0; entrants--) if (gainOf(entrants) >= 0) return entrants;
  return 0;
}
