/** What the market for ownership is measured by, and its prices over time. */
import { microsPerDollar, type Table } from "@shardlab/contracts";
import type { TraceHash } from "@shardlab/numerics";
import { numbers, texts } from "../columns.ts";
import type { PathState } from "../path-state.ts";
import { sampleEpochs } from "../recorder.ts";
import type { EconomyWorld } from "../world.ts";
import type { MarketBoard } from "./market-board.ts";
import type { DayTrade } from "./pool-trading.ts";

export interface MarketRecorder {
  note(model: number, trade: DayTrade): void;
  /** Samples the day, once a week. */
  observe(state: PathState, board: MarketBoard): void;
  /** Mean price of each model, all turnover, and what speculators gained, dollars. */
  values(state: PathState, wealthMicros: Float64Array): number[];
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
      samples.poolCash.push(board.pools[model].cash / microsPerDollar);
      samples.poolUnits.push(board.pools[model].units);
    }
    seenUnits.set(units);
    seenDollars.set(dollars);
  };
  const values = (state: PathState, wealthMicros: Float64Array): number[] => {
    const each = Array.from(units, (traded, model) => (traded > 0 ? dollars[model] / traded : 0));
    const turnover = dollars.reduce((total, value) => total + value, 0);
    return [...each, turnover, gainOf(state, wealthMicros)];
  };
  return {
    note: (model, trade) => {
      units[model] += trade.units;
      dollars[model] += trade.dollars;
    },
    observe,
    values,
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
  return wealthMicros.reduce(
    (gain, micros, j) => gain + (ledger.balance(first + j, cash) - micros) / microsPerDollar,
    0,
  );
}

function tableOf(samples: Samples): Table {
  return {
    name: "market",
    version: 1,
    columns: [
      numbers("day", "d", samples.day),
      texts("model", samples.model),
      numbers("price", "$/unit", samples.price),
      numbers("traded-units", "unit", samples.units),
      numbers("turnover", "$", samples.dollars),
      numbers("pool-cash", "$", samples.poolCash),
      numbers("pool-units", "unit", samples.poolUnits),
    ],
  };
}
