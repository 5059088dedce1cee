/** A run once more, as far as asked, with a look at the world at that moment. */
import { flopPerWork, type Mechanism } from "@shardlab/contracts";
import type { Ledger } from "@shardlab/ledger";
import { epochSeconds } from "./epoch.ts";
import { runPath } from "./path.ts";
import type { PathState } from "./path-state.ts";
import { type TraceCheckpoint, traceRecorder } from "./recorder.ts";
import { type EconomyOptions, prepareEconomy } from "./run.ts";
import type { EconomySpec } from "./spec.ts";

/** What one model is at the end of an epoch. */
export interface ModelNow {
  readonly name: string;
  readonly isTraining: boolean;
  readonly computeZettaflop: number;
  readonly workers: number;
  readonly distinctTokens: number;
  readonly lossNatsPerToken: number;
  /** Day on which it was first released; null before. */
  readonly releasedDay: number | null;
  readonly revenueDollarsPerDay: number;
}

/** A movement on one of the world's own accounts (treasuries, designers, sponsor ...) in the last epoch. */
export interface Movement {
  readonly account: string;
  readonly asset: string;
  readonly unit: string;
  readonly amount: number;
  readonly reason: string;
  /** Parties on the other side. */
  readonly counterparties: number;
}

/** What one of the world's own accounts, or all of a kind together, hold. */
export interface Holding {
  readonly account: string;
  readonly asset: string;
  readonly unit: string;
  readonly amount: number;
}

/**
 * @property days how many days have passed.
 * @property isWhole whether that is the whole run.
 * @property traceHash of the whole run; null when it stopped before.
 * @property checkpoints the trace so far, once a revision period.
 */
export interface EconomyReplay {
  readonly days: number;
  readonly isWhole: boolean;
  readonly traceHash: string | null;
  readonly checkpoints: readonly TraceCheckpoint[];
  readonly models: readonly ModelNow[];
  readonly holdings: readonly Holding[];
  readonly movements: readonly Movement[];
}

/** Rows of the journal that a run made again keeps: the last epoch of a large economy. */
export const journalRows = 4_000_000;

/**
 * Runs an economy again until `untilSeconds` of its time have passed (to its horizon unless given). Days are whole: the
 * world is shown as it is at the end of the day in which that moment lies.
 *
 * @throws Error `nothing to replay: ...` for a time before the first day ends.
 */
export function replayEconomy(
  spec: EconomySpec,
  mechanism: Mechanism,
  options: Pick<EconomyOptions, "seed" | "families"> & { readonly untilSeconds?: number },
): EconomyReplay {
  const { world, found, shocks } = prepareEconomy(spec, mechanism, options);
  const asked = Math.ceil((options.untilSeconds ?? Number.POSITIVE_INFINITY) / epochSeconds);
  if (!(asked >= 1)) throw new Error(`nothing to replay: ${options.untilSeconds} s (expected more than 0)`);
  const epochs = Math.min(world.horizonEpochs, asked);
  const trace = traceRecorder(world);
  const state = runPath(world, mechanism, found.beliefs, shocks, {
    journalCapacity: journalRows,
    observe: trace.observe,
    epochs,
  });
  const isWhole = epochs === world.horizonEpochs;
  return {
    days: epochs,
    isWhole,
    traceHash: isWhole ? trace.digest(state) : null,
    checkpoints: trace.checkpoints,
    models: modelsNow(state),
    holdings: holdingsOf(state),
    movements: movementsOf(state),
  };
}

const modelsNow = (state: PathState): ModelNow[] =>
  state.world.terms.map(({ name }, model) => ({
    name,
    isTraining: state.training[model] === 1,
    computeZettaflop: (state.cumulativeWork[model] * flopPerWork) / 1e21,
    workers: state.workers[model],
    distinctTokens: state.distinctTokens[model],
    lossNatsPerToken: Math.min(state.loss[model], state.world.spec.market.freeLoss),
    releasedDay: state.releasedAt[model] < 0 ? null : state.releasedAt[model],
    revenueDollarsPerDay: state.revenue[model],
  }));

/** Accounts of which there is one each: those that no provider has. */
function ownAccounts({ books }: PathState): number[] {
  const { customers, sponsor, suppliers, utility, issuer, vault, models } = books;
  return [
    ...models.flatMap(({ treasury, designer }) => [treasury, designer]),
    ...[customers, sponsor, suppliers, utility, issuer, vault],
  ];
}

const inUnits = (amount: bigint, ledger: Ledger, asset: number): number =>
  // For people to read: a balance beyond 2^53 is rounded.
  Number(amount) / Number(`1e${ledger.assets[asset].decimals}`);

function holdingsOf(state: PathState): Holding[] {
  const { ledger, providers, dataProviders, holders } = state.books;
  const held = (account: string, accounts: Iterable<number>): Holding[] =>
    ledger.assets.flatMap(({ name, unit }, asset) => {
      let sum = 0n;
      for (const one of accounts) sum += ledger.exactBalance(one, asset);
      return sum === 0n ? [] : [{ account, asset: name, unit, amount: inUnits(sum, ledger, asset) }];
    });
  const range = ({ first, count }: { first: number; count: number }) =>
    Array.from({ length: count }, (_, index) => first + index);
  return [
    ...ownAccounts(state).flatMap((account) => held(ledger.accountName(account), [account])),
    ...held("all providers", range(providers)),
    ...held("all data providers", range(dataProviders)),
    ...held("all accounts of markets", range({ first: providers.count, count: holders.count - providers.count })),
  ];
}

/** What moved the world's own accounts in the last epoch, added up by account, asset and reason. */
function movementsOf(state: PathState): Movement[] {
  const { ledger } = state.books;
  const moves = new Map<
    string,
    { movement: Omit<Movement, "amount" | "counterparties">; sum: bigint; asset: number; parties: Set<number> }
  >();
  for (const account of ownAccounts(state)) {
    for (const { asset, reason, amount, counterparty } of ledger.explain(account, undefined, { epoch: ledger.epoch })) {
      const key = `${account} ${asset} ${reason}`;
      const { name, unit } = ledger.assets[asset];
      const movement = { account: ledger.accountName(account), asset: name, unit, reason };
      const known = moves.get(key) ?? { movement, sum: 0n, asset, parties: new Set<number>() };
      moves.set(key, known);
      known.sum += amount;
      known.parties.add(counterparty);
    }
  }
  return [...moves.values()].map(({ movement, sum, asset, parties }) => ({
    ...movement,
    amount: inUnits(sum, ledger, asset),
    counterparties: parties.size,
  }));
}
