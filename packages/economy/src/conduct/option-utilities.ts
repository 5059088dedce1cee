/**
 * What every option is worth to every provider of a block: resting, and for each model honest work and each attack.
 *
 * In dollars per epoch, with w the pay (cash, coins, and ownership v at what it is believed to be worth, less the risk premium of
 * `participation.ts`), S the stake asked for, C the running cost, O what the device would earn elsewhere, p f and p d the chances
 * of being found bad, g the joy of giving:
 *
 *   rest      O
 *   honest    (1 - p f) w - p f S + g - C                         - p f D
 *   attack    (1 - p d) w - p d S     - (1 - phi) C + phi O       - (p d + (1 - p d) (1 + m)) D
 *
 * D is own damage: the believed value of the ownership that the provider has and can expect, times the elasticity of the model's
 * value to work, times its day's work over all the work in the model; work found bad is left out and so lost, but undoes nothing.
 * Whoever expects to hold the share s of all units expects s of those to come, by its share of the work as it comes in now.
 * Where pay follows measured gains, w is less for an attack by the gain that it takes. A coalition counts the ownership of its whole group. For pay by the task this is the inspection game, and with ownership its
 * extension by s dV (see `@shardlab/verification`); `conduct.test.ts` holds it to both.
 */
import { access, type Offer } from "@shardlab/contracts";
import type { Population, RevisionBlock } from "../population.ts";
import type { Beliefs } from "../valuation.ts";
import type { ConductState, Table } from "./conduct-state.ts";

/** What is the same for all providers of an epoch. Columns have one row per model. */
export interface EpochTerms {
  readonly population: Population;
  readonly beliefs: Beliefs;
  readonly offer: Offer;
  readonly revisionEpochs: number;
  readonly revenueVariance: number;
  /** Relative fall of value for each PFLOP that is missing. */
  readonly valuePerWork: Float64Array;
  /** Units of ownership still to come, and the work per epoch that they are shared out over. */
  readonly unitsToCome: Float64Array;
  readonly workRate: Float64Array;
  /** Ownership of each account. */
  readonly holdings: readonly Readonly<Float64Array>[];
  readonly cash: Readonly<Float64Array>;
  readonly cashHigh: Readonly<Int32Array>;
  readonly views: Float32Array | undefined;
  /** Units held and expected by each group that counts them as one's own; empty for others. group -> model. */
  readonly groupUnits: readonly Float64Array[];
  readonly choice: Int32Array;
}

const microsPerDollar = 1e6;

/** Fills the rows of one block, in rental values of the providers. */
export function fillBlock(block: RevisionBlock, terms: EpochTerms, state: ConductState): void {
  const { table, conduct } = state;
  const { population } = terms;
  for (let member = 0; member < block.count; member++) {
    const i = block.first + member;
    const row = table.rows + member;
    table.member[row] = i;
    table.provider[row] = block.member + member;
    table.utilities[row * table.options] = population.opportunity[i] / population.rentalValue[i];
  }
  for (let model = 0; model < table.models; model++) fillModel(model, block, terms, state);
  hideAttacks(conduct.mayRun[block.group], block.count, table);
}

function fillModel(model: number, block: RevisionBlock, terms: EpochTerms, state: ConductState): void {
  const { table, conduct, wronged } = state;
  const { utilities } = table;
  const { foundHonest } = conduct;
  const { found, costSaved, overlap, damage: lost } = conduct.rates;
  const { population, offer, beliefs, holdings, cash, cashHigh, views, choice } = terms;
  const { workPerEpoch, runningCost, opportunity, rentalValue, riskPerDollar, designerOf } = population;
  const open = offer.access[model];
  const payPerWork = offer.cashPerWork[model] + offer.coinPerWork[model];
  const payPerName = offer.cashPerIdentity[model] + offer.coinPerIdentity[model];
  const { most, costDollarsPerEpoch } = conduct.strategies[block.group]?.identities ?? oneName;
  const further = offer.furtherNames[model];
  const scored = offer.scoredShare[model];
  const ofGroup = terms.groupUnits[block.group];
  const firstClass = model * population.discountRates.length;
  const held = holdings[model];
  for (let member = 0; member < block.count; member++) {
    const i = block.first + member;
    const first = (table.rows + member) * table.options + 1 + model * (1 + table.attacks);
    const work = workPerEpoch[i];
    let unit = beliefs.unitValue[firstClass + population.discountClass[i]] * population.optimism[i];
    if (views !== undefined) unit *= views[i * table.models + model];
    const perName = payPerName + offer.claimPerIdentity[model] * unit;
    const names = further * perName > costDollarsPerEpoch ? most : 1;
    const paidNames = 1 + (names - 1) * further;
    const pay = work * payPerWork + paidNames * payPerName - (names - 1) * costDollarsPerEpoch;
    const claims = (work * offer.claimPerWork[model] + paidNames * offer.claimPerIdentity[model]) * unit;
    const stake = work * offer.stakePerWork[model] + paidNames * offer.stakePerIdentity[model];
    const isShut = open !== access.open && (open === access.closed || designerOf[i] !== model);
    // Whoever works there already has its stake locked.
    const locked = choice[i] === model ? 0 : stake;
    const needed = ((runningCost[i] - pay) * terms.revisionEpochs + locked) * microsPerDollar;
    const isPoor = cash[i] < needed && cashHigh[i] === 0;
    if (isShut || isPoor) {
      if (isPoor && !isShut && wronged[i] === 1 && choice[i] === model) wronged[i] = 3;
      for (let a = 0; a <= table.attacks; a++) table.utilities[first + a] = Number.NEGATIVE_INFINITY;
      continue;
    }
    const risk = riskPerDollar[i] * terms.revenueVariance * claims;
    const premium = risk * (2 * held[i] * unit + claims * terms.revisionEpochs);
    const expected = terms.workRate[model] > work ? work / terms.workRate[model] : 1;
    const owned = (ofGroup === undefined ? held[i] + terms.unitsToCome[model] * expected : ofGroup[model]) * unit;
    const damage = owned * terms.valuePerWork[model] * work;
    const worth = pay + claims - premium;
    const glow = population.warmGlow[i] * offer.donationAppeal[model];
    table.names[(table.rows + member) * table.models + model] = names;
    const cost = runningCost[i];
    const scale = 1 / rentalValue[i];
    utilities[first] = scale * ((1 - foundHonest) * worth - foundHonest * (stake + damage) + glow - cost);
    for (let a = 0; a < table.attacks; a++) {
      // Pay by score falls with what cheating takes off the gain; a copy of somebody else's delivery gets none.
      const kept = 1 - scored * Math.max(overlap[a], Math.min(1, lost[a]));
      const accepted = (1 - found[a]) * (worth * kept - lost[a] * damage);
      const spent = (1 - costSaved[a]) * cost - costSaved[a] * opportunity[i];
      utilities[first + 1 + a] = scale * (accepted - found[a] * (stake + damage) - spent);
    }
  }
}

const oneName = { most: 1, costDollarsPerEpoch: 0 } as const;

/** What a group may not run is no option of its members. */
function hideAttacks(mayRun: Uint8Array, count: number, { rows, options, models, attacks, utilities }: Table): void {
  for (let a = 0; a < attacks; a++) {
    if (mayRun[a] === 1) continue;
    for (let member = 0; member < count; member++) {
      for (let model = 0; model < models; model++) {
        utilities[(rows + member) * options + 2 + model * (1 + attacks) + a] = Number.NEGATIVE_INFINITY;
      }
    }
  }
}
