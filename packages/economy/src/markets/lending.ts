/** Lends to those who would gain by working and cannot pay for its running cost. */
import { access, microsPerDollar } from "@shardlab/contracts";
import type { PathState } from "../path-state.ts";
import type { Beliefs } from "../valuation.ts";
import { type LoanDesk, priceMicros } from "./loan-desk.ts";

/**
 * The best that a provider could do for any model under one name, dollars per epoch: what it gains beyond its best other use, and
 * what it lacks. Lenders reckon without its fear of risk, its joy of giving and stake.
 */
function bestWork(state: PathState, beliefs: Beliefs, i: number): { gain: number; shortMicros: number } {
  const { offer, scratch, world, books } = state;
  const { population, rule } = world;
  const cashMicros = books.ledger.balance(i, books.cash);
  const classes = population.discountRates.length;
  let best = { gain: Number.NEGATIVE_INFINITY, shortMicros: 0 };
  for (let model = 0; model < offer.access.length; model++) {
    const open = offer.access[model];
    if (open === access.closed || (open === access.designers && population.designerOf[i] !== model)) continue;
    const view = scratch.views?.[i * offer.access.length + model] ?? 1;
    const unit = beliefs.unitValue[model * classes + population.discountClass[i]] * population.optimism[i] * view;
    const payPerWork = offer.cashPerWork[model] + offer.coinPerWork[model];
    const pay = population.workPerEpoch[i] * payPerWork + offer.cashPerIdentity[model] + offer.coinPerIdentity[model];
    const earned = (population.workPerEpoch[i] * offer.claimPerWork[model] + offer.claimPerIdentity[model]) * unit;
    const gain = pay + earned - population.runningCost[i] - population.opportunity[i];
    if (gain <= best.gain) continue;
    const needed = Math.ceil((population.runningCost[i] - pay) * rule.revisionEpochs * microsPerDollar);
    best = { gain, shortMicros: Math.max(0, needed - cashMicros) };
  }
  return best;
}

/** The model of which a provider's free units are worth most; -1 where it has none that a market takes. */
function bestCollateral(state: PathState, desk: LoanDesk, i: number): number {
  const { ledger, models } = state.books;
  const known = desk.borrowers.get(i);
  if (known !== undefined) return known.model;
  let [best, most] = [-1, 0];
  for (const [model, { ownership }] of models.entries()) {
    const worth = ledger.balance(i, ownership) * desk.board.price[model];
    if (worth > most) [best, most] = [model, worth];
  }
  return best;
}

/** Lends to whoever decides today. A loan that would not cover what is missing is of no use, and is not made. */
export function lendToShort(state: PathState, beliefs: Beliefs, desk: LoanDesk): void {
  const { population, rule } = state.world;
  for (const { first, count } of population.blocksByPhase[state.epoch % rule.revisionEpochs]) {
    for (let i = first; i < first + count; i++) {
      const { gain, shortMicros } = bestWork(state, beliefs, i);
      if (shortMicros > 0 && gain > 0) lend(state, desk, i, shortMicros);
    }
  }
}

function lend(state: PathState, desk: LoanDesk, i: number, wanted: number): void {
  const model = bestCollateral(state, desk, i);
  if (model < 0) return;
  const { ledger, cash, models } = state.books;
  const { lenders, collateral } = desk.board.accounts;
  const price = priceMicros(desk, model);
  const before = desk.borrowers.get(i) ?? { debtShares: 0, collateral: 0, model };
  const debt = desk.rule.debtOf(desk.book, before);
  const { ownership } = models[model];
  // One micro-dollar more, since a loan is rounded up when it is counted as debt.
  const enough = Math.ceil((debt + wanted + 1) / (desk.loanToValue * price));
  const pledge = Math.min(ledger.balance(i, ownership), Math.max(0, enough - before.collateral));
  const pledged = { ...before, collateral: before.collateral + pledge };
  if (!(price > 0) || desk.rule.room(desk.book, pledged, price) < wanted) return;
  const { book, position } = desk.rule.borrow(desk.book, pledged, { cash: wanted, price });
  ledger.post({ reason: "collateral put up", asset: ownership, from: i, to: collateral[model], amount: pledge });
  ledger.post({ reason: "loan", asset: cash, from: lenders, to: i, amount: wanted });
  desk.book = book;
  desk.borrowers.set(i, { ...position, model });
  desk.pledged[model] += pledge;
  desk.borrowedMicros += wanted;
}
