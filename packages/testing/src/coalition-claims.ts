/**
 * Checks against people who are more, or fewer, than they seem: one under several names, and several who act as one.
 *
 * Dust: two units per name and epoch, one for the rounding of each payment and one for what earlier dust left in a budget;
 * of cash, what as many units of ownership can have brought, because ownership is granted in whole units; and a billionth of
 * what they have, because some rules round prices.
 */
import type { AccountRange, Deliveries } from "@shardlab/contracts";
import { createStreams } from "@shardlab/random";
import { amountText } from "./amount-text.ts";
import { inputsOf, sorted, totalOf } from "./changed-inputs.ts";
import { check, type MechanismCheck } from "./mechanism-basics.ts";
import {
  type DeliveryRow,
  deliveriesOf,
  type EpochInputs,
  rowsOf,
  runMechanism,
  type WorldRun,
} from "./mechanism-world.ts";
import { postingRows } from "./posting-rows.ts";

/** Numbers of names and of conspirators: powers of two, so that equal parts of multiples of 1/16 are exact. */
const splits = [2, 4, 4, 16] as const;
const coalitions = [2, 4] as const;

/** Cash of everybody at the start, so that rules that ask for stake can have it. */
const wealthDollars = 1e6;

const wealthOf = (providers: number): Float64Array => new Float64Array(providers).fill(wealthDollars);

/**
 * Whoever delivers under several names gets no more, together, than under one. A person splits what it delivers into 2, 4 or
 * 16 parts, equal ones or each half of the one before, throughout. All its names are known to be one person's to rules that check persons.
 * Then all of its names work under one account, as `identities` says, so that a rule cannot hide a bonus where only that is read.
 */
export const sybilProofness: MechanismCheck = (create, plan) => {
  const draws = createStreams(plan.seed).stream("names");
  const identities = splits[draws.integer(splits.length)];
  const parts = partsOf(identities, draws.uniform() < 0.5);
  const spares = identities - 1;
  const personOf = Int32Array.from({ length: plan.providers + spares }, (_, i) => (i < plan.providers ? i : 0));
  // One purse, which several names divide like their work.
  const wealthUnder = (names: readonly number[]): Float64Array => {
    const wealth = wealthOf(plan.providers + spares).fill(0, plan.providers);
    for (const [name, part] of names.entries())
      wealth[name === 0 ? 0 : plan.providers + name - 1] = part * wealthDollars;
    return wealth;
  };
  const base = runMechanism(create(), plan, { spares, personOf, wealthDollars: wealthUnder([1]) });
  const { providers, dataProviders } = base.world.context;
  const splitUp = (deliveries: Deliveries, people: AccountRange): Deliveries =>
    split(deliveries, people.first, firstSpare(people, spares), parts);
  const inputs = inputsOf(base).map(({ work, data, verdicts, revenueMicros }) => ({
    work: splitUp(work, providers),
    data: splitUp(data, dataProviders),
    verdicts: splitUp(verdicts, providers),
    revenueMicros,
  }));
  const other = runMechanism(create(), plan, { spares, personOf, wealthDollars: wealthUnder(parts), inputs });
  const namesOf = (people: AccountRange): number[] => [
    people.first,
    ...Array.from({ length: spares }, (_, spare) => firstSpare(people, spares) + spare),
  ];
  for (const people of [providers, dataProviders]) {
    const startDollars = people === providers ? wealthDollars : 0;
    checkNoMore(base, other, {
      ...{ members: namesOf(people), startDollars },
      ...{ who: `${identities} names get`, than: "one name" },
    });
  }
  const underOneAccount = inputsOf(base).map((epoch) => ({
    ...epoch,
    work: named(epoch.work, providers.first, identities),
    verdicts: named(epoch.verdicts, providers.first, identities),
  }));
  const options = { spares, personOf, wealthDollars: wealthUnder([1]), inputs: underOneAccount };
  const joint = runMechanism(create(), plan, options);
  checkNoMore(base, joint, {
    ...{ members: namesOf(providers), startDollars: wealthDollars },
    ...{ who: `${identities} names of one account get`, than: "one name" },
  });
};

/** What `account` delivers, under so many names. */
const named = (deliveries: Deliveries, account: number, identities: number): Deliveries =>
  deliveriesOf(rowsOf(deliveries).map((row) => (row.account === account ? { ...row, identities } : row)));

const billion = 1_000_000_000n;

/** @property startDollars cash that the members had at the start, in both worlds. */
interface Compared {
  readonly members: readonly number[];
  readonly startDollars: number;
  readonly who: string;
  readonly than: string;
}

/** `alone` and `together` are worlds of one plan; the accounts of `members` get no more of any asset in the second. */
function checkNoMore(alone: WorldRun, together: WorldRun, { members, startDollars, who, than }: Compared): void {
  const roundings = 2 * members.length * alone.epochs.length;
  for (let asset = 0; asset < alone.world.assets; asset++) {
    const isCash = asset === alone.world.context.cash;
    const start = BigInt(isCash ? startDollars * 1e6 : 0);
    const [had, has] = [alone, together].map(({ world }) => totalOf(world, members, asset) - start);
    const dust =
      (had + start) / billion + BigInt(roundings + (isCash ? Math.ceil(roundings * unitWorth(together)) : 0));
    const text = (units: bigint): string => amountText(units, alone.world.ledger.assets[asset]);
    check(has <= had + dust, () => `${who} ${text(has)}, ${than} ${text(had)}`);
  }
}

/** Most that the rounding of one unit of ownership can have brought, micro-dollars: all that was paid, over the units there are. */
function unitWorth({ world, epochs }: WorldRun): number {
  const { models, issuer, cash, providers } = world.context;
  let worth = 0;
  for (const { treasury, ownership } of models) {
    const units = -world.ledger.balance(issuer, ownership);
    if (!(units > 0)) continue;
    const rows = epochs.flatMap(({ postings }) => postingRows(postings));
    worth +=
      rows.reduce((sum, { asset, from, to, amount }) => {
        return sum + (asset === cash && from === treasury && to < providers.first + providers.count ? amount : 0);
      }, 0) / units;
  }
  return worth;
}

const firstSpare = ({ first, count }: AccountRange, spares: number): number => first + count - spares;

/** Shares of the parts: all alike, or 1/2, 1/4, ... with the last twice; each a power of two. */
function partsOf(count: number, isEqual: boolean): number[] {
  return Array.from({ length: count }, (_, part) => (isEqual ? 1 / count : 2 ** -Math.min(part + 1, count - 1)));
}

/** What `account` delivers, delivered in parts by it and the accounts from `spare` on. */
function split(deliveries: Deliveries, account: number, spare: number, parts: readonly number[]): Deliveries {
  const rows = rowsOf(deliveries).flatMap((row): DeliveryRow[] =>
    row.account === account
      ? parts.map((part, name) => {
          return { ...row, account: name === 0 ? account : spare + name - 1, quantity: part * row.quantity };
        })
      : [row],
  );
  return sorted(deliveriesOf(rows));
}

/** Ways in which a coalition may move its work about: from what each of its members delivers to what each is to deliver. */
const deviations: Readonly<
  Record<string, (rows: readonly DeliveryRow[], members: readonly number[]) => DeliveryRow[]>
> = {
  pools: (rows) => [{ ...rows[0], ...merged(rows), account: rows[0].account }],
  spreads: (rows, members) => {
    const all = merged(rows);
    return members.map((account) => ({ ...rows[0], ...all, account, quantity: all.quantity / members.length }));
  },
  swaps: (rows, members) =>
    rows.map((row) => ({ ...row, account: members[(members.indexOf(row.account) + 1) % members.length] })),
};

/** Rows as one: quantities add up, and what was measured of them is their mean by quantity. */
function merged(rows: readonly DeliveryRow[]): Pick<DeliveryRow, "quantity" | "evaluation"> {
  const quantity = rows.reduce((sum, row) => sum + row.quantity, 0);
  const mean = (name: keyof NonNullable<DeliveryRow["evaluation"]>): number =>
    rows.reduce(
      (sum, row) => sum + (row.evaluation?.[name] ?? 0) * (quantity > 0 ? row.quantity / quantity : 1 / rows.length),
      0,
    );
  const evaluation = {
    assignedGain: mean("assignedGain"),
    randomGain: mean("randomGain"),
    stepsBehind: mean("stepsBehind"),
    overlap: mean("overlap"),
  };
  return { quantity, evaluation };
}

/**
 * A coalition of up to four who pool their work under one member's name, spread it evenly over all of them (those who rest
 * included) or deliver each other's, and settle up by transfers among themselves, gets no more together than they get each
 * for themselves. Work moves only among members who all work for one model, and that no audit finds bad in that epoch.
 */
export const collusionResistance: MechanismCheck = (create, plan) => {
  const size = coalitions[createStreams(plan.seed).stream("coalition").integer(coalitions.length)];
  const people = { ...plan, providers: Math.max(plan.providers, size) };
  const options = { wealthDollars: wealthOf(people.providers) };
  const base = runMechanism(create(), people, options);
  const { first } = base.world.context.providers;
  const members = Array.from({ length: size }, (_, member) => first + member);
  for (const [name, deviation] of Object.entries(deviations)) {
    const inputs = inputsOf(base).map((epoch) => ({ ...epoch, work: moved(epoch, members, deviation) }));
    const other = runMechanism(create(), people, { ...options, inputs });
    checkNoMore(base, other, {
      ...{ members, startDollars: size * wealthDollars },
      ...{ who: `${size} who ${name.replace(/s$/, "")} their work get`, than: "each for itself" },
    });
  }
};

function moved({ work, verdicts }: EpochInputs, members: readonly number[], deviation: (typeof deviations)[string]) {
  const isMember = ({ account }: DeliveryRow): boolean => members.includes(account);
  const rows = rowsOf(work);
  const own = rows.filter(isMember);
  const isFree = own.length > 0 && own.every(({ model }) => model === own[0].model) && !rowsOf(verdicts).some(isMember);
  return isFree ? sorted(deliveriesOf([...rows.filter((row) => !isMember(row)), ...deviation(own, members)])) : work;
}
