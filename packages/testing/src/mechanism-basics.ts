/** What every mechanism must do, whatever it claims. Each check takes one plan and throws what it found wrong. */
import { access, type Mechanism, type Offer } from "@shardlab/contracts";
import { amountText } from "./amount-text.ts";
import type { WorldPlan } from "./arbitraries.ts";
import { type MechanismWorld, nothing, runMechanism } from "./mechanism-world.ts";
import { postingRows } from "./posting-rows.ts";
import { snapshot } from "./snapshot.ts";

export type MechanismCheck = (create: () => Mechanism, plan: WorldPlan) => void;

/** Fails with `fault` (a function, because most are never read) unless `holds`. */
export function check(holds: boolean, fault: () => string): void {
  if (!holds) throw new Error(fault());
}

/** Two mechanisms made alike answer alike, and one mechanism answers alike when it is asked again. */
const isDeterministic: MechanismCheck = (create, plan) => {
  const [first, second] = [create(), create()].map((mechanism) => runMechanism(mechanism, plan).epochs);
  check(snapshot(first) === snapshot(second), () => "answers differ between two runs of one plan");
  runMechanism(
    asking(create(), (name, _inputs, call) => {
      const answer = snapshot(call());
      const again = call();
      check(snapshot(again) === answer, () => `answer differs when asked again: ${name}`);
      return again;
    }),
    plan,
  );
};

/** State, situation and batch are as before, down to the last column. */
const leavesInputsAlone: MechanismCheck = (create, plan) => {
  runMechanism(
    asking(create(), (name, inputs, call) => {
      const before = snapshot(inputs);
      const answer = call();
      check(snapshot(inputs) === before, () => `inputs changed: ${name}`);
      return answer;
    }),
    plan,
  );
};

/** `mechanism` with every call passed through `ask`, which also sees the call's arguments. */
function asking(mechanism: Mechanism, ask: <T>(name: string, inputs: unknown, call: () => T) => T): Mechanism {
  return {
    ...mechanism,
    open: (context) => ask("open", context, () => mechanism.open(context)),
    quote: (state, situation) => ask("quote", [state, situation], () => mechanism.quote(state, situation)),
    settle: (state, batch) => ask("settle", [state, batch], () => mechanism.settle(state, batch)),
  };
}

/** Every row moves a whole amount of a known asset between known accounts; the ledger takes it, and everything sums to zero. */
const postsWhatTheLedgerTakes: MechanismCheck = (create, plan) => {
  const { world, opening, epochs } = runMechanism(create(), plan);
  for (const { asset, from, to, amount } of postingRows([...opening, ...epochs.flatMap(({ postings }) => postings)])) {
    check(isIndex(asset, world.assets), () => `unknown asset: ${asset}`);
    for (const account of [from, to]) check(isIndex(account, world.accounts), () => `unknown account: ${account}`);
    check(Number.isSafeInteger(amount) && amount >= 0, () => `not a whole amount: ${amount}`);
  }
  world.ledger.checkConservation();
  for (const { treasury } of world.context.models) {
    const balance = world.ledger.exactBalance(treasury, world.context.cash);
    const text = (): string => amountText(balance, world.ledger.assets[world.context.cash]);
    check(balance >= 0n, () => `treasury overdrawn: ${text()}`);
  }
};

const isIndex = (value: number, count: number): boolean => Number.isInteger(value) && value >= 0 && value < count;

const shares = [
  ...(["usefulShare", "claimShare", "dataClaimShare", "donationAppeal"] as const),
  ...(["furtherNames", "scoredShare"] as const),
] as const;

/** Columns of an offer are as long as there are models, finite and non-negative; shares lie between 0 and 1. */
const offersWithinBounds: MechanismCheck = (create, plan) => {
  const { epochs } = runMechanism(create(), plan);
  for (const { within: _, ...offer } of epochs.map((epoch) => epoch.offer)) {
    for (const [name, column] of Object.entries(offer) as [keyof Offer, Float64Array | Uint8Array][]) {
      check(column.length === plan.models, () => `wrong length: ${name} has ${column.length} rows`);
      const bad = column.findIndex((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
      check(bad < 0, () => `not finite and non-negative: ${name}[${bad}] is ${column[bad]}`);
    }
    for (const name of shares) check(Math.max(...offer[name]) <= 1, () => `above 1: ${name} is ${offer[name]}`);
    const promised = offer.claimShare.map((share, model) => share + offer.dataClaimShare[model]);
    check(Math.max(...promised) <= 1, () => `more than all revenue promised: ${promised}`);
    check(Math.max(...offer.access) <= access.designers, () => `unknown access: ${offer.access}`);
  }
};

/** A model that no longer trains takes no work that would train it, brings none of its own, and asks for no data. */
const takesNothingForClosedModels: MechanismCheck = (create, plan) => {
  for (const [epoch, { offer, training }] of runMechanism(create(), plan).epochs.entries()) {
    for (let model = 0; model < plan.models; model++) {
      if (training[model] === 1) continue;
      const isShut = offer.access[model] === access.closed || offer.usefulShare[model] === 0;
      check(isShut, () => `work taken for a closed model: ${model} in epoch ${epoch}`);
      const own = offer.ownWork[model] + offer.ownCostDollars[model] + offer.ownTokens[model];
      check(own === 0, () => `own work on a closed model: ${model} in epoch ${epoch}`);
      const paid = offer.cashPerToken[model] + offer.claimPerToken[model] + offer.donationAppeal[model];
      check(paid === 0, () => `data asked for a closed model: ${model} in epoch ${epoch}`);
    }
  }
};

/** No epochs at all, and epochs in which nobody delivers and nothing is earned: nobody is paid for that. */
const copesWithNothing: MechanismCheck = (create, plan) => {
  runMechanism(create(), { ...plan, horizonEpochs: 0 });
  runMechanism(create(), plan, { epochs: 0 });
  const idle = Array.from({ length: plan.horizonEpochs }, () => nothing(plan.models));
  const { world } = runMechanism(create(), plan, { inputs: idle });
  for (const { first, count } of [world.context.providers, world.context.dataProviders]) {
    for (let account = first; account < first + count; account++) checkHasNothing(world, account);
  }
};

function checkHasNothing({ ledger, assets }: MechanismWorld, account: number): void {
  for (let asset = 0; asset < assets; asset++) {
    const balance = ledger.exactBalance(account, asset);
    const name = ledger.accountName(account);
    check(balance === 0n, () => `paid for nothing: ${name} has ${amountText(balance, ledger.assets[asset])}`);
  }
}

/** The checks that every mechanism has to pass, by name; first what keeps the others from saying anything. */
export const mechanismBasics: Readonly<Record<string, MechanismCheck>> = {
  "posts what the ledger takes": postsWhatTheLedgerTakes,
  "answers alike in every run": isDeterministic,
  "leaves its inputs alone": leavesInputsAlone,
  "offers within bounds": offersWithinBounds,
  "takes nothing for closed models": takesNothingForClosedModels,
  "copes with nothing happening": copesWithNothing,
};
