/**
 * A world for hand-computed examples: round numbers, real books, and one epoch at a time with exactly what a test says.
 */
import {
  type EpochBatch,
  type Mechanism,
  type MechanismContext,
  microsPerDollar,
  type Offer,
  type PostingBatch,
  type Situation,
} from "@shardlab/contracts";
import { createLedger, type Ledger } from "@shardlab/ledger";
import { type DeliveryRow, deliveriesOf } from "./mechanism-world.ts";
import { copyOf } from "./snapshot.ts";

/** What happens in one epoch; whatever is left out does not happen, and situations default to a model that trains. */
export interface ExampleEpoch {
  /** Epoch to be in (default: the next). */
  readonly epoch?: number;
  readonly work?: readonly DeliveryRow[];
  readonly data?: readonly DeliveryRow[];
  /** What audits found bad. */
  readonly verdicts?: readonly DeliveryRow[];
  readonly revenueDollars?: readonly number[];
  readonly situation?: Partial<Situation>;
}

export interface ExampleWorld {
  readonly context: MechanismContext;
  readonly ledger: Ledger;
  /** The mechanism's state after the last epoch. */
  readonly state: unknown;
  quote(epoch: ExampleEpoch): Offer;
  /** Quotes, settles and posts one epoch. */
  step(epoch?: ExampleEpoch): { offer: Offer; postings: readonly PostingBatch[] };
  /** Micro-dollars of an account. */
  cash(account: number): number;
}

/** Accounts of the example: four providers, two data providers, and those of up to three models. */
export const exampleAccounts = {
  providers: { first: 0, count: 4 },
  dataProviders: { first: 4, count: 2 },
  treasuries: 6,
  designers: 9,
  customers: 12,
  sponsor: 13,
  suppliers: 14,
  issuer: 15,
  vault: 16,
} as const;

const day = 86_400;

/** Days as epochs, one model that aims at 1,000 PFLOP, an outlay of $100, and a first draw of 0.5, unless `changes` say otherwise. */
export function exampleWorld<State>(
  mechanism: Mechanism<State>,
  changes: Partial<MechanismContext> & { readonly targetWork?: readonly number[] } = {},
): ExampleWorld {
  const { targetWork = [1000], ...rest } = changes;
  const context = exampleContext(targetWork, rest);
  const ledger = exampleLedger(targetWork.length);
  const opened = mechanism.open(context);
  for (const batch of opened.postings) ledger.postBatch(batch);
  let { state } = opened;
  let next = 0;
  const quote = (epoch: ExampleEpoch) => mechanism.quote(state, situationOf(context, ledger, epoch, next));
  return {
    context,
    ledger,
    get state() {
      return state;
    },
    quote,
    step(epoch = {}) {
      const situation = situationOf(context, ledger, epoch, next);
      const offer = copyOf(mechanism.quote(state, situation));
      const batch = batchOf(context, epoch, offer, situation);
      const to = Int32Array.from(context.models, ({ treasury }) => treasury);
      const from = exampleAccounts.customers;
      ledger.postBatch({ reason: "revenue", asset: context.cash, from, to, amount: batch.revenueMicros });
      const settlement = mechanism.settle(state, batch);
      for (const posting of settlement.postings) ledger.postBatch(posting);
      state = settlement.state;
      next = situation.epoch + 1;
      return { offer, postings: settlement.postings };
    },
    cash: (account) => ledger.balance(account, context.cash),
  };
}

function exampleContext(targetWork: readonly number[], changes: Partial<MechanismContext>): MechanismContext {
  const { treasuries, designers } = exampleAccounts;
  return {
    epochSeconds: day,
    horizonEpochs: 1000,
    models: targetWork.map((target, model) => ({
      treasury: treasuries + model,
      designer: designers + model,
      ownership: 2 + model,
      dataOwnership: 2 + targetWork.length + model,
      targetWork: target,
      targetTokens: 1e6,
    })),
    providers: exampleAccounts.providers,
    dataProviders: exampleAccounts.dataProviders,
    sponsor: exampleAccounts.sponsor,
    suppliers: exampleAccounts.suppliers,
    issuer: exampleAccounts.issuer,
    vault: exampleAccounts.vault,
    cash: 0,
    coin: 1,
    outlayDollars: 100,
    sponsorDiscountPerEpoch: 0,
    uniform: () => 0.5,
    ...changes,
  };
}

function exampleLedger(models: number): Ledger {
  const { customers, sponsor, issuer, vault } = exampleAccounts;
  return createLedger({
    accounts: vault + 1,
    assets: [
      { name: "cash", unit: "$", decimals: 6 },
      { name: "coin", unit: "coin", decimals: 8 },
      ...Array.from({ length: 2 * models }, (_, index) => ({ name: `claim-${index}`, unit: "unit", decimals: 0 })),
    ],
    mayOverdraw: [customers, sponsor, issuer],
  });
}

function situationOf(context: MechanismContext, ledger: Ledger, epoch: ExampleEpoch, next: number): Situation {
  const column = () => new Float64Array(context.models.length);
  return {
    epoch: epoch.epoch ?? next,
    training: new Uint8Array(context.models.length).fill(1),
    cumulativeWork: column(),
    recentWork: column(),
    expectedValueDollars: column(),
    marketPricePerWork: 1,
    electricityPerWork: 0.25,
    balances: ledger,
    ...epoch.situation,
  };
}

function batchOf(context: MechanismContext, epoch: ExampleEpoch, offer: Offer, situation: Situation): EpochBatch {
  const revenue = epoch.revenueDollars ?? context.models.map(() => 0);
  return {
    epoch: situation.epoch,
    work: deliveriesOf(epoch.work ?? []),
    data: deliveriesOf(epoch.data ?? []),
    ...(epoch.verdicts === undefined ? {} : { verdicts: deliveriesOf(epoch.verdicts) }),
    revenueMicros: Float64Array.from(revenue, (dollars) => Math.round(dollars * microsPerDollar)),
    offer,
    situation,
  };
}
