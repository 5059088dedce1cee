/** One passage through the epochs under given beliefs and shocks. */
import type { EpochBatch, Mechanism } from "@shardlab/contracts";
import { microsPerDollar } from "@shardlab/contracts";
import { payBills } from "./bills.ts";
import { type Books, mechanismContext, openBooks } from "./books.ts";
import { withOwnCapacity } from "./compounding/capacity.ts";
import { conductState } from "./conduct/conduct-state.ts";
import { decideByStrategy } from "./conduct/decide.ts";
import { qualityFactor, workByConduct } from "./conduct/work.ts";
import { marketAccountNames } from "./markets/market-accounts.ts";
import { trainedLoss } from "./model-plan.ts";
import {
  deliveryRows,
  emptyParticipation,
  reviseDataProviders,
  reviseProviders,
  revisionScratch,
} from "./participation.ts";
import type { Observer, PathState } from "./path-state.ts";
import { stagesOf } from "./stages.ts";
import { unitsToCome } from "./units-to-come.ts";
import type { BeliefInput, Beliefs } from "./valuation.ts";
import type { EconomyWorld, Shocks } from "./world.ts";

export function runPath(
  world: EconomyWorld,
  mechanism: Mechanism,
  beliefs: Beliefs,
  shocks: Shocks,
  options: { journalCapacity: number; observe: Observer; forecastOnly?: boolean; epochs?: number },
): PathState {
  const state = openPath(world, mechanism, options.journalCapacity, options.forecastOnly);
  const epochs = Math.min(world.horizonEpochs, options.epochs ?? world.horizonEpochs);
  for (let epoch = 0; epoch < epochs; epoch++) {
    state.epoch = epoch;
    state.situation.epoch = epoch;
    state.books.ledger.beginEpoch(epoch);
    endFailed(state, shocks);
    state.earningsFactor.fill(1);
    state.trainedShare.fill(1);
    for (const stage of state.stages) stage.begin?.(state);
    state.situation.expectedValueDollars.set(beliefs.expectedValue);
    if (epoch === 0) {
      // The first offer may depend on what is expected of the future, so beliefs speak first.
      beliefs.revise(beliefInput(state));
      state.situation.expectedValueDollars.set(beliefs.expectedValue);
    }
    // Once nobody can contribute any more, only revenue changes a forecast: not who decides what, nor who is paid.
    const isOver =
      options.forecastOnly === true && !state.training.some((open) => open === 1) && state.workDone.count === 0;
    if (!isOver) {
      state.offer = mechanism.quote(state.mechanismState, state.situation);
      beliefs.revise(beliefInput(state));
      for (const stage of state.stages) stage.offered?.(state, beliefs);
      decide(state, beliefs);
      if (state.conduct) workByConduct(state, state.conduct);
      else work(state);
    }
    for (const stage of state.stages) stage.worked?.(state);
    train(state);
    earn(state, shocks);
    for (const stage of state.stages) stage.earned?.(state);
    if (!isOver) settle(state);
    for (const stage of state.stages) stage.settled?.(state, beliefs);
    options.observe(state);
  }
  return state;
}

export function openPath(
  given: EconomyWorld,
  mechanism: Mechanism,
  journalCapacity: number,
  isForecast = false,
): PathState {
  const world = worldOfPath(given);
  const models = world.terms.length;
  const books = booksOf(world, journalCapacity);
  const mechanismDraws = world.streams.stream(`mechanism/${mechanism.drawsAs ?? mechanism.kind}`);
  const draws: number[] = [];
  const context = mechanismContext(books, {
    horizonEpochs: world.horizonEpochs,
    outlayDollars: world.spec.outlay,
    sponsorDiscountPerEpoch: world.rates.sponsor,
    uniform: (draw) => {
      while (draws.length <= draw) draws.push(mechanismDraws.uniform());
      return draws[draw];
    },
  });
  endow(books, world);
  const opened = mechanism.open(context);
  for (const batch of opened.postings) books.ledger.postBatch(batch);
  const column = () => new Float64Array(models);
  const [cumulativeWork, recentWork, training] = [column(), column(), new Uint8Array(models).fill(1)];
  const situation = {
    epoch: 0,
    training,
    cumulativeWork,
    recentWork,
    expectedValueDollars: column(),
    marketPricePerWork: world.marketPricePerWork,
    electricityPerWork: world.electricityPerWork,
    balances: books.ledger,
  };
  return {
    world,
    books,
    mechanism,
    participation: emptyParticipation(world.population, world.data, models),
    scratch: revisionScratch(models),
    mechanismState: opened.state,
    epoch: 0,
    offer: mechanism.quote(opened.state, situation),
    situation,
    training,
    cumulativeWork,
    recentWork,
    ...modelColumns(world),
    workDone: deliveryRows(world.population.count),
    dataDelivered: deliveryRows(world.data.count),
    isForecast,
    stages: stagesOf(world.spec).map((create) => create(given)),
    ...(world.conduct && { conduct: conductState(world, world.conduct) }),
  };
}

/** A path that changes what providers own or could earn elsewhere has columns of its own for that. */
function worldOfPath(world: EconomyWorld): EconomyWorld {
  const { participation, markets } = world.spec;
  const changesPopulation = (participation.reinvest ?? 0) > 0 || markets?.compute !== undefined;
  return changesPopulation ? withOwnCapacity(world) : world;
}

function booksOf({ spec, population, data, terms }: EconomyWorld, journalCapacity: number): Books {
  return openBooks(population.count, data.count, terms, journalCapacity, marketAccountNames(spec));
}

/** Columns with one row per model, before anything has happened. */
function modelColumns({ terms, law }: EconomyWorld) {
  const column = () => new Float64Array(terms.length);
  return {
    alive: new Uint8Array(terms.length).fill(1),
    trainedWork: column(),
    distinctTokens: Float64Array.from(terms, (model) => model.publicTokens),
    loss: Float64Array.from(terms, (model) => trainedLoss(law, model, 0, model.publicTokens)),
    releasedLoss: column().fill(Number.POSITIVE_INFINITY),
    releasedWork: column(),
    releasedAt: new Int32Array(terms.length).fill(-1),
    lastRelease: new Int32Array(terms.length).fill(-1),
    revenue: column(),
    workers: new Int32Array(terms.length),
    fullRevenue: column(),
    earningsFactor: column().fill(1),
    trainedShare: column().fill(1),
    entered: new Uint8Array(terms.length).fill(1),
  };
}

/** Gives everybody the wealth that they come with. */
function endow(books: Books, world: EconomyWorld): void {
  const reason = "wealth at the start";
  const from = books.customers;
  books.ledger.postBatch({
    reason,
    asset: books.cash,
    from,
    to: books.providers,
    amount: world.population.wealthMicros,
  });
  books.ledger.postBatch({ reason, asset: books.cash, from, to: books.dataProviders, amount: world.data.wealthMicros });
}

function endFailed(state: PathState, shocks: Shocks): void {
  for (let model = 0; model < state.alive.length; model++) {
    if (state.alive[model] === 1 && state.epoch >= shocks.failureEpoch[model]) {
      state.alive[model] = 0;
      state.training[model] = 0;
      state.releasedLoss[model] = Number.POSITIVE_INFINITY;
    }
  }
}

function beliefInput(state: PathState): BeliefInput {
  const { books, offer } = state;
  const issued = (asset: number) => -books.ledger.balance(books.issuer, asset);
  return {
    epoch: state.epoch,
    cumulativeWork: state.cumulativeWork,
    recentWork: state.trainedWork,
    distinctTokens: state.distinctTokens,
    releasedAt: state.releasedAt,
    revenue: state.revenue,
    claimShare: offer.claimShare,
    dataClaimShare: offer.dataClaimShare,
    units: Float64Array.from(books.models, (model) => issued(model.ownership)),
    dataUnits: Float64Array.from(books.models, (model) => issued(model.dataOwnership)),
    unitsToCome: () => unitsToCome(state),
  };
}

function decide(state: PathState, beliefs: Beliefs): void {
  const { world, books, participation, scratch, offer } = state;
  const isQuiet = !offer.access.some((open) => open > 0);
  scratch.holdings.length = 0;
  for (const model of books.models) scratch.holdings.push(books.ledger.balanceLimbs(model.ownership).low);
  const cash = books.ledger.balanceLimbs(books.cash);
  scratch.cash = cash.low;
  scratch.cashHigh = cash.high;
  if (isQuiet) {
    if (state.workDone.count > 0) participation.choice.fill(-1);
  } else {
    dismiss(state);
    if (state.conduct) decideByStrategy(state, state.conduct, beliefs);
    else
      reviseProviders(
        world.population,
        beliefs,
        offer,
        world.rule,
        world.draws(Math.floor(state.epoch / world.rule.revisionEpochs)),
        state.epoch,
        participation,
        scratch,
      );
  }
  state.dataDelivered.count = 0;
  if (state.epoch % world.rule.revisionEpochs === 0) {
    reviseDataProviders(
      world.data,
      beliefs,
      offer,
      world.rule,
      participation,
      books.dataProviders.first,
      state.dataDelivered,
    );
  }
  const { count, model, quantity } = state.dataDelivered;
  for (let row = 0; row < count; row++) state.distinctTokens[model[row]] += quantity[row];
  for (let index = 0; index < offer.ownTokens.length; index++) state.distinctTokens[index] += offer.ownTokens[index];
}

/** A model that no longer takes work sends its workers away at once, whoever's turn it is. */
function dismiss(state: PathState): void {
  const { choice } = state.participation;
  const shut = state.offer.access.map((open, model) => (open === 0 && state.workers[model] > 0 ? 1 : 0));
  if (!shut.some((closed) => closed === 1)) return;
  for (let i = 0; i < choice.length; i++) {
    if (choice[i] >= 0 && shut[choice[i]] === 1) choice[i] = -1;
  }
}

/** Everybody at work does a day's work. Provider i is account i. */
function work(state: PathState): void {
  const { recentWork, workers, workDone } = state;
  const { choice } = state.participation;
  const { workPerEpoch } = state.world.population;
  recentWork.fill(0);
  workers.fill(0);
  let row = 0;
  for (let i = 0; i < choice.length; i++) {
    const model = choice[i];
    if (model < 0) continue;
    workDone.account[row] = i;
    workDone.model[row] = model;
    workDone.quantity[row++] = workPerEpoch[i];
    recentWork[model] += workPerEpoch[i];
    workers[model]++;
  }
  workDone.count = row;
}

function train(state: PathState): void {
  const { world, offer } = state;
  const honestWork = state.conduct?.trainingWork ?? state.recentWork;
  for (const [model, terms] of world.terms.entries()) {
    const ownWork = state.training[model] === 1 ? offer.ownWork[model] : 0;
    const useful =
      (honestWork[model] * offer.usefulShare[model] * world.usefulShare + ownWork) * state.trainedShare[model];
    state.trainedWork[model] = useful;
    state.cumulativeWork[model] += useful;
    if (useful > 0)
      state.loss[model] = trainedLoss(world.law, terms, state.cumulativeWork[model], state.distinctTokens[model]);
    release(state, model);
  }
}

/** Releases at the target or the deadline, whichever comes first, and then at intervals while training goes on. */
function release(state: PathState, model: number): void {
  const terms = state.world.terms[model];
  if (state.alive[model] === 0) return;
  const isFinished = state.cumulativeWork[model] >= terms.maximumWork;
  const sinceLast = state.epoch + 1 - state.lastRelease[model];
  const isDue =
    state.releasedAt[model] < 0
      ? state.cumulativeWork[model] >= terms.targetWork || state.epoch + 1 >= terms.deadline
      : state.training[model] === 1 && (sinceLast >= terms.releaseEvery || isFinished);
  if (isDue) {
    state.releasedLoss[model] = state.loss[model];
    state.releasedWork[model] = state.cumulativeWork[model];
    state.lastRelease[model] = state.epoch + 1;
    if (state.releasedAt[model] < 0) state.releasedAt[model] = state.epoch + 1;
  }
  const age = state.epoch + 1 - state.releasedAt[model];
  const isRetired = state.releasedAt[model] >= 0 && age >= state.world.market.serviceEpochs;
  if (isRetired) state.releasedLoss[model] = Number.POSITIVE_INFINITY;
  if (isFinished || isRetired) state.training[model] = 0;
}

/** What the books can carry in a posting; two billion dollars a day is no market for inference. */
const largestDailyMicros = 2 ** 51;

function earn(state: PathState, shocks: Shocks): void {
  const { books, revenue, fullRevenue, earningsFactor, world } = state;
  revenue.fill(0);
  fullRevenue.fill(0);
  if (!state.releasedLoss.some(Number.isFinite)) return;
  const expected = world.market.revenueAt(state.epoch, {
    loss: state.releasedLoss,
    work: state.releasedWork,
    isActual: !state.isForecast,
  });
  const amount = new Float64Array(revenue.length);
  for (let model = 0; model < revenue.length; model++) {
    const quality = state.conduct ? qualityFactor(state.conduct, model) : 1;
    fullRevenue[model] = expected[model] * shocks.revenueFactor[model] * quality;
    amount[model] = Math.floor(fullRevenue[model] * earningsFactor[model] * microsPerDollar);
    if (amount[model] > largestDailyMicros) throw new Error(`revenue out of range: $${expected[model]} in a day`);
    revenue[model] = amount[model] / microsPerDollar;
  }
  const treasuries = Int32Array.from(books.models, (model) => model.treasury);
  books.ledger.postBatch({
    reason: "revenue net of serving",
    asset: books.cash,
    from: books.customers,
    to: treasuries,
    amount,
  });
}

function settle(state: PathState): void {
  const { books, mechanism, workDone } = state;
  const batch: EpochBatch = {
    epoch: state.epoch,
    work: workDone,
    data: state.dataDelivered,
    ...(state.conduct && { verdicts: state.conduct.verdicts }),
    revenueMicros: state.revenue.map((dollars) => Math.round(dollars * microsPerDollar)),
    offer: state.offer,
    situation: state.situation,
  };
  const settlement = mechanism.settle(state.mechanismState, batch);
  state.mechanismState = settlement.state;
  for (const posting of settlement.postings) books.ledger.postBatch(posting);
  payBills(state);
}
