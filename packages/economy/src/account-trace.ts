/**
 * Where every payment to one account in one epoch came from: what it delivered, what was offered, what it owned, which pot
 * each posting was paid from and what share of that pot it was. A run is made again up to the epoch; nothing is stored for it.
 */
import { type AccountId, type Deliveries, type EpochBatch, type Mechanism, microsPerDollar } from "@shardlab/contracts";
import type { ExplainedPosting, Ledger } from "@shardlab/ledger";
import { causeOf, type Told } from "./account-causes.ts";
import type { Cause, Scene, SettledEpoch, TracedDelivery, TracedOwnership } from "./account-scene.ts";
import type { Books } from "./books.ts";
import { runPath } from "./path.ts";
import { type TraceCheckpoint, traceRecorder } from "./recorder.ts";
import { journalRows } from "./replay.ts";
import { type EconomyOptions, prepareEconomy } from "./run.ts";
import type { EconomySpec } from "./spec.ts";

/** One rate of the offer for a model that the account delivered to or owns of; per PFLOP, token, identity, or a share. */
export interface TracedRate {
  readonly model: string;
  readonly rate: string;
  readonly value: number;
}

/**
 * One posting that moved the account.
 *
 * @property amount what it gained, or lost where negative, in the asset's unit; `balance` is what it had afterwards.
 * @property pot all that the counterparty paid (or got) for the same reason in the same asset in the epoch.
 * @property cause what the amount follows from, as far as the offer and the deliveries tell; `formula` says it in numbers.
 */
export interface TracedPosting {
  readonly reason: string;
  readonly asset: string;
  readonly unit: string;
  readonly counterparty: string;
  readonly amount: number;
  readonly balance: number;
  readonly pot: number;
  readonly share: number;
  readonly parties: number;
  readonly cause: Cause;
  readonly formula: string;
}

/** @property checkpoints the trace so far, once a revision period, to hold against a stored one. */
export interface AccountTrace {
  readonly account: string;
  readonly number: AccountId;
  /** The provider's group; null for other accounts. */
  readonly group: string | null;
  readonly epoch: number;
  readonly day: number;
  readonly deliveries: readonly TracedDelivery[];
  readonly rates: readonly TracedRate[];
  readonly ownership: readonly TracedOwnership[];
  readonly postings: readonly TracedPosting[];
  readonly checkpoints: readonly TraceCheckpoint[];
}

export interface TraceQuestion extends Pick<EconomyOptions, "seed" | "families"> {
  /** A name (`provider/17`, `provider 17`, `designer/frontier`) or a number. */
  readonly account: string;
  readonly epoch: number;
}

/** Makes a run again up to an epoch and traces one account. @returns a message where there is no such account or epoch */
export function traceAccount(spec: EconomySpec, mechanism: Mechanism, question: TraceQuestion): AccountTrace | string {
  const { world, found, shocks } = prepareEconomy(spec, mechanism, question);
  const { epoch } = question;
  if (!(Number.isInteger(epoch) && epoch >= 0 && epoch < world.horizonEpochs)) {
    return `unknown epoch: ${epoch} (expected 0 to ${world.horizonEpochs - 1})`;
  }
  let settled: SettledEpoch | undefined;
  const watched: Mechanism = {
    ...mechanism,
    settle: (state, batch) => {
      if (batch.epoch === epoch) settled = copyOf(batch);
      return mechanism.settle(state, batch);
    },
  };
  const trace = traceRecorder(world);
  const { books } = runPath(world, watched, found.beliefs, shocks, {
    journalCapacity: journalRows,
    observe: trace.observe,
    epochs: epoch + 1,
  });
  const account = accountOf(books.ledger, question.account);
  if (account === undefined) return unknownAccount(books, question.account);
  const models = world.terms.map(({ name }) => name);
  const scene: Scene = { books, models, account, epoch, ...(settled ?? nothingSettled(models.length)) };
  const deliveries = deliveriesOf(scene);
  const ownership = ownershipOf(scene);
  const { population } = world;
  return {
    account: books.ledger.accountName(account),
    number: account,
    group: account < population.count ? (population.groups[population.groupOf[account]]?.group ?? null) : null,
    epoch,
    day: epoch + 1,
    deliveries,
    rates: ratesOf(scene, deliveries, ownership),
    ownership,
    postings: postingsOf(scene, deliveries, ownership),
    checkpoints: trace.checkpoints,
  };
}

const noDeliveries: Deliveries = {
  count: 0,
  account: new Int32Array(0),
  model: new Int32Array(0),
  quantity: new Float64Array(0),
};

const nothingSettled = (models: number): SettledEpoch => ({
  offer: undefined,
  work: noDeliveries,
  data: noDeliveries,
  verdicts: noDeliveries,
  revenueMicros: new Float64Array(models),
});

const copyOf = ({ offer, work, data, verdicts, revenueMicros }: EpochBatch): SettledEpoch =>
  structuredClone({ offer, work, data, verdicts: verdicts ?? noDeliveries, revenueMicros });

/** The account that a person means; names may have a space in place of the slash. */
function accountOf(ledger: Ledger, text: string): AccountId | undefined {
  const wanted = text.trim().replace(/\s+/g, "/");
  if (/^\d+$/.test(wanted)) return Number(wanted) < ledger.accountCount ? Number(wanted) : undefined;
  // A kind of account of which there is one has no number in its name.
  const alone = wanted.replace(/\/0$/, "");
  for (let account = 0; account < ledger.accountCount; account++) {
    const name = ledger.accountName(account);
    if (name === wanted || name === alone) return account;
  }
  return undefined;
}

function unknownAccount({ ledger, providers, dataProviders }: Books, text: string): string {
  const first = (range: { first: number; count: number }): string[] => {
    if (range.count === 0) return [];
    const [low, high] = [range.first, range.first + range.count - 1].map((account) => ledger.accountName(account));
    return [range.count === 1 ? low : `${low} to ${high}`];
  };
  const others: string[] = [];
  for (let account = providers.count + dataProviders.count; account < ledger.accountCount; account++) {
    others.push(ledger.accountName(account));
  }
  const known = [...first(providers), ...first(dataProviders), ...others].join(", ");
  return `unknown account: ${text} (expected ${known}, or a number below ${ledger.accountCount})`;
}

function deliveriesOf({ account, models, work, data, verdicts }: Scene): TracedDelivery[] {
  const rowsOf = (kind: TracedDelivery["kind"], { count, account: who, ...columns }: Deliveries): TracedDelivery[] => {
    const totals = new Float64Array(models.length);
    for (let row = 0; row < count; row++) totals[columns.model[row]] += columns.quantity[row];
    const found: TracedDelivery[] = [];
    for (let row = 0; row < count; row++) {
      if (who[row] !== account) continue;
      const [model, quantity] = [columns.model[row], columns.quantity[row]];
      const share = totals[model] > 0 ? quantity / totals[model] : 0;
      found.push({ kind, model: models[model], quantity, share, identities: columns.identities?.[row] ?? 1 });
    }
    return found;
  };
  return [...rowsOf("work", work), ...rowsOf("data", data), ...rowsOf("found bad", verdicts)];
}

/** Ownership before the epoch was settled: what the postings of the epoch moved is taken off again. */
function ownershipOf({ books, account, epoch, offer, revenueMicros }: Scene): TracedOwnership[] {
  const { ledger, issuer, models } = books;
  const before = (who: AccountId, asset: number): number =>
    ledger
      .explain(who, asset, { epoch })
      .reduce((balance, { amount }) => balance - Number(amount), ledger.balance(who, asset));
  return models.flatMap((model, index) =>
    (["ownership", "dataOwnership"] as const).flatMap((kind): TracedOwnership[] => {
      const asset = model[kind];
      const units = before(account, asset);
      if (units <= 0 || account === issuer) return [];
      const promised = kind === "ownership" ? offer?.claimShare : offer?.dataClaimShare;
      const revenueDollars = revenueMicros[index] / microsPerDollar;
      const share = units / -before(issuer, asset);
      return [
        { asset: ledger.assets[asset].name, units, share, promisedShare: promised?.[index] ?? 0, revenueDollars },
      ];
    }),
  );
}

/** Rates that are not zero, of the models that the account has to do with. */
function ratesOf(
  { models, offer }: Scene,
  deliveries: readonly TracedDelivery[],
  ownership: readonly TracedOwnership[],
): TracedRate[] {
  if (offer === undefined) return [];
  const concerned = new Set(deliveries.map(({ model }) => model));
  for (const { asset } of ownership) concerned.add(asset.slice(asset.indexOf("/") + 1));
  return models.flatMap((model, index) => {
    if (!concerned.has(model)) return [];
    return Object.entries(offer).flatMap(([rate, column]) =>
      column instanceof Float64Array && column[index] !== 0 ? [{ model, rate, value: column[index] }] : [],
    );
  });
}

function postingsOf(
  scene: Scene,
  deliveries: readonly TracedDelivery[],
  ownership: readonly TracedOwnership[],
): TracedPosting[] {
  const { books, account, epoch } = scene;
  const { ledger } = books;
  const moves = ledger.explain(account, undefined, { epoch });
  if (moves.length > mostSingle) return summedPostings(ledger, moves);
  return moves.map(({ reason, asset, counterparty, amount, balance }) => {
    const { name, unit, decimals } = ledger.assets[asset];
    const scale = Number(`1e${decimals}`);
    const others = ledger
      .explain(counterparty, asset, { epoch })
      .filter((one) => one.reason === reason && one.amount < 0n === amount > 0n);
    const pot = Math.abs(Number(others.reduce((sum, one) => sum + one.amount, 0n)));
    const share = pot > 0 ? Math.abs(Number(amount)) / pot : 0;
    const told: Told = { reason, asset, counterparty, amount: Number(amount), share, pot };
    return {
      reason,
      asset: name,
      unit,
      counterparty: ledger.accountName(counterparty),
      amount: Number(amount) / scale,
      balance: Number(balance) / scale,
      pot: pot / scale,
      share,
      parties: new Set(others.map((one) => one.counterparty)).size,
      ...causeOf(scene, told, deliveries, ownership),
    };
  });
}

/** Postings of one account that are told one by one; a treasury's are more, and are told in sums. */
const mostSingle = 200;

/** Postings added up by reason, asset and direction, with the balance after the last of each. */
function summedPostings(ledger: Ledger, moves: readonly ExplainedPosting[]): TracedPosting[] {
  const sums = new Map<string, { last: ExplainedPosting; sum: bigint; parties: Set<AccountId> }>();
  for (const move of moves) {
    const key = `${move.reason} ${move.asset} ${move.amount > 0n}`;
    const { sum, parties } = sums.get(key) ?? { sum: 0n, parties: new Set<AccountId>() };
    sums.set(key, { last: move, sum: sum + move.amount, parties: parties.add(move.counterparty) });
  }
  return [...sums.values()].map(({ last, sum, parties }) => {
    const { name, unit, decimals } = ledger.assets[last.asset];
    const scale = Number(`1e${decimals}`);
    const amount = Number(sum) / scale;
    return {
      reason: last.reason,
      asset: name,
      unit,
      counterparty: parties.size === 1 ? ledger.accountName(last.counterparty) : `${parties.size} accounts`,
      amount,
      balance: Number(last.balance) / scale,
      pot: Math.abs(amount),
      share: 1,
      parties: parties.size,
      cause: "other",
      formula: "",
    };
  });
}
