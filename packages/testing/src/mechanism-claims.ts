/**
 * What a mechanism must do once it claims so, one check per property.
 *
 * Amounts are whole, so comparisons allow for rounding dust of a stated size, in smallest units (micro-dollars, units of
 * ownership, the coin's smallest unit) and per epoch: it covers floors, largest remainders among equals, and what others'
 * dust leaves in a budget. Payments in these worlds are mostly many orders of magnitude larger.
 */
import type { Deliveries, MechanismProperty } from "@shardlab/contracts";
import { createStreams } from "@shardlab/random";
import { amountText } from "./amount-text.ts";
import { changed, inputsOf, sorted, totalOf } from "./changed-inputs.ts";
import { collusionResistance, sybilProofness } from "./coalition-claims.ts";
import { incentiveCompatibility, individualRationality } from "./honest-work-claims.ts";
import { check, type MechanismCheck } from "./mechanism-basics.ts";
import { deliveriesOf, rowsOf, runMechanism, type WorldRun } from "./mechanism-world.ts";
import { explainability, noRetroactiveConfiscation, nullPlayer } from "./posting-claims.ts";
import { postingRows } from "./posting-rows.ts";

/**
 * Participants are never paid more cash, up to any epoch, than customers and the sponsor have brought; and a mechanism that
 * asked nothing of the sponsor has paid out everything by the end of the horizon. What lies in the vault is theirs, and what
 * they lose to a treasury was never paid.
 */
const budgetBalance: MechanismCheck = (create, plan) => {
  const { world, opening, epochs } = runMechanism(create(), plan);
  const { cash, sponsor, issuer, models } = world.context;
  const text = (micros: bigint): string => amountText(micros, world.ledger.assets[cash]);
  const treasuries = new Set(models.map(({ treasury }) => treasury));
  const payers = new Set([sponsor, issuer, world.customers, ...treasuries]);
  let brought = 0n;
  let funded = 0n;
  let paid = 0n;
  for (const [index, postings] of [opening, ...epochs.map((epoch) => epoch.postings)].entries()) {
    if (index > 0) brought += epochs[index - 1].inputs.revenueMicros.reduce((sum, micros) => sum + BigInt(micros), 0n);
    for (const { asset, from, to, amount } of postingRows(postings)) {
      if (asset !== cash) continue;
      if (from === sponsor) funded += BigInt(amount);
      if (payers.has(from)) paid += BigInt(amount);
      if (treasuries.has(to)) paid -= BigInt(amount);
    }
    check(paid <= brought + funded, () => `paid ${text(paid)} of ${text(brought + funded)} by epoch ${index - 1}`);
  }
  if (funded > 0n) return;
  check(paid === brought, () => `left in the treasuries at the end: ${text(brought - paid)}`);
};

/** Cash comes from whoever has it, which the ledger sees to, or the sponsor, and coins do not come into being. */
const noCreationFromNothing: MechanismCheck = (create, plan) => {
  const { world, opening, epochs } = runMechanism(create(), plan);
  const { cash, coin, issuer } = world.context;
  const creators = new Set([issuer, world.customers]);
  for (const { asset, from, amount } of postingRows([...opening, ...epochs.flatMap(({ postings }) => postings)])) {
    const isCreated = amount > 0 && ((asset === cash && creators.has(from)) || (asset === coin && from === issuer));
    const whose = world.ledger.accountName(from);
    check(!isCreated, () => `created from nothing: ${amountText(amount, world.ledger.assets[asset])} from ${whose}`);
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
      const text = (units: bigint): string => amountText(units, ledger.assets[asset]);
      check(distance <= dust, () => `${name} gets ${text(has)} instead of ${text(had)}`);
    }
  }
}

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
      const text = (units: bigint): string => amountText(units, base.world.ledger.assets[asset]);
      check(has + 2n >= had, () => `${factor} times the ${side} gets ${text(has)} instead of ${text(had)}`);
    }
  }
};

/** The check behind each property that a mechanism can claim. */
export const mechanismClaims: Readonly<Record<MechanismProperty, MechanismCheck>> = {
  "budget-balance": budgetBalance,
  "no-creation-from-nothing": noCreationFromNothing,
  "individual-rationality": individualRationality,
  "incentive-compatibility": incentiveCompatibility,
  "sybil-proofness": sybilProofness,
  "collusion-resistance": collusionResistance,
  monotonicity,
  symmetry,
  "null-player": nullPlayer,
  "order-independence": orderIndependence,
  "no-retroactive-confiscation": noRetroactiveConfiscation,
  explainability,
};
