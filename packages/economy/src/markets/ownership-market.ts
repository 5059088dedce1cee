/**
 * A market for compute ownership: providers sell what they earn for cash, speculators buy it.
 *
 * `constant-product` trades every day in a pool (`pool-trading.ts`), `ownership-auction` once a revision period
 * (`auction-trading.ts`). Who wants how much is in `traders.ts`; what a market changes for those who decide whether to
 * work, in `resale-views.ts`. The market's accounts hold ownership like anybody else, and what it earns in a pool is
 * the market maker's.
 *
 * Models are traded in their order, each with the cash that the ones before have left. Every trade is a posting.
 * Checked: the pool against its invariant after each day, the price against the marginal trader's value, what
 * speculators gain against the books, and that all is conserved. Not modelled: traders who learn from prices, short
 * sales, and liquidity that is brought by anybody but one market maker.
 */
import { microsPerDollar } from "@shardlab/contracts";
import { constantProduct, ownershipAuction } from "@shardlab/markets";
import { type Extension, extensionBy, measuresWith, type NamedUnits } from "../extension.ts";
import type { PathState, Stage } from "../path-state.ts";
import type { EconomySpec } from "../spec.ts";
import type { Beliefs } from "../valuation.ts";
import type { EconomyWorld } from "../world.ts";
import { sellByAuction } from "./auction-trading.ts";
import { type MarketBoard, marketBoard } from "./market-board.ts";
import { marketRecorder } from "./market-recorder.ts";
import type { MarketsSpec } from "./markets-spec.ts";
import { closePool, type DayTrade, type Session, tradeInPool } from "./pool-trading.ts";
import { indicativePrice, plannedUnits, raiseViews } from "./resale-views.ts";
import { buildSpeculators, type TradingDay, tradersOfDay } from "./traders.ts";

type Trading = (session: Session) => DayTrade;

/** How ownership is traded, and what a market maker brings to it. */
interface OwnershipTerms extends Pick<MarketsSpec, "liquidity" | "float"> {
  readonly ownership: NonNullable<MarketsSpec["ownership"]>;
}

/** How a model is traded, on which days, and the share of the price that a seller keeps. */
function tradingBy(ownership: OwnershipTerms["ownership"]): {
  trade: Trading;
  keptShare: number;
  isDaily: boolean;
} {
  if (ownership.kind === "constant-product") {
    const rule = constantProduct(ownership);
    return { trade: (session) => tradeInPool(rule, session), keptShare: rule.keptShare, isDaily: true };
  }
  const auction = ownershipAuction(ownership);
  return { trade: (session) => sellByAuction(auction, session), keptShare: 1, isDaily: false };
}

/** Gives speculators, market maker and lenders the cash that they come with. */
function endowMarkets(state: PathState, { liquidity }: OwnershipTerms, wealthMicros: Float64Array): void {
  const { books } = state;
  const { accounts } = marketBoard(state);
  const [reason, asset, from] = ["wealth at the start", books.cash, books.customers];
  books.ledger.postBatch({ reason, asset, from, to: accounts.speculators, amount: wealthMicros });
  const amount = Math.floor(liquidity * books.models.length * microsPerDollar);
  books.ledger.post({ reason, asset, from, to: accounts.marketMaker, amount });
}

/** What the pool's units earned is the market maker's: its rules do not reckon with it. */
function collectRevenue(state: PathState, { accounts, pools }: MarketBoard): void {
  const { ledger, cash } = state.books;
  const amount = Float64Array.from(
    accounts.pools,
    (account, model) => ledger.balance(account, cash) - pools[model].cash,
  );
  ledger.postBatch({
    reason: "revenue of the pool",
    asset: cash,
    from: accounts.pools,
    to: accounts.marketMaker,
    amount,
  });
}

function ownershipMarketStage(world: EconomyWorld, terms: OwnershipTerms): Stage {
  const { trade, keptShare, isDaily } = tradingBy(terms.ownership);
  const columns = buildSpeculators(world);
  const recorder = marketRecorder(world);
  const views = new Float32Array(world.population.count * world.terms.length).fill(1);
  /** 1 once people have met to trade a model: from then on prices are what was paid. */
  const hasMet = new Uint8Array(world.terms.length);
  let base: Float32Array | undefined;
  const tradersOf = (state: PathState, beliefs: Beliefs, model: number) =>
    tradersOfDay(state, model, {
      beliefs,
      views: base,
      speculators: columns,
      firstSpeculator: marketBoard(state).accounts.speculators.first,
      isForAll: !isDaily,
    });
  /** What a seller expects for a unit of each model, after the fee. */
  const salePrices = (state: PathState, beliefs: Beliefs): Float64Array => {
    const { price } = marketBoard(state);
    return price.map((dollars, model) => {
      if (state.alive[model] === 0) return 0;
      if (hasMet[model] === 1) return dollars * keptShare;
      return indicativePrice(
        onlySpeculators(tradersOf(state, beliefs, model), columns.count),
        plannedUnits(state, model),
      );
    });
  };
  const settled = (state: PathState, beliefs: Beliefs): void => {
    // A forecast of revenue needs no market once nobody works.
    if (state.isForecast && state.workDone.count === 0 && !state.training.some((open) => open === 1)) return;
    const board = marketBoard(state);
    collectRevenue(state, board);
    for (let model = 0; model < state.alive.length; model++) {
      if (state.alive[model] === 0) {
        closePool({ state, board, model });
        continue;
      }
      if (!isDaily && (state.epoch + 1) % world.rule.revisionEpochs !== 0) continue;
      const { issuer, models, ledger } = state.books;
      const target = Math.floor(-terms.float * ledger.balance(issuer, models[model].ownership));
      const day = tradersOf(state, beliefs, model);
      if (day.count > columns.count) hasMet[model] = 1;
      recorder.note(model, trade({ state, board, model, day, target }));
    }
    recorder.observe(state, board);
  };
  return {
    kind: "ownership-market",
    begin: (state) => {
      if (state.epoch === 0) endowMarkets(state, terms, columns.wealthMicros);
    },
    offered: (state, beliefs) => {
      if (state.scratch.views !== views) base = state.scratch.views;
      raiseViews(state, beliefs, { views, base, price: salePrices(state, beliefs) });
      state.scratch.views = views;
    },
    settled,
    measures: (state) => measuresWith(measuresOf(world.spec), recorder.values(state, columns.wealthMicros)),
    tables: () => [recorder.table()],
    trace: (hash) => recorder.trace(hash),
  };
}

/** The rows of speculators, who stand last. */
function onlySpeculators(day: TradingDay, count: number): TradingDay {
  const from = day.count - count;
  const part = (column: Float64Array) => column.subarray(from, day.count);
  return {
    count,
    account: day.account.subarray(from, day.count),
    value: part(day.value),
    risk: part(day.risk),
    held: part(day.held),
    cash: part(day.cash),
  };
}

const priceNames = ({ models }: EconomySpec): string[] =>
  models.length === 1 ? ["token-price"] : models.map(({ name }) => `token-price/${name}`);

const measuresOf = (spec: EconomySpec): NamedUnits => [
  ...priceNames(spec).map((name) => [name, "$/unit"] as const),
  ["turnover", "$"],
  ["speculator-gain", "$"],
];

const termsOf = ({ markets }: EconomySpec): OwnershipTerms | undefined =>
  markets?.ownership && { ownership: markets.ownership, liquidity: markets.liquidity, float: markets.float };

export const ownershipMarket: Extension = extensionBy(termsOf, {
  create: ownershipMarketStage,
  measures: measuresOf,
  assumptions: () => [
    {
      statement:
        "Whoever trades ownership goes by its own valuation and not by what a price says of those of others; people who work " +
        "count on selling at today's price what they earn tomorrow.",
    },
  ],
});
