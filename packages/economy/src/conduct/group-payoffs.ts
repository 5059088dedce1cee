/** What providers of each group gain over doing without, in dollars of the first day. */
import { microsPerDollar } from "@shardlab/contracts";
import { type BalanceLimbs, limbRadix, type TwoLimbs } from "@shardlab/ledger";
import { exp } from "@shardlab/numerics";
import { forgone, rowsAtWork } from "../at-work.ts";
import type { Observer, PathState } from "../path-state.ts";
import type { Population } from "../population.ts";
import type { EconomyWorld } from "../world.ts";

/**
 * Adds up, day by day, every change of each provider's cash, less what its devices would have earned elsewhere on the days on which
 * they worked (a cheater keeps the share that it saves), at the sponsor's discount rate. Cash that is locked as stake counts as
 * gone until it comes back. Giving is not counted, nor what ownership earns beyond the horizon.
 */
export function payoffRecorder(world: EconomyWorld): { observe: Observer; payoffs: () => Float64Array } {
  const { population, rates } = world;
  const gains = new Float64Array(population.groups.length);
  const before = cashOfGroups(population, { low: population.wealthMicros, high: new Int32Array(population.count) });
  const observe: Observer = (state) => {
    const { books, epoch } = state;
    const discount = exp(-rates.sponsor * epoch);
    const now = cashOfGroups(population, books.ledger.balanceLimbs(books.cash));
    for (const [group, { low, high }] of now.entries()) {
      const moved = low - before[group].low + (high - before[group].high) * limbRadix;
      gains[group] += (discount * moved) / microsPerDollar;
      before[group] = { low, high };
    }
    takeForgone(gains, state, discount);
  };
  return { observe, payoffs: () => gains.map((gain, group) => gain / population.groups[group].count) };
}

/** Takes what their devices would have earned elsewhere off the gains of the groups of those who worked. */
function takeForgone(gains: Float64Array, state: PathState, discount: number): void {
  const { groupOf } = state.world.population;
  for (const { count, account } of rowsAtWork(state)) {
    // Rows come group by group: the sum of one stays in a register.
    let group = 0;
    let sum = gains[group];
    for (let row = 0; row < count; row++) {
      const i = account[row];
      if (groupOf[i] !== group) {
        gains[group] = sum;
        group = groupOf[i];
        sum = gains[group];
      }
      sum -= discount * forgone(state, i);
    }
    gains[group] = sum;
  }
}

/** Cash of all members of each group, exact in two limbs. Provider i is account i. */
function cashOfGroups({ groups }: Population, { low, high }: BalanceLimbs): TwoLimbs[] {
  let i = 0;
  return groups.map(({ count }) => {
    let sum = 0;
    let limbs = 0;
    for (const end = i + count; i < end; i++) {
      sum += low[i];
      limbs += high[i];
      if (sum < limbRadix) continue;
      sum -= limbRadix;
      limbs += 1;
    }
    return { low: sum, high: limbs };
  });
}
