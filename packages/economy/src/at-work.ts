/** Everybody at work in an epoch, whether or not an audit found the work bad, and what a day of it costs. */
import type { DeliveryRows } from "./participation.ts";
import type { PathState } from "./path-state.ts";

/** What was delivered and accepted, and what was found bad: nobody is in both. */
export const rowsAtWork = ({ workDone, conduct }: PathState): readonly DeliveryRows[] =>
  conduct === undefined ? [workDone] : [workDone, conduct.verdicts];

/** What provider i could have earned elsewhere with what a day's work takes of its devices, dollars: who cheats saves a share. */
export function forgone({ world: { population }, conduct }: PathState, i: number): number {
  return population.opportunity[i] * shareUsed(conduct, i);
}

/** What a day's work costs provider i in electricity, wear and further names, dollars. */
export function spent({ world: { population }, conduct }: PathState, i: number): number {
  const running = population.runningCost[i] * shareUsed(conduct, i);
  if (conduct === undefined) return running;
  const perName = conduct.conduct.strategies[population.groupOf[i]]?.identities.costDollarsPerEpoch ?? 0;
  return running + (conduct.identities[i] - 1) * perName;
}

/** Work that the devices of everybody at work could have done elsewhere, PFLOP: without what cheating leaves free. */
export function workTaken(state: PathState): number {
  let taken = 0;
  for (const { count, account, quantity } of rowsAtWork(state)) {
    for (let row = 0; row < count; row++) taken += quantity[row] * shareUsed(state.conduct, account[row]);
  }
  return taken;
}

/** Share of a provider's day that its work takes: all of it, or less where it cheats. */
function shareUsed(conduct: PathState["conduct"], i: number): number {
  if (conduct === undefined || conduct.attack[i] < 0) return 1;
  return 1 - conduct.conduct.rates.costSaved[conduct.attack[i]];
}
