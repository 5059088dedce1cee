/** Lets providers decide by their strategies, each shown what it may see and nothing else. */
import { attackOfOption, modelOfOption, optionOf, type Strategy } from "@shardlab/contracts";
import { logitChoice } from "@shardlab/numerics";
import type { PathState } from "../path-state.ts";
import type { RevisionBlock } from "../population.ts";
import { missingWork, unitsToCome } from "../units-to-come.ts";
import type { Beliefs } from "../valuation.ts";
import { type ConductState, isFull, type Learning } from "./conduct-state.ts";
import { type EpochTerms, fillBlock, modelOffers } from "./option-utilities.ts";

/** Those whose turn it is decide. `state.scratch` holds this epoch's columns of cash and ownership. */
export function decideByStrategy(state: PathState, conduct: ConductState, beliefs: Beliefs): void {
  const { world, epoch } = state;
  const { population, rule } = world;
  const terms = epochTerms(state, conduct, beliefs);
  noteLostStakes(conduct, terms);
  const draws = world.draws(Math.floor(epoch / rule.revisionEpochs));
  const { table } = conduct;
  let group = -1;
  table.rows = 0;
  for (const block of population.blocksByPhase[epoch % rule.revisionEpochs]) {
    if (block.group !== group || isFull(table)) settleTable(state, conduct, group);
    group = block.group;
    fillBlock(block, terms, conduct);
    const strategy = conduct.conduct.strategies[group];
    fillRest(block, { state, conduct, strategy, draws, terms });
    table.rows += block.count;
  }
  settleTable(state, conduct, group);
}

function epochTerms(state: PathState, conduct: ConductState, beliefs: Beliefs): EpochTerms {
  const { world, scratch, offer, participation, cumulativeWork, recentWork } = state;
  const missing = missingWork(state);
  const valuePerWork = Float64Array.from(world.terms, ({ targetWork }, model) => {
    const whole = Math.max(targetWork, cumulativeWork[model] + missing[model]);
    return (conduct.elasticity[model] * world.usefulShare) / whole;
  });
  const terms = {
    ...{ population: world.population, beliefs, choice: participation.choice },
    ...{ revisionEpochs: world.rule.revisionEpochs, revenueVariance: world.rule.revenueVariance },
    models: modelOffers(offer, valuePerWork, conduct.conduct),
    unitsToCome: unitsToCome(state),
    // Before work comes in, it is expected to come in as planned.
    workRate: Float64Array.from(world.terms, ({ targetWork, plannedRelease }, model) =>
      recentWork[model] > 0 ? recentWork[model] : targetWork / plannedRelease / world.usefulShare,
    ),
    ...{ holdings: scratch.holdings, cash: scratch.cash, cashHigh: scratch.cashHigh, views: scratch.views },
  };
  return { ...terms, groupUnits: groupUnits(state, conduct, terms) };
}

/** What the members of groups that act as one hold and can expect together. */
function groupUnits(
  { world, participation }: PathState,
  { conduct }: ConductState,
  { holdings, unitsToCome: toCome, workRate }: Pick<EpochTerms, "holdings" | "unitsToCome" | "workRate">,
): Float64Array[] {
  const { population, terms } = world;
  const isOne = conduct.strategies.map((strategy) => strategy?.interest === "group");
  if (!isOne.some((one) => one)) return [];
  const units: Float64Array[] = [];
  const work: Float64Array[] = [];
  for (const [group, one] of isOne.entries()) {
    if (one) [units[group], work[group]] = [new Float64Array(terms.length), new Float64Array(terms.length)];
  }
  for (let i = 0; i < population.count; i++) {
    const held = units[population.groupOf[i]];
    if (held === undefined) continue;
    for (let model = 0; model < terms.length; model++) held[model] += holdings[model][i];
    const model = participation.choice[i];
    if (model >= 0) work[population.groupOf[i]][model] += population.workPerEpoch[i];
  }
  for (const [group, held] of units.entries()) {
    if (held === undefined) continue;
    for (let model = 0; model < terms.length; model++) {
      held[model] += toCome[model] * Math.min(1, work[group][model] / Math.max(workRate[model], 1e-300));
    }
  }
  return units;
}

/** Whoever was found bad yesterday and has not the cash to lock again what that took works without its stake until it decides. */
function noteLostStakes({ verdicts, stakeLost, identities }: ConductState, terms: EpochTerms): void {
  const { population, models, cash, cashHigh } = terms;
  for (let row = 0; row < verdicts.count; row++) {
    const i = verdicts.account[row];
    const { stakePerWork, stakePerName, furtherNames, forfeitShare } = models[verdicts.model[row]];
    const names = 1 + (identities[i] - 1) * furtherNames;
    const lost = forfeitShare * (population.workPerEpoch[i] * stakePerWork + names * stakePerName);
    if (lost > 0 && cashHigh[i] === 0 && cash[i] < lost * 1e6) stakeLost[i] = 1;
  }
}

interface Filling {
  readonly state: PathState;
  readonly conduct: ConductState;
  readonly strategy: Strategy | undefined;
  readonly draws: Float64Array;
  readonly terms: EpochTerms;
}

/** Draws, present options and earnings of a block. */
function fillRest(block: RevisionBlock, { state, conduct, strategy, draws, terms }: Filling): void {
  const { table, learning, attack } = conduct;
  const { choice } = state.participation;
  for (let member = 0; member < block.count; member++) {
    const i = block.first + member;
    const row = table.rows + member;
    table.uniforms[row] = draws[i];
    table.present[row] = choice[i] < 0 ? 0 : optionOf(choice[i], attack[i], table.attacks);
    if (learning !== undefined) earnedSince(i, row, state, conduct, learning, terms);
  }
  if (strategy === undefined || !strategy.sees.includes("others-pay") || learning === undefined) return;
  meetOthers(block, state, conduct, learning);
}

/** What a provider has earned a day since its last decision, in its rental value; remembered for whoever meets it. */
function earnedSince(
  i: number,
  row: number,
  state: PathState,
  { table, conduct, attack }: ConductState,
  learning: Learning,
  { holdings, cash, cashHigh, beliefs }: EpochTerms,
): void {
  const { population } = state.world;
  const { choice } = state.participation;
  const days = Math.max(1, state.epoch - learning.epoch[i]);
  const now = cash[i] + cashHigh[i] * 2 ** 52;
  let gained = (now - learning.cashMicros[i]) / 1e6;
  for (let model = 0; model < table.models; model++) {
    const unit = beliefs.unitValue[model * population.discountRates.length + population.discountClass[i]];
    gained += (holdings[model][i] - learning.units[model][i]) * unit * population.optimism[i];
    learning.units[model][i] = holdings[model][i];
  }
  const idle = choice[i] < 0 ? 1 : attack[i] < 0 ? 0 : conduct.rates.costSaved[attack[i]];
  learning.earned[i] = (gained / days + idle * population.opportunity[i]) / population.rentalValue[i];
  learning.cashMicros[i] = now;
  learning.epoch[i] = state.epoch;
  learning.option[i] = table.present[row];
  table.earned[row] = learning.earned[i];
}

/**
 * Each member of a block meets one provider of all by chance, and hears what that one had earned when it last decided, and by
 * what: it may have decided for something else since. Whoever meets somebody that does what it cannot do itself learns nothing.
 */
function meetOthers(block: RevisionBlock, state: PathState, { table }: ConductState, learning: Learning): void {
  const { world, epoch } = state;
  const { population, rule, streams } = world;
  const { group } = population.groups[block.group];
  const met = new Float64Array(block.count);
  streams.uniformsAcross(`meet/${group}`, block.member, Math.floor(epoch / rule.revisionEpochs), met);
  for (let member = 0; member < block.count; member++) {
    const other = Math.min(population.count - 1, Math.floor(met[member] * population.count));
    const row = table.rows + member;
    const option = learning.option[other];
    const isPossible = table.utilities[row * table.options + option] > Number.NEGATIVE_INFINITY;
    table.metOption[row] = isPossible ? option : table.present[row];
    table.metEarned[row] = isPossible ? learning.earned[other] : table.earned[row];
  }
}

const unseen = (values: Float64Array, count: number): void => {
  values.fill(Number.NaN, 0, count);
};

/** Hides from a strategy what it does not see, lets it choose, and takes what it chose over. */
function settleTable(state: PathState, conduct: ConductState, group: number): void {
  const { table } = conduct;
  if (table.rows === 0) return;
  const strategy = conduct.conduct.strategies[group];
  const decide = conduct.decide[group];
  const { rule } = state.world;
  if (rule.inertia > 0) keepWhoReconsiders(conduct, rule.inertia);
  if (strategy === undefined || decide === undefined) {
    logitChoice({ ...table, temperature: rule.temperature });
  } else {
    // Whoever decides by what it has seen may choose what is not possible now, and rests instead.
    const possible = strategy.sees.includes("offer") ? undefined : table.utilities.slice(0, table.rows * table.options);
    if (possible !== undefined) unseen(table.utilities, table.rows * table.options);
    if (!strategy.sees.includes("own-pay")) unseen(table.earned, table.rows);
    if (!strategy.sees.includes("others-pay")) unseen(table.metEarned, table.rows);
    decide(table, table.choice);
    for (let row = 0; possible !== undefined && row < table.rows; row++) {
      if (possible[row * table.options + table.choice[row]] === Number.NEGATIVE_INFINITY) table.choice[row] = 0;
    }
  }
  takeOver(state, conduct, (strategy?.identities.most ?? 1) > 1);
  table.rows = 0;
}

/** With inertia k, the lowest k of the uniform means that a provider does not reconsider: its row is taken out of the table. */
function keepWhoReconsiders({ table, wronged }: ConductState, inertia: number): void {
  const { uniforms, utilities, options, names, models } = table;
  const { provider, member, present, earned, metOption, metEarned } = table;
  let kept = 0;
  for (let row = 0; row < table.rows; row++) {
    if (uniforms[row] < inertia) {
      if (wronged[member[row]] === 3) wronged[member[row]] = 1;
      continue;
    }
    uniforms[kept] = (uniforms[row] - inertia) / (1 - inertia);
    for (const column of [provider, member, present, metOption]) column[kept] = column[row];
    for (const column of [earned, metEarned]) column[kept] = column[row];
    utilities.copyWithin(kept * options, row * options, (row + 1) * options);
    names.copyWithin(kept * models, row * models, (row + 1) * models);
    kept++;
  }
  table.rows = kept;
}

/** What each has chosen becomes what it does, and under how many names. */
function takeOver({ participation }: PathState, conduct: ConductState, isSeveral: boolean): void {
  const { table, attack, identities, wronged, stakeLost, totals } = conduct;
  const { rows, models, attacks, member, choice, names } = table;
  for (let row = 0; row < rows; row++) {
    const i = member[row];
    const model = modelOfOption(choice[row], attacks);
    participation.choice[i] = model;
    attack[i] = attackOfOption(choice[row], attacks);
    stakeLost[i] = 0;
    identities[i] = isSeveral && model >= 0 ? names[row * models + model] : 1;
    if (wronged[i] !== 3) continue;
    // It was wronged, and cannot pay what taking part again would take: that is an exit, unless it works elsewhere.
    wronged[i] = model < 0 ? 2 : 1;
    if (model < 0) totals.honestExits += 1;
  }
}
