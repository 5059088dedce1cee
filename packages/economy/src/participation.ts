/**
 * Who works for what: providers join, stay, switch model or leave by expected utility.
 *
 * In dollars per epoch, working for model m is worth
 *   cash + coins + v - (g s^2 / 2 W) v (2 H + v T) + glow - running cost,
 * with v the believed value of the ownership earned, H the value of what the provider already owns of m, T the revision
 * period, g its relative risk aversion, W its wealth and s the coefficient of variation of revenue (mean-variance
 * certainty equivalent; Pratt 1964, Arrow 1965). Not working is worth the device's best other use. Choices are logit with
 * a temperature in rental values of what the provider owns (McFadden 1974; Luce 1959); 0 is a perfect best response.
 */
import { access, type Deliveries, type Evaluations, type Offer } from "@shardlab/contracts";
import { exp, logitChoice } from "@shardlab/numerics";
import type { Streams } from "@shardlab/random";
import type { DataPopulation } from "./data-population.ts";
import { largestBlock, type Population, type RevisionBlock } from "./population.ts";
import type { Beliefs } from "./valuation.ts";

/** What every provider decides with. */
export interface DecisionRule {
  readonly revisionEpochs: number;
  readonly temperature: number;
  readonly inertia: number;
  /** Squared coefficient of variation of revenue. */
  readonly revenueVariance: number;
}

/** Rows of deliveries that can be refilled. */
export interface DeliveryRows extends Deliveries {
  count: number;
  /** Running cost of each row, micro-dollars. */
  readonly bill: Float64Array;
  identities?: Int32Array;
  evaluations?: Evaluations;
}

export function deliveryRows(capacity: number): DeliveryRows {
  return {
    count: 0,
    account: new Int32Array(capacity),
    model: new Int32Array(capacity),
    quantity: new Float64Array(capacity),
    bill: new Float64Array(capacity),
  };
}

/** Current choices; the ledger's columns of holdings are read as they stand. */
export interface Participation {
  /** Model that each provider works for; -1 for none. */
  readonly choice: Int32Array;
  /** Bits of models that each data provider has delivered to. */
  readonly delivered: Uint8Array[];
}

export function emptyParticipation(population: Population, data: DataPopulation, models: number): Participation {
  return {
    choice: new Int32Array(population.count).fill(-1),
    delivered: Array.from({ length: models }, () => new Uint8Array(data.count)),
  };
}

const rowsPerFlush = 1024;
/** Draws that a world keeps for its further paths: 32 MiB of them. */
const mostDrawsKept = 2 ** 22;
const micros = 1e6;

/**
 * Everybody's draws by turn: draw k of a provider's stream `choice` is its k-th decision. A turn lasts a revision period and
 * is drawn at once. Paths of one world share their draws, so small worlds keep them all; large ones keep the last turn.
 */
export function choiceDraws(population: Population, streams: Streams, turns: number): (turn: number) => Float64Array {
  const keepsAll = population.count * turns <= mostDrawsKept;
  const kept: (Float64Array | undefined)[] = [];
  const last = new Float64Array(population.count);
  let lastTurn = -1;
  const fill = (turn: number, draws: Float64Array): Float64Array => {
    let first = 0;
    for (const [group, { count }] of population.groups.entries()) {
      streams.uniformsAcross(population.choiceStreams[group], 0, turn, draws.subarray(first, first + count));
      first += count;
    }
    return draws;
  };
  return (turn) => {
    if (keepsAll) {
      kept[turn] ??= fill(turn, new Float64Array(population.count));
      return kept[turn];
    }
    if (lastTurn !== turn) fill(turn, last);
    lastTurn = turn;
    return last;
  };
}

/** Lets the providers whose turn it is decide, with one draw for each provider (unread without noise and inertia). */
export function reviseProviders(
  population: Population,
  beliefs: Beliefs,
  offer: Offer,
  rule: DecisionRule,
  draws: Float64Array,
  epoch: number,
  participation: Participation,
  scratch: RevisionScratch,
): void {
  const blocks = population.blocksByPhase[epoch % rule.revisionEpochs];
  scratch.rows = 0;
  for (const block of blocks) {
    for (let member = 0; member < block.count; member++) {
      scratch.uniforms[scratch.rows + member] = draws[block.first + member];
    }
    utilitiesOfBlock(block, population, beliefs, offer, rule, scratch);
    scratch.rows += block.count;
    if (scratch.rows + largestBlock > rowsPerFlush) settleChoices(rule, participation, scratch);
  }
  settleChoices(rule, participation, scratch);
}

/** Buffers for one flush of decisions. */
export interface RevisionScratch {
  rows: number;
  readonly options: number;
  readonly utilities: Float64Array;
  readonly uniforms: Float64Array;
  readonly provider: Int32Array;
  readonly choice: Int32Array;
  /** Units of each model that every account holds: the ledger's own columns. */
  readonly holdings: Readonly<Float64Array>[];
  /** Cash of every account, in the ledger's two limbs: whoever has a high one is not short of it. */
  cash: Readonly<Float64Array>;
  cashHigh: Readonly<Int32Array>;
  /** Factor on what each provider believes a unit of each model to be worth (provider x models + model), where views differ. */
  views?: Float32Array;
}

export function revisionScratch(models: number): RevisionScratch {
  return {
    rows: 0,
    options: models + 1,
    utilities: new Float64Array(rowsPerFlush * (models + 1)),
    uniforms: new Float64Array(rowsPerFlush),
    provider: new Int32Array(rowsPerFlush),
    choice: new Int32Array(rowsPerFlush),
    holdings: [],
    cash: new Float64Array(0),
    cashHigh: new Int32Array(0),
  };
}

/** Utilities of a block of providers, in their rental values; option 0 is not working, option m + 1 is model m. */
function utilitiesOfBlock(
  block: RevisionBlock,
  population: Population,
  beliefs: Beliefs,
  offer: Offer,
  rule: DecisionRule,
  scratch: RevisionScratch,
): void {
  const { utilities, options, provider, rows } = scratch;
  for (let member = 0; member < block.count; member++) {
    const i = block.first + member;
    provider[rows + member] = i;
    utilities[(rows + member) * options] = population.opportunity[i] / population.rentalValue[i];
  }
  for (let model = 0; model < options - 1; model++) {
    utilitiesOfModel(model, block, population, beliefs, offer, rule, scratch);
  }
}

/** The column of one model: what differs by provider stays in the loop, what does not is taken out of it. */
function utilitiesOfModel(
  model: number,
  block: RevisionBlock,
  population: Population,
  beliefs: Beliefs,
  offer: Offer,
  rule: DecisionRule,
  scratch: RevisionScratch,
): void {
  const { utilities, options, holdings, cash, cashHigh, views } = scratch;
  const { workPerEpoch, runningCost, rentalValue, warmGlow, riskPerDollar, optimism, discountClass, designerOf } =
    population;
  const { unitValue } = beliefs;
  const held = holdings[model];
  const open = offer.access[model];
  const payPerWork = offer.cashPerWork[model] + offer.coinPerWork[model];
  const claimPerWork = offer.claimPerWork[model];
  const payPerName = offer.cashPerIdentity[model] + offer.coinPerIdentity[model];
  const claimPerName = offer.claimPerIdentity[model];
  const appeal = offer.donationAppeal[model];
  const period = rule.revisionEpochs;
  const firstClass = model * population.discountRates.length;
  let cell = scratch.rows * options + model + 1;
  for (let i = block.first; i < block.first + block.count; i++, cell += options) {
    const pay = workPerEpoch[i] * payPerWork + payPerName;
    const isShut = open !== access.open && (open === access.closed || designerOf[i] !== model);
    // Whoever cannot pay for the power of the coming period cannot work through it.
    if (isShut || (cash[i] < (runningCost[i] - pay) * period * micros && cashHigh[i] === 0)) {
      utilities[cell] = Number.NEGATIVE_INFINITY;
      continue;
    }
    let unit = unitValue[firstClass + discountClass[i]] * optimism[i];
    if (views !== undefined) unit *= views[i * (options - 1) + model];
    const earned = (workPerEpoch[i] * claimPerWork + claimPerName) * unit;
    const premium = riskPerDollar[i] * rule.revenueVariance * earned * (2 * held[i] * unit + earned * period);
    utilities[cell] = (pay + earned - premium + warmGlow[i] * appeal - runningCost[i]) / rentalValue[i];
  }
}

/** Turns the gathered utilities into choices. With inertia k, the lowest k of the uniform means "no change". */
function settleChoices(rule: DecisionRule, participation: Participation, scratch: RevisionScratch): void {
  const { rows, options, uniforms, choice, provider } = scratch;
  if (rows === 0) return;
  if (rule.inertia > 0) {
    for (let row = 0; row < rows; row++) {
      uniforms[row] = uniforms[row] < rule.inertia ? -1 : (uniforms[row] - rule.inertia) / (1 - rule.inertia);
    }
  }
  const stays = rule.inertia > 0 ? uniforms.map((uniform) => (uniform < 0 ? 1 : 0)) : undefined;
  if (stays) for (let row = 0; row < rows; row++) uniforms[row] = Math.max(0, uniforms[row]);
  logitChoice({ utilities: scratch.utilities, rows, options, temperature: rule.temperature, uniforms, choice });
  for (let row = 0; row < rows; row++) {
    if (stays?.[row] === 1) continue;
    participation.choice[provider[row]] = choice[row] - 1;
  }
  scratch.rows = 0;
}

/**
 * Lets data providers deliver to the best offer. One delivers to a model once, when the chance of accepting, logistic in the
 * offer over the reservation price, exceeds its lasting reluctance.
 *
 * @param deliveries gets a row for each that delivers in this epoch
 */
export function reviseDataProviders(
  data: DataPopulation,
  beliefs: Beliefs,
  offer: Offer,
  rule: DecisionRule,
  participation: Participation,
  firstAccount: number,
  deliveries: DeliveryRows,
): void {
  deliveries.count = 0;
  const models = participation.delivered.length;
  const asksForData =
    offer.cashPerToken.some(isPositive) ||
    offer.claimPerToken.some(isPositive) ||
    offer.donationAppeal.some(isPositive);
  if (!asksForData) return;
  for (let j = 0; j < data.count; j++) {
    let best = -1;
    let bestSurplus = Number.NEGATIVE_INFINITY;
    for (let model = 0; model < models; model++) {
      if (participation.delivered[model][j] === 1) continue;
      const claim = data.tokens[j] * offer.claimPerToken[model] * beliefs.dataUnitValue[model];
      const cash = data.tokens[j] * offer.cashPerToken[model];
      if (claim + cash <= 0 && offer.donationAppeal[model] <= 0) continue;
      const worth = cash + claim - data.riskPerDollar[j] * rule.revenueVariance * claim * claim;
      const wanted = data.reservation[j] * (1 - data.warmGlow[j] * offer.donationAppeal[model]);
      const surplus = (worth - wanted) / Math.max(data.reservation[j], 1e-12);
      if (surplus > bestSurplus) {
        bestSurplus = surplus;
        best = model;
      }
    }
    if (best < 0 || !accepts(bestSurplus, rule.temperature, data.reluctance[j])) continue;
    participation.delivered[best][j] = 1;
    const row = deliveries.count++;
    deliveries.account[row] = firstAccount + j;
    deliveries.model[row] = best;
    deliveries.quantity[row] = data.tokens[j];
  }
}

const isPositive = (value: number): boolean => value > 0;

/** Whether a surplus, in reservation prices, moves somebody of this reluctance: logistic at the temperature. */
function accepts(surplus: number, temperature: number, reluctance: number): boolean {
  if (temperature === 0) return surplus >= 0;
  return 1 / (1 + exp(-surplus / temperature)) > reluctance;
}
