/**
 * Those who trade ownership, and what they want at a price.
 *
 * A trader who believes a unit to be worth v, and whose certainty equivalent of H units is H v - k (H v)^2
 * (`participation.ts`), wants H = (1 - p / v) / (2 k v) of them at the price p, as far as its cash goes. Providers sell
 * what they hold beyond that and do not buy; speculators do both. Beliefs differ by optimism, patience and wealth, and
 * stay apart: a price tells nobody what others know (Harrison and Kreps 1978, Quarterly Journal of Economics 92; Miller
 * 1977, Journal of Finance 32).
 */
import { microsPerDollar } from "@shardlab/contracts";
import type { PathState } from "../path-state.ts";
import { openingMicros } from "../population.ts";
import { logNormalDraws } from "../spread-draws.ts";
import type { Beliefs } from "../valuation.ts";
import type { EconomyWorld } from "../world.ts";

/** Columns have one row per speculator. */
export interface Speculators {
  readonly count: number;
  readonly optimism: Float64Array;
  readonly riskPerDollar: Float64Array;
  readonly discountClass: Uint8Array;
  readonly wealthMicros: Float64Array;
}

export function buildSpeculators({ spec, streams, population }: EconomyWorld): Speculators {
  const groups = spec.speculators ?? [];
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  const column = () => new Float64Array(count);
  const speculators = {
    count,
    optimism: column(),
    riskPerDollar: column(),
    discountClass: new Uint8Array(count),
    wealthMicros: column(),
  };
  const firstClass = population.discountRates.length - groups.length;
  let first = 0;
  for (const [index, group] of groups.entries()) {
    const spread = { count: group.count, median: group.optimism, spread: group.optimismSpread };
    speculators.optimism.set(logNormalDraws(streams, `speculator/${group.group}/optimism`, spread), first);
    for (let j = first; j < first + group.count; j++) {
      speculators.riskPerDollar[j] = group.riskAversion / (2 * Math.max(1, group.wealth));
      speculators.discountClass[j] = firstClass + index;
      speculators.wealthMicros[j] = openingMicros(group.wealth);
    }
    first += group.count;
  }
  return speculators;
}

/** Units that somebody wants to hold at a price, both in dollars; `risk` is k per dollar. Infinity where risk does not count. */
export function wantedUnits(value: number, price: number, risk: number): number {
  if (!(value > price)) return 0;
  const scale = 2 * risk * value;
  return scale > 0 ? (1 - price / value) / scale : Number.POSITIVE_INFINITY;
}

/** Traders of one model on one day; columns have one row per trader. */
export interface TradingDay {
  count: number;
  account: Int32Array;
  /** Dollars that a unit is worth to the trader. */
  value: Float64Array;
  risk: Float64Array;
  held: Float64Array;
  /** Dollars that it can spend; 0 for those who only sell. */
  cash: Float64Array;
}

/** What a trader buys (positive) or sells at a price. */
export function tradeOf(day: TradingDay, row: number, price: number): number {
  const wanted = wantedUnits(day.value[row], price, day.risk[row]);
  const most = day.cash[row] / price;
  return Math.min(most, wanted - day.held[row]);
}

/** What all buy less what all sell; falls with the price. */
export function netDemand(day: TradingDay, price: number): number {
  let net = 0;
  for (let row = 0; row < day.count; row++) net += tradeOf(day, row, price);
  return net;
}

/** What everybody goes by. `views` are factors by provider and model, where views differ. */
export interface Opinions {
  readonly beliefs: Beliefs;
  readonly views: Float32Array | undefined;
  readonly speculators: Speculators;
  readonly firstSpeculator: number;
  /** Whether providers trade whose turn it is not. */
  readonly isForAll: boolean;
}

/** Those who can trade a model today: providers who hold some of it, and all speculators. */
export function tradersOfDay(
  state: PathState,
  model: number,
  { beliefs, views, speculators: columns, firstSpeculator: first, isForAll }: Opinions,
): TradingDay {
  const { world, books, epoch } = state;
  const { population, rule } = world;
  const { ledger } = books;
  const units = ledger.balanceLimbs(books.models[model].ownership).low;
  const models = books.models.length;
  const firstClass = model * population.discountRates.length;
  const blocks = isForAll ? population.blocksByPhase.flat() : population.blocksByPhase[epoch % rule.revisionEpochs];
  const capacity = blocks.reduce((sum, block) => sum + block.count, 0) + columns.count;
  const day = emptyDay(capacity);
  for (const block of blocks) {
    for (let i = block.first; i < block.first + block.count; i++) {
      if (!(units[i] > 0)) continue;
      const view = views === undefined ? 1 : views[i * models + model];
      const row = day.count++;
      day.account[row] = i;
      day.value[row] = beliefs.unitValue[firstClass + population.discountClass[i]] * population.optimism[i] * view;
      day.risk[row] = population.riskPerDollar[i] * rule.revenueVariance;
      day.held[row] = units[i];
    }
  }
  for (let j = 0; j < columns.count; j++) {
    const row = day.count++;
    day.account[row] = first + j;
    day.value[row] = beliefs.unitValue[firstClass + columns.discountClass[j]] * columns.optimism[j];
    day.risk[row] = columns.riskPerDollar[j] * rule.revenueVariance;
    day.held[row] = units[first + j];
    day.cash[row] = ledger.balance(first + j, books.cash) / microsPerDollar;
  }
  return day;
}

const emptyDay = (capacity: number): TradingDay => ({
  count: 0,
  account: new Int32Array(capacity),
  value: new Float64Array(capacity),
  risk: new Float64Array(capacity),
  held: new Float64Array(capacity),
  cash: new Float64Array(capacity),
});
