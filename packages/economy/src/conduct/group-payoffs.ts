/** What providers of each group gain over doing without, in dollars of the first day. */
import { microsPerDollar } from "@shardlab/contracts";
import { type BalanceLimbs, limbRadix, type TwoLimbs } from "@shardlab/ledger";
import { exp } from "@shardlab/numerics";
import type { DeliveryRows } from "../participation.ts";
import type { Observer } from "../path-state.ts";
import type { Population } from "../population.ts";
import type { EconomyWorld } from "../world.ts";
import type { ConductState } from "./conduct-state.ts";

/**
 * Adds up, day by day, every change of each provider's cash, less what its devices would have earned elsewhere on the days on which
 * they worked (a cheater keeps the share that it saves), at the sponsor's discount rate. Cash that is locked as stake counts as
 * gone until it comes back. Giving is not counted, nor what ownership earns beyond the horizon.
 */
export function payoffRecorder(world: EconomyWorld): { observe: Observer; payoffs: () => Float64Array } {
  const { population, rates } = world;
  const { groupOf, groups } = population;
  const gains = new Float64Array(groups.length);
  const before = cashOfGroups(population, { low: population.wealthMicros, high: new Int32Array(population.count) });
  const observe: Observer = ({ epoch, books, workDone, conduct: held, world: { population: today } }) => {
    const discount = exp(-rates.sponsor * epoch);
    const now = cashOfGroups(population, books.ledger.balanceLimbs(books.cash));
    for (const [group, { low, high }] of now.entries()) {
      const moved = low - before[group].low + (high - before[group].high) * limbRadix;
      gains[group] += (discount * moved) / microsPerDollar;
      before[group] = { low, high };
    }
    for (const rows of held === undefined ? [workDone] : [workDone, held.verdicts]) {
      takeForgone(gains, rows, { discount, opportunity: today.opportunity, groupOf, conduct: held });
    }
  };
  return { observe, payoffs: () => gains.map((gain, group) => gain / groups[group].count) };
}

interface ForgoneTerms {
  readonly discount: number;
  readonly opportunity: Float64Array;
  readonly groupOf: Population["groupOf"];
  readonly conduct: ConductState | undefined;
}

/** Takes what their devices would have earned elsewhere off the gains of the groups of those who worked. */
function takeForgone(gains: Float64Array, { count, account }: DeliveryRows, terms: ForgoneTerms): void {
  const { discount, opportunity, groupOf, conduct } = terms;
  const shareUsed = conduct?.conduct.shareUsed;
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
    const used = conduct === undefined || shareUsed === undefined ? 1 : shareUsed[conduct.attack[i] + 1];
    sum -= discount * used * opportunity[i];
  }
  gains[group] = sum;
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
