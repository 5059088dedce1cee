import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { beforeAll, describe, expect, test } from "vitest";
import { type EconomyInput, economyWith, measured, modelWith } from "../fixtures/small-economy.ts";
import { measureNames } from "../measure-names.ts";
import { runPath } from "../path.ts";
import type { PathState } from "../path-state.ts";
import { prospectusBeliefs } from "../prospectus.ts";
import { replayEconomy } from "../replay.ts";
import { runEconomy } from "../run.ts";
import { economyContradictions } from "../spec.ts";
import { buildWorld, noShocks } from "../world.ts";
import { loanDesk } from "./loan-desk.ts";
import { marketBoard } from "./market-board.ts";

const mechanism = createMechanism(mechanismSpec.parse({ kind: "protocol-models" }));
const pool = { markets: { ownership: { kind: "constant-product" } } } as const;
const auction = { markets: { ownership: { kind: "ownership-auction" } } } as const;
const traders = { speculators: [{ group: "traders", count: 20, optimism: 2 }] };
const poor = [
  { group: "homes", count: 60, device: "rtx-4090", opportunitySpread: 0.3, wealth: "$20", wealthSpread: 0.3 },
] as const;
const withLoans: Partial<EconomyInput> = {
  markets: { ownership: { kind: "constant-product" }, loans: { kind: "collateral-loan" } },
  speculators: [{ group: "traders", count: 20, optimism: 2, riskAversion: 20 }],
  providers: [{ ...poor[0], riskAversion: 0, discountRate: "0 %/y", optimism: 1 }],
};

/** One path without failures, looked at after every day. */
function follow(fields: Partial<EconomyInput>, observe: (state: PathState) => void = () => {}, journalCapacity = 0) {
  const world = buildWorld(economyWith({ shocks: "expected", ...fields }), 2);
  const rule = { kind: "adaptive", factor: 1, gain: 0.05, revisionEpochs: 7 } as const;
  const beliefs = prospectusBeliefs(world, rule);
  const state = runPath(world, mechanism, beliefs, noShocks(world.terms.length), { journalCapacity, observe });
  return { world, state };
}

const run = (fields: Partial<EconomyInput>, seed = 1) =>
  runEconomy(economyWith({ shocks: "expected", ...fields }), mechanism, { seed, detail: "full" });

describe.each([
  ["a pool", { ...pool, ...traders }],
  ["a pool without speculators", pool],
  ["an auction", { ...auction, ...traders }],
  ["loans", withLoans],
  ["two models", { ...pool, ...traders, models: [modelWith({}), modelWith({ name: "other", parameters: "7B" })] }],
] as [string, Partial<EconomyInput>][])("an economy with %s", (_name, fields) => {
  test("keeps its books on every day: conserved, and nobody below zero but the contra accounts", () => {
    let days = 0;
    follow(fields, ({ books }) => {
      books.ledger.checkConservation();
      const { low, high } = books.ledger.balanceLimbs(books.cash);
      for (let account = 0; account < books.ledger.accountCount; account++) {
        if ([books.customers, books.sponsor, books.issuer].includes(account)) continue;
        if (high[account] < 0 || low[account] < 0) throw new Error(`debt of ${books.ledger.accountName(account)}`);
      }
      days++;
    });
    expect(days).toBe(300);
  });

  test("runs alike twice, and gives the measures that it names", () => {
    const [one, two] = [run(fields), run(fields)];
    expect(two.traceHash).toBe(one.traceHash);
    expect(run(fields, 2).traceHash).not.toBe(one.traceHash);
    expect(one.measures.map(({ name }) => name)).toEqual(measureNames(economyWith(fields)));
  });

  test("moves cash and ownership in markets among those who trade alone, to the last unit", () => {
    const { state } = follow(fields, () => {}, 1_000_000);
    const { ledger, cash, models, providers, holders } = state.books;
    const assets = [cash, ...models.map(({ ownership }) => ownership)];
    const sums = new Map<string, bigint>();
    for (let account = providers.first; account < holders.count; account++)
      for (const asset of assets)
        for (const { reason, amount } of ledger.explain(account, asset))
          sums.set(`${asset} ${reason}`, (sums.get(`${asset} ${reason}`) ?? 0n) + amount);
    const traded = [...sums].filter(([key]) =>
      /ownership (bought|sold)|liquidity|loan|collateral|liquidation|pool/.test(key),
    );
    expect(traded.length).toBeGreaterThan(2);
    for (const [key, sum] of traded) expect(sum, key).toBe(0n);
    expect(sums.get(`${cash} running cost`) ?? 0n).toBeLessThan(0n);
  });
});

test("without a section there is no market: no account, no measure", () => {
  const { state } = follow({});
  expect(state.books.holders).toEqual(state.books.providers);
  expect(state.stages).toEqual([]);
  expect(
    measureNames(economyWith({})).filter((name) => /token-price|turnover|borrowed|compute-price/.test(name)),
  ).toEqual([]);
});

describe("a pool in an economy", () => {
  test("holds on the books what it reckons with, and k per share never falls", () => {
    let last = { product: 0n, shares: 1n };
    let openDays = 0;
    follow({ ...pool, ...traders }, (state) => {
      const board = marketBoard(state);
      const { ledger, cash, models } = state.books;
      const { cash: x, units: y, shares } = board.pools[0];
      expect(ledger.balance(board.accounts.pools[0], cash)).toBe(x);
      expect(ledger.balance(board.accounts.pools[0], models[0].ownership)).toBe(y);
      if (shares === 0) return;
      openDays++;
      const now = { product: BigInt(x) * BigInt(y), shares: BigInt(shares) };
      expect(now.product * last.shares ** 2n >= last.product * now.shares ** 2n).toBe(true);
      last = now;
    });
    expect(openDays).toBeGreaterThan(280);
  });

  test("makes more people work than would hold what they earn, before there is revenue", () => {
    const [held, sold] = [run({}), run({ ...pool, ...traders })];
    expect(measured(sold, "participation")).toBeGreaterThan(5 * measured(held, "participation"));
    expect(measured(sold, "compute")).toBeGreaterThan(5 * measured(held, "compute"));
    expect(measured(sold, "turnover")).toBeGreaterThan(1000);
  });

  test("costs speculators who believe twice the plan more than it brings them", () => {
    const outcome = run({ ...pool, ...traders });
    expect(measured(outcome, "speculator-gain")).toBeLessThan(0);
    const sober = run({ ...pool, speculators: [{ group: "traders", count: 20, optimism: 0 }] });
    expect(measured(sober, "speculator-gain")).toBe(0);
  });

  test("gains speculators what the journal says: what they sold and were paid by models, less what they bought", () => {
    const world = buildWorld(economyWith({ shocks: "expected", ...pool, ...traders }), 1);
    const rule = { kind: "adaptive", factor: 1, gain: 0.05, revisionEpochs: 7 } as const;
    const state = runPath(world, mechanism, prospectusBeliefs(world, rule), noShocks(1), {
      journalCapacity: 1_000_000,
      observe: () => {},
    });
    const { ledger, cash } = state.books;
    const { first, count } = marketBoard(state).accounts.speculators;
    const sums = new Map<string, bigint>();
    for (let account = first; account < first + count; account++) {
      for (const { reason, amount } of ledger.explain(account, cash))
        sums.set(reason, (sums.get(reason) ?? 0n) + amount);
    }
    const start = sums.get("wealth at the start") ?? 0n;
    expect(Number(start) / 1e6).toBe(20 * 50_000);
    const earned = [...sums.values()].reduce((sum, amount) => sum + amount, 0n) - start;
    const gain = state.stages[0].measures?.(state).find(({ name }) => name === "speculator-gain")?.value ?? Number.NaN;
    expect(gain).toBeCloseTo(Number(earned) / 1e6, 4);
    expect([...sums.keys()].some((reason) => reason.startsWith("revenue"))).toBe(true);
    expect(sums.get("ownership bought") ?? 0n).toBeLessThan(0n);
  });

  test("is part of what a replay shows: what is held sums to nothing", () => {
    const replayed = replayEconomy(economyWith({ ...pool, ...traders }), mechanism, {
      seed: 1,
      untilSeconds: 100 * 86_400,
    });
    const sums = new Map<string, number>();
    for (const { asset, amount } of replayed.holdings) sums.set(asset, (sums.get(asset) ?? 0) + amount);
    for (const [asset, sum] of sums) expect(Math.abs(sum), asset).toBeLessThan(1e-3);
    expect(replayed.holdings.some(({ account }) => account === "all accounts of markets")).toBe(true);
  });

  test("gives a price that rises with what speculators believe", () => {
    const price = (optimism: number) =>
      measured(
        run({ ...pool, speculators: [{ group: "traders", count: 20, optimism, optimismSpread: 0 }] }),
        "token-price",
      );
    const prices = [1, 2, 4].map(price);
    expect(prices[1]).toBeGreaterThan(prices[0]);
    expect(prices[2]).toBeGreaterThan(prices[1]);
  });

  test("has a table whose turnover is the measure", () => {
    const outcome = run({ ...pool, ...traders });
    const table = outcome.tables.find(({ name }) => name === "market");
    const turnover = table?.columns.find(({ name }) => name === "turnover")?.data.values as Float64Array;
    expect(turnover.reduce((sum, dollars) => sum + dollars, 0)).toBeCloseTo(measured(outcome, "turnover"), 6);
  });

  test("is dissolved when its project ends, and the market maker has what is left", () => {
    const world = buildWorld(economyWith({ ...pool, ...traders }), 2);
    const rule = { kind: "adaptive", factor: 1, gain: 0.05, revisionEpochs: 7 } as const;
    const shocks = { ...noShocks(1), failureEpoch: Float64Array.of(60) };
    const state = runPath(world, mechanism, prospectusBeliefs(world, rule), shocks, {
      journalCapacity: 0,
      observe: (now) => {
        if (now.epoch === 59) expect(marketBoard(now).pools[0].shares).toBeGreaterThan(0);
      },
    });
    const board = marketBoard(state);
    expect([board.price[0], board.pools[0].cash, board.pools[0].shares]).toEqual([0, 0, 0]);
    expect(state.books.ledger.balance(board.accounts.pools[0], state.books.cash)).toBe(0);
  });
});

describe("loans in an economy", () => {
  test("leave lenders with what they are owed less what is lent, and collateral where positions say, on every day", () => {
    let mostBorrowers = 0;
    const { state: end } = follow(withLoans, (state) => {
      const desk = loanDesk(state);
      if (desk === undefined) throw new Error("no desk");
      const { ledger, cash, models } = state.books;
      const { lenders, collateral } = desk.board.accounts;
      expect(ledger.balance(lenders, cash)).toBe(desk.book.supplied - desk.book.borrowed);
      let [shares, units] = [0, 0];
      for (const borrower of desk.borrowers.values()) {
        shares += borrower.debtShares;
        units += borrower.collateral;
      }
      expect(desk.book.debtShares).toBe(shares);
      expect(ledger.balance(collateral[0], models[0].ownership)).toBe(units);
      mostBorrowers = Math.max(mostBorrowers, desk.borrowers.size);
    });
    expect(mostBorrowers).toBeGreaterThan(5);
    expect(loanDesk(end)?.borrowedMicros).toBeGreaterThan(1e9);
  });

  test("let people work on who could not pay for power, and end in liquidations when prices fall", () => {
    const withoutThem = run({ ...withLoans, markets: { ownership: { kind: "constant-product" } } });
    const outcome = run(withLoans);
    expect(measured(outcome, "borrowed")).toBeGreaterThan(1000);
    expect(measured(outcome, "participation")).toBeGreaterThan(measured(withoutThem, "participation"));
    expect(measured(outcome, "liquidated") + measured(outcome, "bad-debt")).toBeGreaterThan(0);
    expect(measured(outcome, "bad-debt")).toBeLessThan(measured(outcome, "borrowed"));
  });

  test("reckon with pay for each name", () => {
    const byName = createMechanism(mechanismSpec.parse({ kind: "equal-epoch-split", pays: "ownership" }));
    const outcome = runEconomy(economyWith({ shocks: "expected", ...withLoans }), byName, {
      seed: 1,
      detail: "measures",
    });
    expect(measured(outcome, "borrowed")).toBeGreaterThan(100);
  });

  test("are not made without lenders", () => {
    const markets = {
      ownership: { kind: "constant-product" },
      loans: { kind: "collateral-loan", supply: "$0" },
    } as const;
    expect(measured(run({ ...withLoans, markets }), "borrowed")).toBe(0);
  });
});

describe("a market for compute", () => {
  const crowded = (marketSize: number, elasticity = 1): Partial<EconomyInput> => ({
    ...pool,
    ...traders,
    markets: { ...pool.markets, compute: { kind: "compute-spot" }, outsideDemand: { marketSize, elasticity } },
  });

  test.each([
    [1.2, 1],
    [2, 0.5],
    [5, 3],
  ])("of %d times the providers and elasticity %d has the price (1 - R / M)^(-1 / e)", (marketSize, elasticity) => {
    let [sum, days, peak] = [0, 0, 1];
    const { world } = follow(crowded(marketSize, elasticity), ({ workers, recentWork, world: { population } }) => {
      if (workers[0] === 0) return;
      const all = population.workPerEpoch.reduce((total, work) => total + work, 0) * marketSize;
      const price = Math.min(10, (1 - recentWork[0] / all) ** (-1 / elasticity));
      sum += price;
      days++;
      peak = Math.max(peak, price);
    });
    const { state } = follow(crowded(marketSize, elasticity));
    const values = state.stages.find(({ kind }) => kind === "compute-market")?.measures?.(state) ?? [];
    // Bids stand 0.23 % apart.
    expect(values[0].value / (sum / days)).toBeCloseTo(1, 2);
    expect(Math.abs(values[1].value / peak - 1)).toBeLessThan(0.003);
    expect(peak).toBeGreaterThan(1.05);
    // What devices earn elsewhere is another path's own: the world is as it was.
    expect(Array.from(world.population.opportunity)).toEqual(
      Array.from(buildWorld(economyWith({ ...pool, ...traders }), 2).population.opportunity),
    );
  });

  test("holds a project back by its own price impact, the more the smaller the market is", () => {
    const compute = [1.05, 2, 1000].map((size) => measured(run(crowded(size)), "compute"));
    expect(compute[0]).toBeLessThan(compute[1]);
    expect(compute[1]).toBeLessThan(compute[2]);
    // In a market of any size the price does not move, and everything is as without it.
    expect(compute[2] / measured(run({ ...pool, ...traders }), "compute")).toBeCloseTo(1, 2);
  });
});

describe("a leak", () => {
  const leaking = (fields: object): Partial<EconomyInput> => ({
    ...pool,
    ...traders,
    market: { revenueMultiple: 3, serviceLife: "90 d", leak: { kind: "leak", day: "180 d", ...fields } },
  });
  const paths = new Map<string, Float64Array>();
  const revenueOf = (fields: Partial<EconomyInput>): Float64Array => {
    const key = JSON.stringify(fields);
    const known = paths.get(key);
    if (known) return known;
    const revenue = new Float64Array(300);
    follow(fields, (state) => {
      revenue[state.epoch] = state.revenue[0];
    });
    paths.set(key, revenue);
    return revenue;
  };
  const total = (column: Float64Array) => column.reduce((sum, dollars) => sum + dollars, 0);
  let without: Float64Array;
  beforeAll(() => {
    without = revenueOf({ ...pool, ...traders });
  });

  test("changes nothing before its day, and lowers revenue from then on", () => {
    const revenue = revenueOf(leaking({}));
    expect(revenue.subarray(0, 180)).toEqual(without.subarray(0, 180));
    expect(without[179]).toBeGreaterThan(0);
    for (let day = 180; day < 216; day++) if (without[day] > 0) expect(revenue[day]).toBeLessThan(0.95 * without[day]);
  });

  test("costs more the better the copy is and the less it asks for", () => {
    const [half, full, dear] = [leaking({ qualityShare: 0.97 }), leaking({}), leaking({ markup: 3 })].map((fields) =>
      total(revenueOf(fields)),
    );
    expect(full).toBeLessThan(half);
    expect(full).toBeLessThan(dear);
    expect(dear).toBeLessThan(total(without));
  });

  test("that is foreseen keeps people from working", () => {
    const compute = (fields: Partial<EconomyInput>) =>
      measured(run({ ...fields, beliefs: { kind: "rational" } }), "compute");
    const early = { day: "0 d" };
    expect(compute(leaking({ ...early, isForeseen: true }))).toBeLessThan(compute(leaking(early)));
  });
});

test.each([
  [{ speculators: [{ group: "traders", count: 2 }] }, "speculators without a market"],
  [{ markets: { ...auction.markets, loans: { kind: "collateral-loan" } } }, "loans without a price to lend at"],
  [{ markets: { loans: { kind: "collateral-loan" } } }, "loans without a price to lend at"],
  [
    {
      ...pool,
      speculators: [
        { group: "traders", count: 2 },
        { group: "traders", count: 3 },
      ],
    },
    "duplicate group: traders",
  ],
  [
    {
      market: {
        valueLaw: { coefficient: "$1k", elasticity: 0.5 },
        leak: { kind: "leak", day: "9 d" },
      },
    },
    "leak beside valueLaw",
  ],
] as [Partial<EconomyInput>, string][])("%o is contradictory", (fields, message) => {
  expect(
    economyContradictions(economyWith(fields))
      .map((fault) => fault.message)
      .join(),
  ).toContain(message);
});

test.each([
  [{ markets: { float: 0.9 } }, "expected a share between 0.001 and 0.5"],
  [{ markets: { outsideDemand: { marketSize: 0.5 } } }, "Too small"],
  [{ speculators: [{ group: "traders", count: 2, optimism: -1 }] }, "Too small"],
  [{ markets: { ownership: { kind: "leak", day: "1 d" } } }, "Invalid"],
] as unknown as [Partial<EconomyInput>, string][])("%o is refused", (fields, message) => {
  expect(() => economyWith(fields)).toThrow(message);
});
