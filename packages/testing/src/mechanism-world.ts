/**
 * A small world that drives a mechanism: it opens books, lets random people deliver where access is open, brings revenue
 * into the treasuries, and posts what the mechanism settles. There is no economics in it: nobody here decides anything.
 *
 * Quantities are multiples of 1/16, so that sums over providers are exact and do not depend on their order.
 */
import {
  type AccountRange,
  access,
  type Deliveries,
  type EpochBatch,
  type Evaluations,
  type LedgerView,
  type Mechanism,
  type MechanismContext,
  type ModelAccounts,
  type Offer,
  type PostingBatch,
  type Situation,
} from "@shardlab/contracts";
import { createLedger, type Ledger } from "@shardlab/ledger";
import { exp, log } from "@shardlab/numerics";
import { createStreams, type RandomStream, type Streams } from "@shardlab/random";
import type { WorldPlan } from "./arbitraries.ts";
import { copyOf } from "./snapshot.ts";

const secondsPerDay = 86_400;

/** What comes from outside in one epoch. */
export interface EpochInputs {
  readonly work: Deliveries;
  readonly data: Deliveries;
  /** Work that an audit found bad; whoever is in here is not in `work`. */
  readonly verdicts: Deliveries;
  readonly revenueMicros: Float64Array;
}

/** What the mechanism was asked and answered in one epoch; all columns are copies. */
export interface EpochRecord {
  readonly inputs: EpochInputs;
  readonly training: Uint8Array;
  readonly offer: Offer;
  readonly postings: readonly PostingBatch[];
}

export interface MechanismWorld {
  readonly plan: WorldPlan;
  /** All chance in the world, by name. */
  readonly streams: Streams;
  readonly context: MechanismContext;
  readonly ledger: Ledger;
  readonly customers: number;
  readonly assets: number;
  readonly accounts: number;
}

export interface WorldRun {
  readonly world: MechanismWorld;
  readonly opening: readonly PostingBatch[];
  readonly epochs: readonly EpochRecord[];
}

export interface RunOptions {
  /** What happens instead of what the plan would draw; epochs beyond its end bring nothing. */
  readonly inputs?: readonly EpochInputs[];
  /** Epochs to run, at most the horizon (default: the horizon). */
  readonly epochs?: number;
  /** Accounts of providers and of data providers who never deliver by themselves. */
  readonly spares?: number;
  /** Person behind each provider (default: everybody is somebody else). */
  readonly personOf?: Int32Array;
  /** Rate at which the institution discounts (default: one that the plan draws). */
  readonly sponsorDiscountPerEpoch?: number;
  /** Cash of each provider at the start (default: none). */
  readonly wealthDollars?: ArrayLike<number>;
}

/** Drives `mechanism` through the world of `plan`. @throws whatever the ledger refuses, such as `overdraft: …` */
export function runMechanism(mechanism: Mechanism, plan: WorldPlan, options: RunOptions = {}): WorldRun {
  const world = openMechanismWorld(plan, options);
  const opened = mechanism.open(world.context);
  const opening = copyOf(opened.postings);
  for (const batch of opened.postings) world.ledger.postBatch(batch);
  const moving = movingColumns(plan.models);
  const epochs: EpochRecord[] = [];
  let { state } = opened;
  for (let epoch = 0; epoch < (options.epochs ?? plan.horizonEpochs); epoch++) {
    world.ledger.beginEpoch(epoch);
    const situation = situationOf(world, moving, epoch);
    const offer = copyOf(mechanism.quote(state, situation));
    const inputs = options.inputs
      ? (options.inputs[epoch] ?? nothing(plan.models))
      : drawInputs(world, moving, { offer, epoch });
    bringRevenue(world, inputs.revenueMicros);
    const batch: EpochBatch = { epoch, ...inputs, offer, situation };
    const settlement = mechanism.settle(state, batch);
    epochs.push({
      inputs,
      training: situation.training,
      offer,
      postings: copyOf(settlement.postings),
    });
    for (const posting of settlement.postings) world.ledger.postBatch(posting);
    state = settlement.state;
    move(moving, offer, inputs.work, world.context.models);
  }
  return { world, opening, epochs };
}

/** A number between `low` and `high` whose logarithm is uniform, from a uniform draw. */
export const logUniform = (uniform: number, low: number, high: number): number =>
  exp(log(low) + uniform * (log(high) - log(low)));

function nameAccounts(ledger: Ledger, named: readonly (readonly [name: string, accounts: AccountRange])[]): void {
  for (const [name, accounts] of named) ledger.nameAccounts(accounts, name);
}

/** Opens the books: providers first, then data providers, treasuries, designers, and the world's own accounts. */
function openMechanismWorld(plan: WorldPlan, options: RunOptions): MechanismWorld {
  const streams = createStreams(plan.seed);
  const { models, dataProviders } = plan;
  const { spares = 0, personOf, wealthDollars } = options;
  const providers = { first: 0, count: plan.providers + spares };
  const data = { first: providers.count, count: dataProviders + spares };
  const treasuries = data.first + data.count;
  const designers = treasuries + models;
  const [customers, sponsor, suppliers, issuer, vault] = [0, 1, 2, 3, 4].map((offset) => designers + models + offset);
  const draws = streams.stream("world");
  const names = Array.from({ length: models }, (_, model) => `model-${model}`);
  const ledger = createLedger({
    accounts: vault + 1,
    assets: [
      { name: "cash", unit: "$", decimals: 6 },
      { name: "coin", unit: "coin", decimals: 8 },
      ...names.map((name) => ({ name: `ownership/${name}`, unit: "unit", decimals: 0 })),
      ...names.map((name) => ({ name: `data-ownership/${name}`, unit: "unit", decimals: 0 })),
    ],
    mayOverdraw: [customers, sponsor, issuer],
  });
  nameAccounts(ledger, [
    ["provider", providers],
    ["data-provider", data],
    ["treasury", { first: treasuries, count: models }],
    ["designer", { first: designers, count: models }],
    ...["customers", "sponsor", "suppliers", "issuer", "vault"].map(
      (name, offset) => [name, { first: customers + offset, count: 1 }] as const,
    ),
  ]);
  const accounts = names.map(
    (_, model): ModelAccounts => ({
      treasury: treasuries + model,
      designer: designers + model,
      ownership: 2 + model,
      dataOwnership: 2 + models + model,
      targetWork: Math.ceil(logUniform(draws.uniform(), 1e3, 1e8)),
      targetTokens: Math.ceil(logUniform(draws.uniform(), 1e9, 1e13)),
    }),
  );
  const mechanismDraws = streams.stream("mechanism");
  const context: MechanismContext = {
    epochSeconds: plan.epochDays * secondsPerDay,
    horizonEpochs: plan.horizonEpochs,
    models: accounts,
    providers,
    dataProviders: data,
    sponsor,
    suppliers,
    issuer,
    vault,
    cash: 0,
    coin: 1,
    outlayDollars: logUniform(draws.uniform(), 1e2, 1e9),
    sponsorDiscountPerEpoch: options.sponsorDiscountPerEpoch ?? 0.01 * draws.uniform(),
    uniform: (draw) => mechanismDraws.uniformAt(draw),
    ...(personOf === undefined ? {} : { personOf }),
  };
  if (wealthDollars !== undefined) {
    const amount = Float64Array.from({ length: providers.count }, (_, i) => Math.floor((wealthDollars[i] ?? 0) * 1e6));
    ledger.postBatch({ reason: "wealth at the start", asset: 0, from: customers, to: providers, amount });
  }
  return { plan, streams, context, ledger, customers, assets: 2 + 2 * models, accounts: vault + 1 };
}

interface MovingColumns {
  readonly cumulativeWork: Float64Array;
  readonly recentWork: Float64Array;
  readonly delivered: Set<string>;
}

const movingColumns = (models: number): MovingColumns => ({
  cumulativeWork: new Float64Array(models),
  recentWork: new Float64Array(models),
  delivered: new Set(),
});

/** A view that can be read and nothing else, so that a mechanism cannot post behind the world's back. */
const readOnly = (ledger: Ledger): LedgerView => ({
  balance: (account, asset) => ledger.balance(account, asset),
  exactBalance: (account, asset) => ledger.exactBalance(account, asset),
  balancesInto: (accounts, asset, out) => ledger.balancesInto(accounts, asset, out),
});

/** A model trains until it has twice the work aimed at, or fails at an epoch that the plan draws. */
function situationOf(world: MechanismWorld, moving: MovingColumns, epoch: number): Situation {
  const { context, plan, streams } = world;
  const prices = streams.stream("prices");
  const failures = streams.stream("failures");
  const marketPricePerWork = logUniform(prices.uniformAt(2 * epoch), 1e-5, 1e-2);
  return {
    epoch,
    training: Uint8Array.from(context.models, ({ targetWork }, model) =>
      moving.cumulativeWork[model] < 2 * targetWork && epoch < 4 * plan.horizonEpochs * failures.uniformAt(model)
        ? 1
        : 0,
    ),
    cumulativeWork: moving.cumulativeWork.slice(),
    recentWork: moving.recentWork.slice(),
    expectedValueDollars: Float64Array.from(context.models, (_, model) => {
      const uniform = streams.stream("values", model).uniformAt(epoch);
      return uniform < 0.1 ? 0 : logUniform(uniform, 1, 1e10);
    }),
    marketPricePerWork,
    electricityPerWork: marketPricePerWork * prices.uniformAt(2 * epoch + 1),
    balances: readOnly(world.ledger),
  };
}

const noDeliveries = (): Deliveries => deliveriesOf([]);

/** An epoch in which nothing happens. */
export const nothing = (models: number): EpochInputs => ({
  work: noDeliveries(),
  data: noDeliveries(),
  verdicts: noDeliveries(),
  revenueMicros: new Float64Array(models),
});

/** One row of deliveries; an honest delivery under one name unless it says otherwise. */
export interface DeliveryRow {
  readonly account: number;
  readonly model: number;
  readonly quantity: number;
  readonly identities?: number;
  readonly evaluation?: { readonly [K in keyof Evaluations]: number };
}

const honestEvaluation = { assignedGain: 0.02, randomGain: 0.01, stepsBehind: 0, overlap: 0 } as const;

/** Deliveries as columns, with a row of rubbish behind the last to show that only `count` rows are read. */
export function deliveriesOf(rows: readonly DeliveryRow[]): Deliveries {
  const count = rows.length;
  const filled = <C extends Int32Array | Float64Array>(
    column: C,
    of: (row: DeliveryRow) => number,
    rubbish: number,
  ) => {
    for (let row = 0; row < count; row++) column[row] = of(rows[row]);
    column[count] = rubbish;
    return column;
  };
  const whole = (of: (row: DeliveryRow) => number, rubbish: number) => filled(new Int32Array(count + 1), of, rubbish);
  const real = (of: (row: DeliveryRow) => number, rubbish: number) => filled(new Float64Array(count + 1), of, rubbish);
  const evaluated = (name: keyof Evaluations) => real(({ evaluation = honestEvaluation }) => evaluation[name], 0.9);
  const isSplit = rows.some(({ identities = 1 }) => identities !== 1);
  return {
    count,
    account: whole(({ account }) => account, 0),
    model: whole(({ model }) => model, 0),
    quantity: real(({ quantity }) => quantity, 12_345),
    ...(isSplit ? { identities: whole(({ identities = 1 }) => identities, 7) } : {}),
    evaluations: {
      assignedGain: evaluated("assignedGain"),
      randomGain: evaluated("randomGain"),
      stepsBehind: evaluated("stepsBehind"),
      overlap: evaluated("overlap"),
    },
  };
}

/** The rows of deliveries as objects. */
export function rowsOf({ count, account, model, quantity, identities, evaluations }: Deliveries): DeliveryRow[] {
  return Array.from({ length: count }, (_, row) => ({
    account: account[row],
    model: model[row],
    quantity: quantity[row],
    ...(identities === undefined ? {} : { identities: identities[row] }),
    ...(evaluations === undefined ? {} : { evaluation: evaluationOf(evaluations, row) }),
  }));
}

const evaluationOf = (evaluations: Evaluations, row: number): NonNullable<DeliveryRow["evaluation"]> => {
  const { assignedGain, randomGain, stepsBehind, overlap } = evaluations;
  return {
    assignedGain: assignedGain[row],
    randomGain: randomGain[row],
    stepsBehind: stepsBehind[row],
    overlap: overlap[row],
  };
};

/** Share of deliveries that audits find bad here. */
const badShare = 0.08;

/** The epoch to draw for, and what is offered in it. */
interface Quoted {
  readonly offer: Offer;
  readonly epoch: number;
}

/** Who delivers what to whom, what is found bad, and what the models earn. Models earn once work has trained them. */
function drawInputs(world: MechanismWorld, moving: MovingColumns, quoted: Quoted): EpochInputs {
  const { streams } = world;
  const { epoch } = quoted;
  const revenueMicros = Float64Array.from(world.context.models, (_, model) => {
    const uniform = streams.stream("revenue", model).uniformAt(epoch);
    return moving.cumulativeWork[model] > 0 && uniform > 0.4 ? Math.floor(logUniform(uniform, 1e-3, 1e13)) : 0;
  });
  const delivered = rowsOf(drawWork(world, quoted));
  const isBad = ({ account }: DeliveryRow): boolean => streams.stream("audit", account).uniformAt(epoch) < badShare;
  return {
    work: deliveriesOf(delivered.filter((row) => !isBad(row))),
    data: drawData(world, moving, quoted),
    verdicts: deliveriesOf(delivered.filter(isBad)),
    revenueMicros,
  };
}

/** Provider i belongs to the designers of model i; everybody works for one open model or rests, now and then for nothing. */
function drawWork({ context, plan, streams }: MechanismWorld, { offer, epoch }: Quoted): Deliveries {
  const rows: DeliveryRow[] = [];
  for (let provider = 0; provider < plan.providers; provider++) {
    const open = [...offer.access.keys()].filter(
      (model) =>
        offer.access[model] === access.open || (offer.access[model] === access.designers && provider === model),
    );
    const draws = streams.stream("work", provider);
    const chosen = Math.floor(draws.uniformAt(2 * epoch) * (open.length + 0.5));
    if (chosen >= open.length) continue;
    const uniform = draws.uniformAt(2 * epoch + 1);
    const fraction = uniform < 0.05 ? 0 : logUniform(uniform, 1e-5, 1);
    const quantity = Math.floor(16 * context.models[open[chosen]].targetWork * fraction) / 16;
    const evaluation = drawEvaluation(streams.stream("evaluation", provider), epoch);
    rows.push({ account: context.providers.first + provider, model: open[chosen], quantity, evaluation });
  }
  return deliveriesOf(rows);
}

/** Mostly a useful delivery, now and then a stale one, a harmful one or a copy. */
function drawEvaluation(draws: RandomStream, epoch: number): NonNullable<DeliveryRow["evaluation"]> {
  const [gain, noise, lag, copy] = [0, 1, 2, 3].map((draw) => draws.uniformAt(4 * epoch + draw));
  return {
    assignedGain: 0.04 * gain - 0.01,
    randomGain: 0.03 * noise - 0.01,
    stepsBehind: lag < 0.8 ? 0 : Math.floor(40 * (lag - 0.8)),
    overlap: copy < 0.9 ? 0.3 * copy : 10 * (copy - 0.9),
  };
}

/** Data goes to a model at most once, where it is asked for. */
function drawData(
  { context, plan, streams }: MechanismWorld,
  { delivered }: MovingColumns,
  { offer, epoch }: Quoted,
): Deliveries {
  const rows: DeliveryRow[] = [];
  for (let provider = 0; provider < plan.dataProviders; provider++) {
    const draws = streams.stream("data", provider);
    const model = Math.floor(draws.uniformAt(2 * epoch) * 2 * plan.models);
    const key = `${provider} ${model}`;
    if (model >= plan.models || delivered.has(key)) continue;
    const isAsked = offer.cashPerToken[model] + offer.claimPerToken[model] + offer.donationAppeal[model] > 0;
    if (!isAsked) continue;
    delivered.add(key);
    const quantity = Math.floor(logUniform(draws.uniformAt(2 * epoch + 1), 1e6, 1e11));
    rows.push({ account: context.dataProviders.first + provider, model, quantity });
  }
  return deliveriesOf(rows);
}

function bringRevenue({ ledger, customers, context }: MechanismWorld, revenueMicros: Float64Array): void {
  const to = Int32Array.from(context.models, ({ treasury }) => treasury);
  ledger.postBatch({ reason: "revenue", asset: context.cash, from: customers, to, amount: revenueMicros });
}

function move(moving: MovingColumns, offer: Offer, work: Deliveries, models: readonly ModelAccounts[]): void {
  moving.recentWork.fill(0);
  for (const { model, quantity } of rowsOf(work)) moving.recentWork[model] += quantity;
  for (const model of models.keys()) {
    moving.cumulativeWork[model] += moving.recentWork[model] * offer.usefulShare[model] + offer.ownWork[model];
  }
}
