/** Which populations a game is measured in, and what each of them says of it. */
import { profileCount, profilesOf } from "@shardlab/games";
import { type EconomyScenario, partOfGroup } from "@shardlab/scenario";

type ProviderGroup = EconomyScenario["providers"][number];

/**
 * A population to be run.
 *
 * @property counts providers of each strategy; together all of the group.
 */
export interface Population {
  readonly counts: readonly number[];
}

/** What a strategy earns against a profile is read off a population. */
export interface GameCell {
  readonly strategy: number;
  /** Index in `profilesOf(strategies, players - 1)`. */
  readonly profile: number;
  /** Index in the populations. */
  readonly population: number;
}

/** @property few share of the group that plays the strategy whose payoff is asked, beside those of its profile. */
export interface GameDesign {
  readonly few: number;
  readonly profiles: readonly (readonly number[])[];
  readonly populations: readonly Population[];
  /** Strategy by strategy, profile by profile: the order of the payoffs of a `ReducedGame`. */
  readonly cells: readonly GameCell[];
}

export interface DesignedGroup {
  readonly strategies: number;
  /** n of the reduced game. */
  readonly players: number;
  /** Providers of the whole group. */
  readonly providers: number;
  /** Share of the group that plays the strategy whose payoff is asked. */
  readonly deviators: number;
}

/** More populations than this are more likely a slip than a plan. */
const mostPopulations = 2000;

/**
 * The populations behind a deviation-preserving reduction (Wiedenbeck and Wellman 2012): where the n - 1 other players are profile
 * c, a share of the group plays strategy i and the rest is divided as c is. Populations that are the same are run once.
 *
 * @throws Error `too few providers: ...` where a strategy could not have one, `too many profiles: ...` beyond 2,000 populations.
 */
export function designGame({ strategies, players, providers, deviators }: DesignedGroup): GameDesign {
  const least = players + 1;
  if (providers < least) throw new Error(`too few providers: ${providers} (expected at least ${least} in the group)`);
  const count = strategies * profileCount(strategies, players - 1);
  if (count > mostPopulations)
    throw new Error(
      `too many profiles: ${count} of ${strategies} strategies and ${players} players (expected at most ${mostPopulations})`,
    );
  const profiles = profilesOf(strategies, players - 1);
  const few = Math.min(providers - (players - 1), Math.max(1, Math.round(deviators * providers)));
  const populations: Population[] = [];
  const known = new Map<string, number>();
  const cells: GameCell[] = [];
  for (let strategy = 0; strategy < strategies; strategy++) {
    for (const [profile, others] of profiles.entries()) {
      const counts = apportioned(others, providers - few);
      counts[strategy] = counts[strategy] + few;
      const key = counts.join();
      const population = known.get(key) ?? populations.length;
      if (population === populations.length) {
        known.set(key, population);
        populations.push({ counts });
      }
      cells.push({ strategy, profile, population });
    }
  }
  return { few: few / providers, profiles, populations, cells };
}

/**
 * The payoffs of one who deviates in a pairwise game, from those of a few: where a few of share e play i among many that play j, they
 * earn e a(i, i) + (1 - e) a(i, j), as far as payoffs are linear in the shares, which the game takes them to be; and a(i, i) was
 * measured where everybody plays i. Without it the influence of the few on themselves would move equilibria by about e.
 *
 * @param table payoffs by strategy, then by what the others play; strategies x strategies.
 */
export function ofOneDeviator(table: Float64Array, strategies: number, few: number): Float64Array {
  return table.map((payoff, cell) => {
    const strategy = Math.floor(cell / strategies);
    return cell % strategies === strategy
      ? payoff
      : (payoff - few * table[strategy * strategies + strategy]) / (1 - few);
  });
}

/** Divides `total` as the weights are, whole: what is left over goes to the largest remainders (Hamilton's method). */
export function apportioned(weights: readonly number[], total: number): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const quotas = weights.map((weight) => (weight * total) / sum);
  const counts = quotas.map(Math.floor);
  const left = total - counts.reduce((all, count) => all + count, 0);
  const byRemainder = quotas
    .map((quota, index) => ({ index, remainder: quota - Math.floor(quota) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder.slice(0, left)) counts[index] = counts[index] + 1;
  return counts;
}

/** The scenario in which each part of the group plays its strategy; parts without a provider are left out. */
export function scenarioOf(
  scenario: EconomyScenario,
  group: string,
  parts: readonly { readonly strategy: string; readonly count: number; readonly as: ProviderGroup }[],
): EconomyScenario {
  const present = parts.filter(({ count }) => count > 0);
  const divided = present.map(({ strategy, count, as }) => ({ ...as, group: partOfGroup(group, strategy), count }));
  return { ...scenario, providers: scenario.providers.flatMap((one) => (one.group === group ? divided : [one])) };
}
