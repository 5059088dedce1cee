/**
 * A market for compute: what providers' devices would earn elsewhere clears against outside demand, so that a project
 * that takes much of the market raises the price for itself.
 *
 * At the prices of the table of devices, f = 1, all compute for hire is `marketSize` M times that of the providers, and
 * all of it is hired. Outside demand is M W f^-e with W the providers' work of a day. What the models take, R (the
 * institution's own hired work included, and what cheating leaves free not), is gone from supply, and a call auction of one class (`compute-spot`) sets
 * the price: f = (1 - R / (M W))^(-1 / e) up to the steps of the bids, as long as everybody asks less than that.
 * Providers ask for their electricity, others for nothing. What a device earns elsewhere is its own share of f times
 * the rental price, less electricity, from the next day on.
 *
 * Prices go up to ten times the table's. Checked: the closed form, and that a project without work leaves f at 1.
 * Not modelled: compute that is built because prices are high.
 */
import type { Table } from "@shardlab/contracts";
import { type ComputeOrder, type ComputeSpot, computeSpot } from "@shardlab/markets";
import { pow } from "@shardlab/numerics";
import { workTaken } from "../at-work.ts";
import { numbers } from "../columns.ts";
import { type Extension, extensionBy, measuresWith } from "../extension.ts";
import type { PathState, Stage } from "../path-state.ts";
import { sampleEpochs } from "../recorder.ts";
import type { EconomySpec } from "../spec.ts";
import type { EconomyWorld } from "../world.ts";
import type { MarketsSpec } from "./markets-spec.ts";

/** Prices are counted in ten-thousandths of the table's. */
const priceUnit = 1e4;
const highestFactor = 10;
/** Bids at prices that differ by a factor of 10^(1 / 1000), 0.23 %. */
const bidSteps = 1000;
/** All compute of the market, in lots. */
const marketLots = 1e8;

const measures = [
  ["compute-price", "1"],
  ["compute-price/peak", "1"],
] as const;

/** Outside demand as bids: at each price what is wanted at it but not above it. */
function outsideBids(elasticity: number): ComputeOrder[] {
  const wanted = (price: number) => Math.round(marketLots * pow(price / priceUnit, -elasticity));
  const step = pow(highestFactor, 1 / bidSteps);
  const prices = new Set<number>();
  for (let k = -bidSteps / 10; k <= bidSteps; k++) prices.add(Math.round(priceUnit * pow(step, k)));
  const rising = [...prices];
  return rising.map((price, index) => {
    const above = index + 1 < rising.length ? wanted(rising[index + 1]) : 0;
    return { quality: 0, quantity: wanted(price) - above, price };
  });
}

/** Sets what every provider's devices earn elsewhere by the price of the day. */
function opportunities({ spec, population }: EconomyWorld): (state: PathState, factor: number) => void {
  const { opportunity, electricity, rentalValue, groupOf } = population;
  // Whoever would not cover electricity at the table's prices leaves the device idle: what it could ask for is then its group's share.
  const rentShare = opportunity.map((dollars, i) =>
    dollars > 0
      ? (dollars + electricity[i]) / rentalValue[i]
      : Math.min(spec.providers[groupOf[i]].opportunity, electricity[i] / rentalValue[i]),
  );
  return ({ world: { population: now } }, factor) => {
    for (let i = 0; i < now.count; i++) {
      now.opportunity[i] = Math.max(0, rentShare[i] * factor * now.rentalValue[i] - now.electricity[i]);
    }
  };
}

/** The price at which outside demand takes what the models leave, in the table's prices. */
function clearingFactor(market: ComputeSpot, bids: ComputeOrder[], takenShare: number, floor: number): number {
  const quantity = Math.max(0, Math.round(marketLots * (1 - takenShare)));
  const asks = [{ quality: 0, quantity, price: Math.min(priceUnit, Math.round(floor * priceUnit)) }];
  if (quantity === 0) return highestFactor;
  return market.clear(bids, asks, 1).prices[0] / priceUnit;
}

/** How compute is traded, and what else is hired. */
interface ComputeTerms extends Pick<MarketsSpec, "outsideDemand"> {
  readonly compute: NonNullable<MarketsSpec["compute"]>;
}

function computeMarketStage(world: EconomyWorld, { compute, outsideDemand }: ComputeTerms): Stage {
  const market = computeSpot(compute);
  const bids = outsideBids(outsideDemand.elasticity);
  const setOpportunities = opportunities(world);
  const allWork = world.population.workPerEpoch.reduce((sum, work) => sum + work, 0) * outsideDemand.marketSize;
  const floor = world.electricityPerWork / world.marketPricePerWork;
  const series: { day: number[]; factor: number[] } = { day: [], factor: [] };
  let [factor, takenBefore] = [1, 0];
  let sum = 0;
  let days = 0;
  let peak = 1;
  const worked = (state: PathState): void => {
    let taken = workTaken(state);
    for (const [model, ownWork] of state.offer.ownWork.entries()) if (state.training[model] === 1) taken += ownWork;
    if (taken !== takenBefore) factor = taken > 0 ? clearingFactor(market, bids, taken / allWork, floor) : 1;
    takenBefore = taken;
    if (taken > 0) {
      sum += factor;
      days++;
    }
    peak = Math.max(peak, factor);
    if (state.epoch % sampleEpochs === 0) {
      series.day.push(state.epoch);
      series.factor.push(factor);
    }
  };
  return {
    kind: "compute-market",
    begin: (state) => {
      setOpportunities(state, factor);
      state.situation.marketPricePerWork = state.world.marketPricePerWork * factor;
    },
    worked,
    measures: () => measuresWith(measures, [days > 0 ? sum / days : 1, peak]),
    tables: () => [tableOf(series)],
    trace: (hash) => hash.addFloat64(factor),
  };
}

const tableOf = ({ day, factor }: { day: number[]; factor: number[] }): Table => ({
  name: "compute-market",
  version: 1,
  columns: [numbers("day", "d", day), numbers("price", "1", factor)],
});

const termsOf = ({ markets }: EconomySpec): ComputeTerms | undefined =>
  markets?.compute && { compute: markets.compute, outsideDemand: markets.outsideDemand };

export const computeMarket: Extension = extensionBy(termsOf, {
  create: computeMarketStage,
  measures: () => measures,
  assumptions: () => [
    {
      statement:
        "Outside demand for compute has a constant elasticity, and what is for hire does not grow when prices rise.",
      checkedAgainst: "the closed form of the price, (1 - share taken)^(-1 / elasticity)",
    },
  ],
});
