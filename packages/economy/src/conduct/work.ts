/**
 * A day's work of everybody under their conduct: audits, verdicts, what trains and what evaluators see.
 *
 * One draw for each provider at work decides whether its day is found bad: with the chance p d of its attack, or p f where it is
 * honest. What is found bad is left out of the model and unpaid. Of what is not, an attack trains 1 - damage of what it claims,
 * less than nothing where it undoes others' work; in sum no model is trained backwards. Audits take work of their own.
 */
import type { Evaluations } from "@shardlab/contracts";
import type { DeliveryRows } from "../participation.ts";
import type { PathState } from "../path-state.ts";
import type { ConductState } from "./conduct-state.ts";

export function workByConduct(state: PathState, conduct: ConductState): void {
  const { recentWork, workers } = state;
  const { trainingWork } = conduct;
  const { auditShare } = conduct.conduct;
  recentWork.fill(0);
  workers.fill(0);
  trainingWork.fill(0);
  checkDeliveries(state, conduct, drawAudits(state, conduct));
  for (let model = 0; model < trainingWork.length; model++) {
    trainingWork[model] = Math.max(0, trainingWork[model] - auditShare * recentWork[model]);
  }
  countNames(state, conduct);
  if (state.mechanism.needs?.includes("evaluations")) state.workDone.evaluations = evaluationsOf(state, conduct);
}

/** Sorts what everybody at work delivers into what is found bad and what counts. */
function checkDeliveries(state: PathState, conduct: ConductState, isChecked: boolean): void {
  const { recentWork, workers, participation, world, epoch, workDone } = state;
  const { workPerEpoch } = world.population;
  const { attack, trainingWork, acceptedWork, spoiltWork, wronged, audits, verdicts, totals } = conduct;
  const { attacks, foundHonest } = conduct.conduct;
  const { found, damage } = conduct.conduct.rates;
  const { choice } = participation;
  const half = epoch % 2;
  let delivered = 0;
  let cheated = 0;
  workDone.count = 0;
  verdicts.count = 0;
  for (let i = 0; i < choice.length; i++) {
    const model = choice[i];
    if (model < 0) continue;
    const work = workPerEpoch[i];
    const a = attack[i];
    workers[model]++;
    delivered += work;
    if (a >= 0) cheated += work;
    if (isChecked && audits[2 * i + half] < (a < 0 ? foundHonest : found[a])) {
      append(verdicts, i, model, work);
      totals.wasted += work;
      if (a >= 0) totals.caught += 1;
      else {
        totals.falseVerdicts += 1;
        if (wronged[i] === 0) wronged[i] = 1;
      }
      continue;
    }
    append(workDone, i, model, work);
    recentWork[model] += work;
    acceptedWork[model] += work;
    if (a < 0) {
      trainingWork[model] += work;
      continue;
    }
    trainingWork[model] += (1 - damage[a]) * work;
    totals.wasted += Math.min(1, damage[a]) * work;
    spoiltWork[model] += attacks[a].qualityLoss * work;
  }
  totals.delivered += delivered;
  totals.cheated += cheated;
}

/**
 * Fills the draws of the groups of which somebody works, where any could matter: those of an even epoch and of the next at once,
 * which costs little more than those of one.
 */
function drawAudits(
  { world, epoch, participation }: PathState,
  { verdicts, audits, auditPair }: ConductState,
): boolean {
  if (verdicts.account.length === 0) return false;
  const pair = Math.floor(epoch / 2);
  let first = 0;
  for (const [index, { group, count }] of world.population.groups.entries()) {
    if (auditPair[index] !== pair && isAtWork(participation.choice, first, first + count)) {
      world.streams.uniformPairsAcross(`audit/${group}`, 0, pair, audits.subarray(2 * first, 2 * (first + count)));
      auditPair[index] = pair;
    }
    first += count;
  }
  return true;
}

function isAtWork(choice: Int32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (choice[i] >= 0) return true;
  return false;
}

function append(rows: DeliveryRows, account: number, model: number, quantity: number): void {
  const row = rows.count++;
  rows.account[row] = account;
  rows.model[row] = model;
  rows.quantity[row] = quantity;
}

/** Columns of names, where anybody works under several. */
function countNames({ workDone, world }: PathState, conduct: ConductState): void {
  const { totals, identities, verdicts } = conduct;
  totals.workerEpochs += workDone.count + verdicts.count;
  if (!conduct.conduct.strategies.some((strategy) => (strategy?.identities.most ?? 1) > 1)) {
    totals.identityEpochs += workDone.count + verdicts.count;
    return;
  }
  for (const rows of [workDone, verdicts]) {
    rows.identities ??= new Int32Array(world.population.count);
    for (let row = 0; row < rows.count; row++) {
      rows.identities[row] = identities[rows.account[row]];
      totals.identityEpochs += rows.identities[row];
    }
  }
}

/** Relative fall of the loss through an honest delivery, on its own data and on others'; only their ratio and sign count. */
const honestGain = { assigned: 0.01, random: 0.008 } as const;
/** Noise of a gain, relative to an honest one. */
const gainNoise = 0.3;

/**
 * What evaluators measure: an honest delivery gains more on the data that it was assigned, an attack what its damage leaves, both with
 * noise; a stale one lags, a copy overlaps. The sizes are assumptions; rules that pay by rank or sign do not depend on them.
 */
function evaluationsOf({ workDone, world, epoch }: PathState, { attack, conduct }: ConductState): Evaluations {
  const { count, account } = workDone;
  const column = () => new Float64Array(count);
  const seen = { assignedGain: column(), randomGain: column(), stepsBehind: column(), overlap: column() };
  for (let row = 0; row < count; row++) {
    const i = account[row];
    const cheat = attack[i] < 0 ? undefined : conduct.attacks[attack[i]];
    const left = 1 - (cheat?.damage ?? 0);
    const draws = world.streams.stream("evaluation", i);
    const noise = (draw: number): number => gainNoise * 2 * (draws.uniformAt(2 * epoch + draw) - 0.5);
    seen.assignedGain[row] = honestGain.assigned * left * (1 + noise(0));
    seen.randomGain[row] = honestGain.random * left * (1 + noise(1));
    seen.stepsBehind[row] = cheat?.stepsBehind ?? 0;
    seen.overlap[row] = cheat?.overlap ?? 0;
  }
  return seen;
}

/** Share of revenue that spoilt work leaves to a model. */
export const qualityFactor = ({ spoiltWork, acceptedWork }: ConductState, model: number): number =>
  acceptedWork[model] > 0 ? 1 - spoiltWork[model] / acceptedWork[model] : 1;
