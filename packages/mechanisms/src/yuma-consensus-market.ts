/** Who mines and who validates in one model's epoch, the weights that validators set, and the bonds that they bring along. */
import type { Deliveries, MechanismContext } from "@shardlab/contracts";
import { type YumaOutcome, type YumaRule, yumaEpoch } from "./yuma-consensus-epoch.ts";

/** How a validator comes by its weights. */
export const behaviours = { honest: 0, lazy: 1, copying: 2 } as const;

/** Validators by stake, largest first, ties by account. */
export interface Validators {
  readonly account: Int32Array;
  readonly stake: Float64Array;
  readonly behaviour: Uint8Array;
}

/** Miners by work, most first, ties by account: one for each name. */
export interface Miners {
  /** Account and name in one number. */
  readonly key: Float64Array;
  readonly account: Int32Array;
  readonly quantity: Float64Array;
}

/** Who takes part in one model's epoch. */
interface Participants {
  readonly validators: Validators;
  readonly miners: Miners;
}

/** Weights on miners, as others come to see them. */
export interface Revealed {
  readonly key: Float64Array;
  readonly weight: Float64Array;
}

/** What one model carries from epoch to epoch. */
export interface Market {
  readonly validator: Int32Array;
  readonly miner: Float64Array;
  /** Bonds of `validator` in `miner`, row by row; empty before the first epoch. */
  readonly bonds: Float64Array;
  /** Consensus of whoever does not copy, oldest first; only what is not revealed yet and the latest that is. */
  readonly history: readonly Revealed[];
}

export const emptyMarket = (): Market => ({
  validator: new Int32Array(0),
  miner: new Float64Array(0),
  bonds: new Float64Array(0),
  history: [],
});

const namesPerAccount = 2 ** 20;

/** The `most` names that delivered most to `model`; a row of k names counts as k names with a k-th each. */
export function minersOf(deliveries: Deliveries, model: number, most: number): Miners {
  const perName = (row: number): number => deliveries.quantity[row] / (deliveries.identities?.[row] ?? 1);
  let rows: number[] = [];
  for (let row = 0; row < deliveries.count; row++) {
    if (deliveries.model[row] === model && deliveries.quantity[row] > 0) rows.push(row);
  }
  if (rows.length > most) {
    const threshold = Float64Array.from(rows, perName).sort()[rows.length - most];
    rows = rows.filter((row) => perName(row) >= threshold);
  }
  rows.sort((a, b) => perName(b) - perName(a) || deliveries.account[a] - deliveries.account[b]);
  const chosen: { row: number; name: number }[] = [];
  for (const row of rows) {
    const names = deliveries.identities?.[row] ?? 1;
    for (let name = 0; name < names && chosen.length < most; name++) chosen.push({ row, name });
  }
  return {
    key: Float64Array.from(chosen, ({ row, name }) => deliveries.account[row] * namesPerAccount + name),
    account: Int32Array.from(chosen, ({ row }) => deliveries.account[row]),
    quantity: Float64Array.from(chosen, ({ row }) => perName(row)),
  };
}

/** The largest holders of coin among providers; nobody's stake is empty. `behaviourOf` tells how each provider validates. */
export function validatorsOf(
  { providers }: MechanismContext,
  coins: Float64Array,
  { most, behaviourOf }: { readonly most: number; readonly behaviourOf: (provider: number) => number },
): Validators {
  let holders: number[] = [];
  for (let provider = 0; provider < coins.length; provider++) if (coins[provider] > 0) holders.push(provider);
  if (holders.length > most) {
    const threshold = Float64Array.from(holders, (provider) => coins[provider]).sort()[holders.length - most];
    holders = holders.filter((provider) => coins[provider] >= threshold);
  }
  holders = holders.sort((a, b) => coins[b] - coins[a] || a - b).slice(0, most);
  return {
    account: Int32Array.from(holders, (provider) => providers.first + provider),
    stake: Float64Array.from(holders, (provider) => coins[provider]),
    behaviour: Uint8Array.from(holders, behaviourOf),
  };
}

/**
 * One epoch of a market: its outcome, and the market that comes of it.
 *
 * @property revealEpochs epochs after which weights are shown to others; 0 where they can be copied at once
 * @property errorOf relative error of validator `row` about the miner `account`, at least -1
 */
export function marketEpoch(
  market: Market,
  { validators, miners, errorOf }: Participants & { readonly errorOf: (row: number, account: number) => number },
  rule: YumaRule & { readonly revealEpochs: number },
): { readonly market: Market; readonly outcome: YumaOutcome } {
  const size = miners.key.length;
  const weights = new Float64Array(validators.account.length * size);
  for (let row = 0; row < validators.account.length; row++) {
    for (let miner = 0; miner < size; miner++) {
      const error = validators.behaviour[row] === behaviours.honest ? errorOf(row, miners.account[miner]) : 0;
      weights[row * size + miner] =
        validators.behaviour[row] === behaviours.lazy ? 1 : miners.quantity[miner] * (1 + error);
    }
  }
  const agreed = consensusWithoutCopies(weights, { validators, miners }, rule);
  const history = [...market.history, agreed].slice(-(rule.revealEpochs + 1));
  const seen = history.length > rule.revealEpochs ? history[0] : undefined;
  const copied = copyOf(seen, miners);
  for (let row = 0; row < validators.account.length; row++) {
    if (validators.behaviour[row] === behaviours.copying) weights.set(copied, row * size);
  }
  const outcome = yumaEpoch(
    {
      validators: validators.account.length,
      miners: size,
      weights,
      stakes: validators.stake,
      ...(market.bonds.length === 0 ? {} : { bonds: carriedBonds(market, { validators, miners }) }),
    },
    rule,
  );
  return {
    market: { validator: validators.account, miner: miners.key, bonds: outcome.bonds, history },
    outcome,
  };
}

/** Consensus among validators who do not copy: what there is to be copied. */
function consensusWithoutCopies(weights: Float64Array, { validators, miners }: Participants, rule: YumaRule): Revealed {
  const own = Array.from(validators.behaviour.keys()).filter((row) => validators.behaviour[row] !== behaviours.copying);
  const size = miners.key.length;
  const rows = new Float64Array(own.length * size);
  for (const [index, row] of own.entries()) rows.set(weights.subarray(row * size, (row + 1) * size), index * size);
  const stakes = Float64Array.from(own, (row) => validators.stake[row]);
  const { consensus } = yumaEpoch({ validators: own.length, miners: size, weights: rows, stakes }, rule);
  return { key: miners.key, weight: consensus };
}

/** Weights that were seen, for the miners of today; all alike where nothing was seen that fits them. */
function copyOf(seen: Revealed | undefined, miners: Miners): Float64Array {
  const weightOf = new Map<number, number>();
  for (const [index, key] of (seen?.key ?? []).entries()) weightOf.set(key, seen?.weight[index] ?? 0);
  const copied = miners.key.map((key) => weightOf.get(key) ?? 0);
  return copied.some((weight) => weight > 0) ? copied : copied.fill(1);
}

/** Bonds of the epoch before for the validators and miners of this one; newcomers have none. */
function carriedBonds(market: Market, { validators, miners }: Participants): Float64Array {
  const rowOf = new Map(Array.from(market.validator, (account, row) => [account, row]));
  const columnOf = new Map(Array.from(market.miner, (key, column) => [key, column]));
  const size = miners.key.length;
  const bonds = new Float64Array(validators.account.length * size);
  for (const [row, account] of validators.account.entries()) {
    const oldRow = rowOf.get(account);
    if (oldRow === undefined) continue;
    for (const [column, key] of miners.key.entries()) {
      const oldColumn = columnOf.get(key);
      if (oldColumn !== undefined) bonds[row * size + column] = market.bonds[oldRow * market.miner.length + oldColumn];
    }
  }
  return bonds;
}
