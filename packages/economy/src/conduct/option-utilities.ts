/**
 * What every option is worth to every provider of a block: resting, and for each model honest work and each attack.
 *
 * In dollars per epoch, with w the pay (cash, coins, and ownership v at what it is believed to be worth, less the risk premium of
 * `participation.ts`), S what is forfeited of the stake asked for, C the running cost, O what the device would earn elsewhere, p f and p d the chances
 * of being found bad, g the joy of giving:
 *
 *   rest      O
 *   honest    (1 - p f) w - p f S + g - C                         - p f D
 *   attack    (1 - p d) w - p d S     - (1 - phi) C + phi O       - (p d + (1 - p d) (1 + m)) D
 *
 * D is own damage: the believed value of the ownership that the provider has and can expect, times the elasticity of the model's
 * value to work, times its day's work over all the work in the model; work found bad is left out and so lost, but undoes nothing.
 * Whoever expects to hold the share s of all units expects s of those to come, by its share of the work as it comes in now.
 * Where pay follows measured gains, w is less for an attack by the gain that it takes; where pay is held for T epochs and
 * lost with the next bad work, (1 - p f)^T or (1 - p d)^T of it is left to whoever goes on so. A coalition counts the ownership of its whole group. For pay by the task this is the inspection game, and with ownership its
 * extension by s dV (see `@shardlab/verification`); `conduct.test.ts` holds it to both.
 */
import { access, type Offer } from "@shardlab/contracts";
import { pow } from "@shardlab/numerics";
import type { Population, RevisionBlock } from "../population.ts";
import type { Beliefs } from "../valuation.ts";
import type { Conduct } from "./conduct.ts";
import type { ConductState, Table } from "./conduct-state.ts";

/** What is the same for all providers of an epoch. Columns have one row per model. */
export interface EpochTerms {
  readonly population: Population;
  readonly beliefs: Beliefs;
  readonly revisionEpochs: number;
  readonly revenueVariance: number;
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
  readonly models: readonly ModelOffer[];
}

/** What one model offers in an epoch, in dollars for each PFLOP and for each name, taken out of the offer's columns once. */
export interface ModelOffer {
  readonly open: number;
  readonly payPerWork: number;
  readonly payPerName: number;
  readonly claimPerWork: number;
  readonly claimPerName: number;
  readonly stakePerWork: number;
  readonly stakePerName: number;
  readonly forfeitShare: number;
  readonly furtherNames: number;
  readonly appeal: number;
  /** Relative fall of the model's value for each PFLOP that is missing. */
  readonly valuePerWork: number;
  /**
   * For each attack, what a dollar of honest pay, of own damage and of stake counts. Pay by score falls with what cheating takes off
   * the gain; a delivery that is found is lost, but undoes nothing.
   */
  readonly attackPay: Float64Array;
  readonly attackDamage: Float64Array;
  readonly attackStake: Float64Array;
  /** Shares of cash and coins, and of ownership, that are not lost while they are held: by honest work, then by each attack. */
  readonly released: { readonly pay: Float64Array; readonly claims: Float64Array } | undefined;
}

const microsPerDollar = 1e6;

export function modelOffers(
  offer: Offer,
  valuePerWork: Float64Array,
  { rates: { overlap, damage, found }, foundHonest }: Pick<Conduct, "rates" | "foundHonest">,
): ModelOffer[] {
  const releasedAfter = (epochs: number): Float64Array =>
    Float64Array.from([foundHonest, ...found], (chance) => pow(1 - chance, epochs));
  return Array.from(valuePerWork, (value, model) => ({
    open: offer.access[model],
    payPerWork: offer.cashPerWork[model] + offer.coinPerWork[model],
    payPerName: offer.cashPerIdentity[model] + offer.coinPerIdentity[model],
    claimPerWork: offer.claimPerWork[model],
    claimPerName: offer.claimPerIdentity[model],
    stakePerWork: offer.stakePerWork[model],
    stakePerName: offer.stakePerIdentity[model],
    forfeitShare: offer.forfeitShare[model],
    furtherNames: offer.furtherNames[model],
    appeal: offer.donationAppeal[model],
    valuePerWork: value,
    // A copy of somebody else's delivery gets no score at all.
    attackPay: damage.map(
      (lost, a) => (1 - found[a]) * (1 - offer.scoredShare[model] * Math.max(overlap[a], Math.min(1, lost))),
    ),
    attackDamage: damage.map((lost, a) => (1 - found[a]) * lost + found[a]),
    attackStake: found.map((chance) => chance * offer.forfeitShare[model]),
    released:
      offer.payHeldEpochs[model] + offer.claimsHeldEpochs[model] > 0
        ? {
            pay: releasedAfter(offer.payHeldEpochs[model]),
            claims: releasedAfter(offer.claimsHeldEpochs[model]),
          }
        : undefined,
  }));
}

/** Fills the rows of one block, in rental values of the providers. */
export function fillBlock(block: RevisionBlock, terms: EpochTerms, state: ConductState): void {
  const { table } = state;
  const { opportunity, rentalValue } = terms.population;
  for (let member = 0; member < block.count; member++) {
    const i = block.first + member;
    const row = table.rows + member;
    table.member[row] = i;
    table.provider[row] = block.member + member;
    table.scale[row] = 1 / rentalValue[i];
    table.utilities[row * table.options] = opportunity[i] / rentalValue[i];
    table.staked[row] = stakeLocked(i, terms, state);
  }
  for (let model = 0; model < table.models; model++) {
    if (terms.models[model].open === access.closed) shutModel(model, block.count, table);
    else fillModel(model, block, terms, state);
  }
}

/** Dollars that a provider has locked where it works; less what it has lost and could not lock anew. */
function stakeLocked(i: number, { models, choice, population }: EpochTerms, state: ConductState): number {
  if (choice[i] < 0) return 0;
  const { stakePerWork, stakePerName, furtherNames, forfeitShare } = models[choice[i]];
  const names = 1 + (state.identities[i] - 1) * furtherNames;
  const stake = population.workPerEpoch[i] * stakePerWork + names * stakePerName;
  return state.stakeLost[i] === 1 ? (1 - forfeitShare) * stake : stake;
}

function shutModel(model: number, count: number, { rows, options, attacks, utilities }: Table): void {
  for (let row = rows; row < rows + count; row++) {
    const first = row * options + 1 + model * (1 + attacks);
    for (let a = 0; a <= attacks; a++) utilities[first + a] = Number.NEGATIVE_INFINITY;
  }
}

function fillModel(model: number, block: RevisionBlock, terms: EpochTerms, state: ConductState): void {
  const { table, conduct, wronged, stakeLost } = state;
  const { utilities, staked, scale: scales, attacks, options } = table;
  const { foundHonest } = conduct;
  const { costSaved } = conduct.rates;
  const { shareUsed } = conduct;
  const mayRun = conduct.mayRun[block.group];
  const { population, beliefs, cash, cashHigh, views, choice, revisionEpochs, revenueVariance } = terms;
  const { workPerEpoch, runningCost, opportunity, riskPerDollar, designerOf } = population;
  const { open, payPerWork, payPerName, claimPerWork, claimPerName, forfeitShare, released } = terms.models[model];
  const { attackPay, attackDamage, attackStake } = terms.models[model];
  const { stakePerWork, stakePerName, furtherNames: further, valuePerWork, appeal } = terms.models[model];
  const { most, costDollarsPerEpoch } = conduct.strategies[block.group]?.identities ?? oneName;
  const ofGroup = terms.groupUnits[block.group];
  const firstClass = model * population.discountRates.length;
  const held = terms.holdings[model];
  const toCome = terms.unitsToCome[model];
  const workRate = terms.workRate[model];
  for (let member = 0; member < block.count; member++) {
    const i = block.first + member;
    const row = table.rows + member;
    const first = row * options + 1 + model * (1 + attacks);
    const work = workPerEpoch[i];
    const running = runningCost[i];
    const elsewhere = opportunity[i];
    let unit = beliefs.unitValue[firstClass + population.discountClass[i]] * population.optimism[i];
    if (views !== undefined) unit *= views[i * table.models + model];
    const perName = payPerName + claimPerName * unit;
    const names = most > 1 && further * perName > costDollarsPerEpoch ? most : 1;
    const paidNames = 1 + (names - 1) * further;
    const pay = work * payPerWork + paidNames * payPerName;
    const costOfNames = (names - 1) * costDollarsPerEpoch;
    const claims = (work * claimPerWork + paidNames * claimPerName) * unit;
    const stake = work * stakePerWork + paidNames * stakePerName;
    const isShut = open !== access.open && designerOf[i] !== model;
    // Where it works, its stake is locked, unless it has lost it; elsewhere it has to add what is asked beyond that.
    const isKept = choice[i] === model && stakeLost[i] === 0;
    const toLock = isKept ? 0 : Math.max(0, stake - staked[row]);
    const needed = ((running + costOfNames - pay) * revisionEpochs + toLock) * microsPerDollar;
    const isPoor = cash[i] < needed && cashHigh[i] === 0;
    if (isShut || isPoor) {
      if (!isShut && wronged[i] === 1 && choice[i] === model) wronged[i] = 3;
      for (let a = 0; a <= attacks; a++) utilities[first + a] = Number.NEGATIVE_INFINITY;
      continue;
    }
    const risk = riskPerDollar[i] * revenueVariance * claims;
    const premium = risk * (2 * held[i] * unit + claims * revisionEpochs);
    const expected = workRate > work ? work / workRate : 1;
    const owned = (ofGroup === undefined ? held[i] + toCome * expected : ofGroup[model]) * unit;
    const damage = owned * valuePerWork * work;
    const worth = pay + claims - premium;
    const glow = population.warmGlow[i] * appeal;
    if (most > 1) table.names[row * table.models + model] = names;
    const scale = scales[row];
    const fine = forfeitShare * stake + damage;
    const left = released === undefined ? worth : released.pay[0] * pay + released.claims[0] * (claims - premium);
    utilities[first] = scale * ((1 - foundHonest) * left - foundHonest * fine + glow - running - costOfNames);
    for (let a = 0; a < attacks; a++) {
      const earned =
        released === undefined ? worth : released.pay[a + 1] * pay + released.claims[a + 1] * (claims - premium);
      const net = earned * attackPay[a] - damage * attackDamage[a] - stake * attackStake[a];
      const spent = shareUsed[a + 1] * running - costSaved[a] * elsewhere + costOfNames;
      utilities[first + 1 + a] = mayRun[a] === 1 ? scale * (net - spent) : Number.NEGATIVE_INFINITY;
    }
  }
}

const oneName = { most: 1, costDollarsPerEpoch: 0 } as const;
