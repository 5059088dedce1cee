/**
 * What a mechanism must do once it claims so, one check per property.
 *
 * Amounts are whole, so comparisons allow for rounding dust of a stated size, in smallest units (micro-dollars, units of
 * ownership, the coin's smallest unit) and per epoch: it covers floors, largest remainders among equals, and what others'
 * dust leaves in a budget. Payments in these worlds are mostly many orders of magnitude larger.
 */
import type { Deliveries, MechanismProperty } from "@shardlab/contracts";
import { createStreams } from "@shardlab/random";
import { check, type MechanismCheck } from "./mechanism-basics.ts";
import {
  type DeliveryRow,
  deliveriesOf,
  type EpochInputs,
  type MechanismWorld,
  rowsOf,
  runMechanism,
  type WorldRun,
} from "./mechanism-world.ts";
import { postingRows } from "./posting-rows.ts";

/**
 * Participants are never paid more cash, up to any epoch, than customers and the sponsor have brought; and a mechanism that
 * asked nothing of the sponsor has paid out everything by the end of the horizon.
 */
const budgetBalance: MechanismCheck = (create, plan) => {
  const { world, opening, epochs } = runMechanism(create(), plan);
  const { cash, sponsor, models } = world.context;
  const treasuries = new Set(models.map(({ treasury }) => treasury));
  let brought = 0n;
  let funded = 0n;
  let paid = 0n;
  for (const [index, postings] of [opening, ...epochs.map((epoch) => epoch.postings)].entries()) {
    if (index > 0) brought += epochs[index - 1].inputs.revenueMicros.reduce((sum, micros) => sum + BigInt(micros), 0n);
    for (const { asset, from, to, amount } of postingRows(postings)) {
      if (asset !== cash) continue;
      if (from === sponsor) funded += BigInt(amount);
      if (!treasuries.has(to)) paid += BigInt(amount);
    }
    check(paid <= brought + funded, () => `paid ${paid} of ${brought + funded} micro-dollars by epoch ${index - 1}`);
  }
  if (funded > 0n) return;
  check(paid === brought, () => `left in the treasuries at the end: ${brought - paid} micro-dollars`);
};

/** Cash comes from treasuries and the sponsor alone, and coins do not come into being. */
const noCreationFromNothing: MechanismCheck = (create, plan) => {
  const { world, opening, epochs } = runMechanism(create(), plan);
  const { cash, coin, sponsor, issuer, models } = world.context;
  const payers = new Set([sponsor, ...models.map(({ treasury }) => treasury)]);
  for (const { asset, from, amount } of postingRows([...opening, ...epochs.flatMap(({ postings }) => postings)])) {
    const isCreated = amount > 0 && ((asset === cash && !payers.has(from)) || (asset === coin && from === issuer));
    const name = world.ledger.assets[asset].name;
    check(!isCreated, () => `created from nothing: ${amount} of ${name} from account ${from}`);
  }
};

/** Providers who swap places swap everything that they get. Dust: a unit for each of them per epoch. */
const symmetry: MechanismCheck = (create, plan) => {
  const base = runMechanism(create(), plan);
  const { providers, dataProviders } = base.world.context;
  const renamed = (account: number): number => {
    for (const { first, count } of [providers, dataProviders]) {
      if (account >= first && account < first + count) return first + ((account - first + 1) % count);
    }
    return account;
  };
  const rotate = (deliveries: Deliveries) =>
    deliveriesOf(rowsOf(deliveries).map((row) => ({ ...row, account: renamed(row.account) })));
  const inputs = inputsOf(base).map((epoch) => changed(epoch, (deliveries) => sorted(rotate(deliveries))));
  checkSameBalances(base, runMechanism(create(), plan, { inputs }), renamed);
};

/** The order of the rows of a batch does not matter. Dust: a unit for each participant per epoch. */
const orderIndependence: MechanismCheck = (create, plan) => {
  const base = runMechanism(create(), plan);
  const draws = createStreams(plan.seed).stream("shuffle");
  const shuffled = (deliveries: Deliveries): Deliveries => {
    const keyed = rowsOf(deliveries).map((row) => ({ row, key: draws.uniform() }));
    return deliveriesOf(keyed.sort((a, b) => a.key - b.key).map(({ row }) => row));
  };
  const inputs = inputsOf(base).map((epoch) => changed(epoch, shuffled));
  checkSameBalances(base, runMechanism(create(), plan, { inputs }), (account) => account);
};

function checkSameBalances(base: WorldRun, other: WorldRun, renamed: (account: number) => number): void {
  const { ledger, assets, context, accounts } = base.world;
  const dust = BigInt(base.epochs.length * (context.providers.count + context.dataProviders.count + 1));
  for (let account = 0; account < accounts; account++) {
    for (let asset = 0; asset < assets; asset++) {
      const had = ledger.exactBalance(account, asset);
      const has = other.world.ledger.exactBalance(renamed(account), asset);
      const distance = had > has ? had - has : has - had;
      const name = ledger.accountName(account);
      check(distance <= dust, () => `${name} gets ${has} instead of ${had} of ${ledger.assets[asset].name}`);
    }
  }
}

/**
 * Whoever delivers under several names gets no more, together, than under one. Dust: two units per name and epoch, one for
 * the rounding of each payment and one for what earlier dust left in a budget.
 */
const sybilProofness: MechanismCheck = (create, plan) => {
  const identities = 4;
  const spares = identities - 1;
  const base = runMechanism(create(), plan, { spares });
  const { providers, dataProviders } = base.world.context;
  const splitUp = (deliveries: Deliveries, people: typeof providers): Deliveries =>
    split(deliveries, people.first, firstSpare(people, spares), identities);
  const inputs = inputsOf(base).map(({ work, data, verdicts, revenueMicros }) => ({
    work: splitUp(work, providers),
    data: splitUp(data, dataProviders),
    verdicts: splitUp(verdicts, providers),
    revenueMicros,
  }));
  const other = runMechanism(create(), plan, { spares, inputs });
  const dust = BigInt(2 * identities * base.epochs.length);
  for (const people of [providers, dataProviders]) {
    const names = [people.first, ...Array.from({ length: spares }, (_, spare) => firstSpare(people, spares) + spare)];
    for (let asset = 0; asset < base.world.assets; asset++) {
      const [alone, together] = [base, other].map(({ world }) => totalOf(world, names, asset));
      const name = base.world.ledger.assets[asset].name;
      check(together <= alone + dust, () => `${identities} names get ${together} of ${name}, one name ${alone}`);
    }
  }
};

const firstSpare = ({ first, count }: { first: number; count: number }, spares: number): number =>
  first + count - spares;

/** What `account` delivers, delivered in parts of 1/2, 1/4, ... (exactly) by it and the accounts from `spare` on. */
function split(deliveries: Deliveries, account: number, spare: number, identities: number): Deliveries {
  const rows = rowsOf(deliveries).flatMap((row): DeliveryRow[] => {
    if (row.account !== account) return [row];
    let rest = row.quantity;
    return Array.from({ length: identities }, (_, identity) => {
      const quantity = identity === identities - 1 ? rest : rest / 2;
      rest -= quantity;
      return { ...row, account: identity === 0 ? account : spare + identity - 1, quantity };
    });
  });
  return sorted(deliveriesOf(rows));
}

const totalOf = ({ ledger }: MechanismWorld, accounts: readonly number[], asset: number): bigint =>
  accounts.reduce((sum, account) => sum + ledger.exactBalance(account, asset), 0n);

/**
 * In one epoch, whoever delivers more gets no less of anything, all else (the past, and everybody's deliveries) being equal.
 * Dust: two units, because a larger total can round a share of it the other way.
 */
const monotonicity: MechanismCheck = (create, plan) => {
  const base = runMechanism(create(), plan);
  const draws = createStreams(plan.seed).stream("more");
  for (const side of ["work", "data"] as const) {
    const busy = [...base.epochs.keys()].filter((epoch) => base.epochs[epoch].inputs[side].count > 0);
    if (busy.length === 0) continue;
    const last = busy[draws.integer(busy.length)];
    const rows = rowsOf(base.epochs[last].inputs[side]);
    const chosen = draws.integer(rows.length);
    const factor = 1 + 2 ** (1 - draws.integer(6));
    const raised = rows.map((row, index) => {
      return index === chosen ? { ...row, quantity: factor * row.quantity + (row.quantity === 0 ? 1 : 0) } : row;
    });
    const before = inputsOf(base).slice(0, last + 1);
    const after = [...before.slice(0, last), { ...before[last], [side]: deliveriesOf(raised) }];
    const [less, more] = [before, after].map((inputs) => runMechanism(create(), plan, { inputs, epochs: last + 1 }));
    for (let asset = 0; asset < base.world.assets; asset++) {
      const [had, has] = [less, more].map(({ world }) => totalOf(world, [rows[chosen].account], asset));
      const name = base.world.ledger.assets[asset].name;
      check(has + 2n >= had, () => `${factor} times the ${side} gets ${has} instead of ${had} of ${name}`);
    }
  }
};

/** What happened, with every kind of delivery changed alike. */
const changed = (inputs: EpochInputs, change: (deliveries: Deliveries) => Deliveries): EpochInputs => ({
  work: change(inputs.work),
  data: change(inputs.data),
  verdicts: change(inputs.verdicts),
  revenueMicros: inputs.revenueMicros,
});

const inputsOf = ({ epochs }: WorldRun): EpochInputs[] => epochs.map(({ inputs }) => inputs);

const sorted = (deliveries: Deliveries): Deliveries =>
  deliveriesOf(rowsOf(deliveries).sort((a, b) => a.account - b.account));

/** The check behind each property that a mechanism can claim. */
export const mechanismClaims: Readonly<Record<MechanismProperty, MechanismCheck>> = {
  "budget-balance": budgetBalance,
  "no-creation-from-nothing": noCreationFromNothing,
  symmetry,
  "order-independence": orderIndependence,
  "sybil-proofness": sybilProofness,
  monotonicity,
};
