/** What the market for ownership is measured by, and its prices over time. */
import type { Column, Measure, Table } from "@shardlab/contracts";
import type { TraceHash } from "@shardlab/numerics";
import type { PathState } from "../path-state.ts";
import type { EconomyWorld } from "../world.ts";
import type { MarketBoard } from "./market-board.ts";
import type { DayTrade } from "./pool-trading.ts";

const sampleEpochs = 7;

export interface MarketRecorder {
  note(model: number, trade: DayTrade): void;
  /** Samples the day, once a week. */
  observe(state: PathState, board: MarketBoard): void;
  measures(state: PathState, wealthMicros: Float64Array): Measure[];
  table(): Table;
  trace(hash: TraceHash): void;
}

interface Samples {
  readonly day: number[];
  readonly model: string[];
  readonly price: number[];
  readonly units: number[];
  readonly dollars: number[];
  readonly poolCash: number[];
  readonly poolUnits: number[];
}

export function marketRecorder({ terms, horizonEpochs }: EconomyWorld): MarketRecorder {
  const [units, dollars, seenUnits, seenDollars, price] = Array.from(
    { length: 5 },
    () => new Float64Array(terms.length),
  );
  const samples: Samples = { day: [], model: [], price: [], units: [], dollars: [], poolCash: [], poolUnits: [] };
  const observe = ({ epoch }: PathState, board: MarketBoard): void => {
    price.set(board.price);
    if (epoch % sampleEpochs !== 0 && epoch !== horizonEpochs - 1) return;
    for (const [model, { name }] of terms.entries()) {
      samples.day.push(epoch);
      samples.model.push(name);
      samples.price.push(price[model]);
      samples.units.push(units[model] - seenUnits[model]);
      samples.dollars.push(dollars[model] - seenDollars[model]);
      samples.poolCash.push(board.pools[model].cash / 1e6);
      samples.poolUnits.push(board.pools[model].units);
    }
    seenUnits.set(units);
    seenDollars.set(dollars);
  };
  const measures = (state: PathState, wealthMicros: Float64Array): Measure[] => {
    const each = terms.map(({ name }, model) => ({
      name: terms.length === 1 ? "token-price" : `token-price/${name}`,
      unit: "$/unit",
      value: units[model] > 0 ? dollars[model] / units[model] : 0,
    }));
    const sum = dollars.reduce((total, value) => total + value, 0);
    return [
      ...each,
      { name: "turnover", unit: "$", value: sum },
      { name: "speculator-gain", unit: "$", value: gainOf(state, wealthMicros) },
    ];
  };
  return {
    note: (model, trade) => {
      units[model] += trade.units;
      dollars[model] += trade.dollars;
    },
    observe,
    measures,
    table: () => tableOf(samples),
    trace: (hash) => {
      hash.addFloat64Array(price);
      hash.addFloat64Array(dollars);
    },
  };
}

/** What all speculators together have in cash beyond what they came with; what they still hold counts for nothing. */
function gainOf(state: PathState, wealthMicros: Float64Array): number {
  const { ledger, cash, providers } = state.books;
  const first = providers.first + providers.count;
  return wealthMicros.reduce((gain, micros, j) => gain + (ledger.balance(first + j, cash) - micros) / 1e6, 0);
}

function tableOf(samples: Samples): Table {
  const floats = (name: string, unit: string, values: readonly number[]): Column => ({
    name,
    unit,
    data: { type: "float64", values: Float64Array.from(values) },
  });
  return {
    name: "market",
    version: 1,
    columns: [
      floats("day", "d", samples.day),
      { name: "model", unit: "", data: { type: "string", values: samples.model } },
      floats("price", "$/unit", samples.price),
      floats("traded-units", "unit", samples.units),
      floats("turnover", "$", samples.dollars),
      floats("pool-cash", "$", samples.poolCash),
      floats("pool-units", "unit", samples.poolUnits),
    ],
  };
}
