/** Runs one economy: finds the beliefs, passes through the epochs once with this seed's shocks, and measures. */
import type { Measure, Mechanism, RunOutcome, Table } from "@shardlab/contracts";
import { flopPerWork, microsPerDollar } from "@shardlab/contracts";
import { economyAssumptions } from "./assumptions.ts";
import { numbers, texts } from "./columns.ts";
import { gini, lorenz, nakamoto } from "./concentration.ts";
import type { ConductFamilies } from "./conduct/conduct.ts";
import { conductMeasures } from "./conduct/conduct-measures.ts";
import { payoffRecorder } from "./conduct/group-payoffs.ts";
import { fallingBeliefs, fallOf } from "./fall/fall-of.ts";
import { type OverallMeasure, overallMeasures } from "./measure-names.ts";
import { entitlements } from "./ownership.ts";
import { openPath, runPath } from "./path.ts";
import type { PathState } from "./path-state.ts";
import { presentValues } from "./present-value.ts";
import { type PromisedClaims, type ProspectusRule, prospectusBeliefs, prospectusForecast } from "./prospectus.ts";
import {
  type FixedPoint,
  type ForecastOutcome,
  type ForecastPath,
  findFixedPoint,
  levelsOf,
  rationalBeliefs,
} from "./rational.ts";
import {
  forecastRecorder,
  type Timeline,
  type Totals,
  type TraceCheckpoint,
  timelineRecorder,
  totalsRecorder,
  traceRecorder,
} from "./recorder.ts";
import type { EconomySpec } from "./spec.ts";
import { unitsToCome } from "./units-to-come.ts";
import type { Beliefs } from "./valuation.ts";
import { buildWorld, drawShocks, type EconomyWorld, noShocks, type Shocks } from "./world.ts";

export interface EconomyOptions {
  readonly seed: number;
  /** `measures` leaves out the tables over time. */
  readonly detail: "full" | "measures";
  /** Make what the scenario says of strategies, attacks and verification; needed only where it does. */
  readonly families?: ConductFamilies;
}

export function runEconomy(spec: EconomySpec, mechanism: Mechanism, options: EconomyOptions): RunOutcome {
  const { world, found, shocks } = prepareEconomy(spec, mechanism, options);
  const totals = totalsRecorder(world);
  const trace = traceRecorder(world);
  const timeline = timelineRecorder(world);
  const payoffs = world.conduct && payoffRecorder(world);
  const isFull = options.detail === "full";
  const state = runPath(world, mechanism, found.beliefs, shocks, {
    journalCapacity: 0,
    observe: (now) => {
      totals.observe(now);
      trace.observe(now);
      payoffs?.observe(now);
      if (isFull) timeline.observe(now);
    },
  });
  state.books.ledger.checkConservation();
  const shares = entitlements(state);
  const tables = (): Table[] => [
    timelineTable(timeline.timeline, state.conduct !== undefined),
    lorenzTable(shares),
    groupTable(state, payoffs?.payoffs()),
    traceTable(trace.checkpoints),
    ...state.stages.flatMap((stage) => stage.tables?.(state) ?? []),
  ];
  return {
    measures: [
      ...measuresOf(state, totals.totals, shares, found),
      ...(state.conduct && payoffs ? conductMeasures(spec, state.conduct, payoffs.payoffs()) : []),
      ...state.stages.flatMap((stage) => stage.measures?.(state) ?? []),
    ],
    tables: isFull ? tables() : [],
    traceHash: trace.digest(state),
    determinism: "exact",
    assumptions: economyAssumptions(spec),
  };
}

/** An economy before its first epoch: what the final passage is run with. */
export interface PreparedEconomy {
  readonly world: EconomyWorld;
  readonly found: FoundBeliefs;
  readonly shocks: Shocks;
}

export function prepareEconomy(
  spec: EconomySpec,
  mechanism: Mechanism,
  { seed, families }: Pick<EconomyOptions, "seed" | "families">,
): PreparedEconomy {
  const world = buildWorld(spec, seed, families);
  const shocks = spec.shocks === "drawn" ? drawShocks(world) : noShocks(world.terms.length);
  return { world, found: findBeliefs(world, mechanism), shocks };
}

export interface FoundBeliefs {
  readonly beliefs: Beliefs;
  readonly residual: number;
  readonly dataResidual: number;
}

/** Beliefs for this world and mechanism; the residual is 0 where nothing depends on a forecast. */
function findBeliefs(world: EconomyWorld, mechanism: Mechanism): FoundBeliefs {
  const { beliefs } = world.spec;
  const fall = fallOf(beliefs);
  const promised = promisedClaims(world, mechanism);
  const grantsOwnership = promised.units.some((units) => units > 0) || promised.dataShare.some((share) => share > 0);
  if (beliefs.kind === "rational" && (grantsOwnership || promised.isCoinOnRevenue)) {
    const search = grantsOwnership ? ownershipSearch : coinSearch;
    const found = findRational(world, mechanism, { promised, search, limits: beliefs });
    const forecast = rationalBeliefs(search.believed(found.forecast), world.rates);
    return {
      beliefs: fall ? fallingBeliefs(forecast, fall) : forecast,
      residual: found.residual,
      dataResidual: found.dataResidual,
    };
  }
  const rule: ProspectusRule = {
    kind: beliefs.kind === "optimistic" ? "optimistic" : "adaptive",
    factor: beliefs.kind === "optimistic" ? beliefs.factor : 1,
    gain: beliefs.kind === "adaptive" ? beliefs.gain : 0,
    revisionEpochs: world.rule.revisionEpochs,
    fall,
  };
  const { terms, law, market, rates, horizonEpochs } = world;
  return {
    beliefs: prospectusBeliefs({ terms, law, market, rates, horizonEpochs }, rule),
    residual: 0,
    dataResidual: 0,
  };
}

/** What the first offer promises, if everything goes as announced. */
function promisedClaims(world: EconomyWorld, mechanism: Mechanism): PromisedClaims {
  const state = openPath(world, mechanism, 0);
  const worth = world.market.planned.map(
    (path, model) => presentValues(path, world.rates.sponsor + world.rates.hazard[model])[0],
  );
  state.situation.expectedValueDollars.set(worth);
  state.offer = mechanism.quote(state.mechanismState, state.situation);
  const [share, dataShare] = [state.offer.claimShare.slice(), state.offer.dataClaimShare.slice()];
  const coins = state.offer.coinPerWork.slice();
  const units = unitsToCome(state);
  const hopeful = { ...state.situation, expectedValueDollars: Float64Array.from(worth, (dollars) => 2 * dollars) };
  const coinsOfHope = mechanism.quote(state.mechanismState, hopeful).coinPerWork;
  const tokens = world.data.tokens.reduce((sum, count) => sum + count, 0);
  return {
    share,
    dataShare,
    units,
    dataUnits: new Float64Array(worth.length).fill(Math.max(1, tokens)),
    isCoinOnRevenue: coins.some((dollars, model) => dollars !== coinsOfHope[model]),
  };
}

/** What the fixed point is searched of: how it is read off a path, and what is believed where it is. */
interface BeliefSearch {
  of(path: ForecastOutcome): ForecastOutcome;
  believed(forecast: ForecastPath): ForecastPath;
}

/** What units of ownership pay. */
const ownershipSearch: BeliefSearch = { of: (path) => path, believed: (forecast) => forecast };

/** Revenue itself, which coins are worth a part of: it stands in the place of compute ownership, of which there is none. */
const coinSearch: BeliefSearch = {
  of: ({ dividend, revenue, hasTakers }) => ({
    dividend: [...revenue, ...dividend.slice(revenue.length)],
    ...{ revenue, ...(hasTakers && { hasTakers }) },
  }),
  believed: ({ dividend, revenue }) => ({ dividend, revenue: dividend.slice(0, revenue.length) }),
};

function findRational(
  world: EconomyWorld,
  mechanism: Mechanism,
  {
    promised,
    search,
    limits,
  }: {
    readonly promised: PromisedClaims;
    readonly search: BeliefSearch;
    readonly limits: { start: "prospectus" | "pessimism"; tolerance: number; iterations: number };
  },
): FixedPoint {
  const prospectus = search.of(prospectusForecast(world.market, promised));
  const levels = levelsOf(prospectus, world.rates);
  const start: ForecastPath =
    limits.start === "prospectus"
      ? prospectus
      : { ...prospectus, dividend: prospectus.dividend.map((path) => path.map(() => 0)) };
  const outcomeOf = (forecast: ForecastPath): ForecastOutcome => {
    const recorder = forecastRecorder(world);
    runPath(world, mechanism, rationalBeliefs(search.believed(forecast), world.rates), noShocks(world.terms.length), {
      journalCapacity: 0,
      observe: recorder.observe,
      forecastOnly: true,
    });
    return search.of(recorder.path);
  };
  return findFixedPoint(outcomeOf, start, levels, world.rates, limits);
}

function measuresOf(state: PathState, totals: Totals, shares: Float64Array, found: FoundBeliefs): Measure[] {
  const { world } = state;
  const mean = (column: Float64Array) => column.reduce((sum, value) => sum + value, 0) / column.length;
  const work = state.cumulativeWork.reduce((sum, done) => sum + done, 0);
  const epochs = Math.max(1, totals.openEpochs);
  const people = world.population.count;
  // Whoever has nothing better uses what is free.
  const available = state.loss.map((loss) => Math.min(loss, world.spec.market.freeLoss));
  const isReached = totals.targetEpoch >= 0;
  const values: Readonly<Record<OverallMeasure, number>> = {
    compute: (work * flopPerWork) / 1e21,
    loss: mean(available),
    "target-reached": isReached ? 1 : 0,
    "time-to-target": isReached ? totals.targetEpoch + 1 : world.horizonEpochs,
    outlay: totals.presentOutlay,
    "cash-up-front": totals.sponsoredCash,
    "resource-cost": totals.resourceCost,
    revenue: totals.presentRevenue,
    participation: totals.participantEpochs / (people * epochs),
    "participation/peak": totals.peakParticipants / people,
    "distinct-tokens": mean(state.distinctTokens) / 1e12,
    gini: gini(shares),
    nakamoto: nakamoto(shares),
    "belief-residual": found.residual,
    "belief-residual/data": found.dataResidual,
  };
  const measure = (name: string, unit: string, value: number): Measure => ({ name, unit, value });
  const overall = overallMeasures.map(([name, unit]) => measure(name, unit, values[name]));
  const each = world.terms.flatMap(({ name }, model) => [
    measure(`compute/${name}`, "ZFLOP", (state.cumulativeWork[model] * flopPerWork) / 1e21),
    measure(`loss/${name}`, "nat/token", available[model]),
  ]);
  return world.terms.length > 1 ? [...overall, ...each] : overall;
}

/** With conduct, version 2: as before, and the share of cheated work. */
function timelineTable(timeline: Timeline, hasConduct: boolean): Table {
  const zflop = (work: readonly number[]) => work.map((amount) => (amount * flopPerWork) / 1e21);
  return {
    name: "timeline",
    version: hasConduct ? 2 : 1,
    columns: [
      numbers("day", "d", timeline.day),
      texts("model", timeline.model),
      numbers("compute", "ZFLOP", zflop(timeline.cumulativeWork)),
      numbers("compute-rate", "ZFLOP/d", zflop(timeline.workRate)),
      numbers("workers", "1", timeline.workers),
      numbers("distinct-tokens", "token", timeline.distinctTokens),
      numbers("loss", "nat/token", timeline.loss),
      numbers("revenue-rate", "$/d", timeline.revenue),
      numbers("competitor-loss", "nat/token", timeline.competitorLoss),
      ...(hasConduct ? [numbers("cheating-share", "share", timeline.cheatingShare)] : []),
    ],
  };
}

/** The hash of the trace so far, see `traceRecorder`. */
const traceTable = (checkpoints: readonly TraceCheckpoint[]): Table => ({
  name: "trace",
  version: 1,
  columns: [
    numbers(
      "day",
      "d",
      checkpoints.map(({ epoch }) => epoch),
    ),
    texts(
      "digest",
      checkpoints.map(({ digest }) => digest),
    ),
  ],
});

function lorenzTable(shares: Float64Array): Table {
  const points = 100;
  const owners = Float64Array.from({ length: points + 1 }, (_, i) => i / points);
  return {
    name: "ownership",
    version: 1,
    columns: [numbers("owner-share", "share", owners), numbers("held-share", "share", lorenz(shares, points))],
  };
}

/**
 * What became of each group of providers: how many held ownership, and what they earned in cash; with conduct (version 2) how many
 * cheat at the end, and what each gains over doing without.
 */
function groupTable(state: PathState, payoffs: Float64Array | undefined): Table {
  const { population } = state.world;
  const owners = new Float64Array(population.groups.length);
  const gained = new Float64Array(population.groups.length);
  const cheaters = new Float64Array(population.groups.length);
  for (let i = 0; i < population.count; i++) {
    const group = population.groupOf[i];
    const owns = state.books.models.some(({ ownership }) => state.books.ledger.balance(i, ownership) > 0);
    if (owns) owners[group]++;
    if (state.conduct !== undefined && state.conduct.attack[i] >= 0) cheaters[group]++;
    gained[group] += (state.books.ledger.balance(i, state.books.cash) - population.wealthMicros[i]) / microsPerDollar;
  }
  return {
    name: "groups",
    version: payoffs ? 2 : 1,
    columns: [
      texts(
        "group",
        population.groups.map(({ group }) => group),
      ),
      numbers(
        "providers",
        "1",
        population.groups.map(({ count }) => count),
      ),
      numbers("owners", "1", owners),
      numbers("cash-gained", "$", gained),
      ...(payoffs ? [numbers("cheaters", "1", cheaters), numbers("payoff", "$", payoffs)] : []),
    ],
  };
}
