/** Everybody at work in an epoch, whether or not an audit found the work bad, and what a day of it costs. */
import type { ConductState } from "./conduct/conduct-state.ts";
import type { DeliveryRows } from "./participation.ts";
import type { PathState } from "./path-state.ts";

/** What was delivered and accepted, and what was found bad: nobody is in both. */
export const rowsAtWork = ({ workDone, conduct }: PathState): readonly DeliveryRows[] =>
  conduct === undefined ? [workDone] : [workDone, conduct.verdicts];

/** What provider i could have earned elsewhere with what a day's work takes of its devices, dollars: who cheats saves a share. */
export function forgone({ world: { population }, conduct }: PathState, i: number): number {
  return population.opportunity[i] * shareUsed(conduct, i);
}

/** What a name beyond a provider's first costs a day, dollars by group; undefined where it costs nobody anything. */
export function costsPerName(conduct: ConductState | undefined): readonly number[] | undefined {
  const costs = conduct?.conduct.strategies.map((strategy) => strategy?.identities.costDollarsPerEpoch ?? 0);
  return costs?.some((cost) => cost > 0) ? costs : undefined;
}

/** What a day's work costs provider i in electricity, wear and further names, dollars; `perName` is that of `costsPerName`. */
export function spent(
  { world: { population }, conduct }: PathState,
  i: number,
  perName: readonly number[] | undefined,
): number {
  const running = population.runningCost[i] * shareUsed(conduct, i);
  if (conduct === undefined || perName === undefined) return running;
  return running + (conduct.identities[i] - 1) * perName[population.groupOf[i]];
}

/** What a day of everybody at work costs, with what they forgo for it, dollars. */
export function costOfDay(state: PathState): number {
  const perName = costsPerName(state.conduct);
  let cost = 0;
  for (const { count, account } of rowsAtWork(state)) {
    for (let row = 0; row < count; row++) cost += spent(state, account[row], perName) + forgone(state, account[row]);
  }
  return cost;
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
  return conduct === undefined ? 1 : conduct.conduct.shareUsed[conduct.attack[i] + 1];
}
