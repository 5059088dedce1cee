/** What providers of each group gain over doing without, in dollars of the first day. */
import { microsPerDollar } from "@shardlab/contracts";
import { exp } from "@shardlab/numerics";
import type { Observer } from "../path-state.ts";
import type { EconomyWorld } from "../world.ts";

/**
 * Adds up, day by day, every change of each provider's cash, less what its devices would have earned elsewhere on the days on which
 * they worked (a cheater keeps the share that it saves), at the sponsor's discount rate. Cash that is locked as stake counts as
 * gone until it comes back. Giving is not counted, nor what ownership earns beyond the horizon.
 */
export function payoffRecorder(world: EconomyWorld): { observe: Observer; payoffs: () => Float64Array } {
  const { population, rates } = world;
  const { groupOf } = population;
  const before = Float64Array.from(population.wealthMicros);
  const gains = new Float64Array(population.groups.length);
  const observe: Observer = ({ epoch, books, workDone, conduct: held, world: { population: today } }) => {
    const discount = exp(-rates.sponsor * epoch);
    // Provider i is account i.
    const { low, high } = books.ledger.balanceLimbs(books.cash);
    let i = 0;
    for (const [group, { count }] of population.groups.entries()) {
      let moved = 0;
      for (const end = i + count; i < end; i++) {
        const now = high[i] === 0 ? low[i] : low[i] + high[i] * 2 ** 52;
        moved += now - before[i];
        before[i] = now;
      }
      gains[group] += (discount * moved) / microsPerDollar;
    }
    for (const rows of held === undefined ? [workDone] : [workDone, held.verdicts]) {
      for (let row = 0; row < rows.count; row++) {
        const i = rows.account[row];
        const a = held === undefined ? -1 : held.attack[i];
        const used = a < 0 || held === undefined ? 1 : 1 - held.conduct.rates.costSaved[a];
        gains[groupOf[i]] -= discount * used * today.opportunity[i];
      }
    }
  };
  return { observe, payoffs: () => gains.map((gain, group) => gain / population.groups[group].count) };
}
