/** The game of a table of payoffs, and who leads in it where there are two strategies. */
import type { Estimate } from "@shardlab/contracts";
import { type PayoffDraws, type PopulationGame, pairwise, quantile, reducedGame } from "@shardlab/games";

/** The game of a table of payoffs, in the order of `ReducedGame`. */
export function populationGame(
  { strategies, players }: { readonly strategies: number; readonly players: number },
  payoffs: Float64Array,
): PopulationGame {
  return players === 2 ? pairwise({ strategies, payoffs }) : reducedGame({ strategies, players, payoffs });
}

/** By how much the first of two strategies earns more than the second, where `share` of the population plays it. */
export interface LeadEstimate extends Estimate {
  readonly share: number;
}

const leadPoints = 40;

/** The lead of the first of two strategies at 41 shares, with the middle 95 % of what it is in drawn tables of payoffs. */
export function leadOfFirst(
  players: number,
  values: Float64Array,
  { draws, count }: { readonly draws: PayoffDraws; readonly count: number },
): LeadEstimate[] {
  const table = new Float64Array(values.length);
  const means = leadsOf(players, values);
  const seen = means.map(() => new Float64Array(count));
  for (let index = 0; index < count; index++) {
    draws.draw(index, table);
    for (const [k, lead] of leadsOf(players, table).entries()) seen[k][index] = lead;
  }
  return means.map((value, k) => {
    const sorted = seen[k].sort();
    return { share: k / leadPoints, value, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
  });
}

function leadsOf(players: number, values: Float64Array): number[] {
  const game = populationGame({ strategies: 2, players }, values);
  const earned = new Float64Array(2);
  return Array.from({ length: leadPoints + 1 }, (_, k) => {
    game.payoffsAt(Float64Array.of(k / leadPoints, 1 - k / leadPoints), earned);
    return earned[0] - earned[1];
  });
}
