/**
 * What the uncertainty of payoffs does to equilibria and regrets: everything is computed anew in each drawn table, and the middle
 * 95 % of it is told.
 *
 * The regret of a mix in a drawn table says by how much somebody could do better if payoffs were those: 0 in the table of means
 * where the mix is its equilibrium, and no more than its upper limit with 97.5 % confidence. An equilibrium is followed from the
 * means into each table within its own support; where there is none any more, it does not persist.
 *
 * Limits: quantiles of `count` draws. Checked against the normal distribution of a share that is a ratio of payoffs.
 */
import type { Estimate } from "@shardlab/contracts";
import { type BimatrixGame, isWithin, meanPayoff, type PopulationGame, rolesRegret, transposed } from "./game.ts";
import type { PayoffDraws } from "./payoff-draws.ts";
import { refine } from "./population-equilibria.ts";
import { mixerOf } from "./support-enumeration.ts";

/**
 * @property shares and payoff over the draws in which the equilibrium persists; the values themselves where it never does.
 * @property gains what changing to each strategy gains at the equilibrium of the means.
 * @property regret the greatest of these.
 * @property persistence share of draws in which there is an equilibrium of the same support.
 */
export interface EquilibriumInterval {
  readonly shares: readonly Estimate[];
  readonly payoff: Estimate;
  readonly gains: readonly Estimate[];
  readonly regret: Estimate;
  readonly persistence: number;
}

/** @property build the game of a table of payoffs, of `cells` numbers. */
export interface Uncertainty {
  readonly cells: number;
  readonly draws: PayoffDraws;
  readonly count: number;
  readonly build: (payoffs: Float64Array) => PopulationGame;
}

export interface FollowedEquilibrium {
  readonly shares: Float64Array;
  readonly support: number;
  readonly payoff: number;
}

/** Intervals of equilibria of the game of means, one each. */
export function equilibriumIntervals(
  game: PopulationGame,
  equilibria: readonly FollowedEquilibrium[],
  { cells, draws, count, build }: Uncertainty,
): EquilibriumInterval[] {
  const tallies = equilibria.map(() => new Tally(game.strategies));
  const table = new Float64Array(cells);
  const payoffs = new Float64Array(game.strategies);
  for (let index = 0; index < count; index++) {
    draws.draw(index, table);
    const drawn = build(table);
    for (const [at, equilibrium] of equilibria.entries()) {
      drawn.payoffsAt(equilibrium.shares, payoffs);
      tallies[at].addGains(payoffs, equilibrium.shares);
      const followed = refine(drawn, equilibrium.shares, equilibrium.support);
      if (followed) tallies[at].addPlace(followed.shares, followed.payoff);
    }
  }
  return equilibria.map((equilibrium, at) => {
    game.payoffsAt(equilibrium.shares, payoffs);
    return tallies[at].summary({ ...equilibrium, gains: gainsOf(payoffs, equilibrium.shares) }, count);
  });
}

function gainsOf(payoffs: Float64Array, shares: Float64Array): Float64Array {
  const mean = meanPayoff(payoffs, shares);
  return payoffs.map((payoff) => payoff - mean);
}

/** What was seen of one equilibrium. */
class Tally {
  private readonly shares: number[][];
  private readonly gains: number[][];
  private readonly regrets: number[] = [];
  private readonly payoffs: number[] = [];

  constructor(strategies: number) {
    this.shares = Array.from({ length: strategies }, () => []);
    this.gains = Array.from({ length: strategies }, () => []);
  }

  addGains(payoffs: Float64Array, shares: Float64Array): void {
    const gains = gainsOf(payoffs, shares);
    for (const [i, gain] of gains.entries()) this.gains[i].push(gain);
    this.regrets.push(gains.reduce((most, gain) => Math.max(most, gain), 0));
  }

  addPlace(shares: Float64Array, payoff: number): void {
    for (const [i, share] of shares.entries()) this.shares[i].push(share);
    this.payoffs.push(payoff);
  }

  summary(
    at: { readonly shares: Float64Array; readonly payoff: number; readonly gains: Float64Array },
    count: number,
  ): EquilibriumInterval {
    return {
      shares: this.shares.map((seen, i) => middle(seen, at.shares[i])),
      payoff: middle(this.payoffs, at.payoff),
      gains: this.gains.map((seen, i) => middle(seen, at.gains[i])),
      regret: regretAround(this.regrets, Math.max(0, ...at.gains)),
      persistence: this.payoffs.length / count,
    };
  }
}

/** The middle 95 % of what was seen, around `value`. */
function middle(seen: readonly number[], value: number): Estimate {
  if (seen.length === 0) return { value, low: value, high: value };
  const sorted = Float64Array.from(seen).sort();
  return { value, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

/** As `middle`, but down to the value itself: in every other table of payoffs a mix has some regret. */
function regretAround(seen: readonly number[], value: number): Estimate {
  const { low, high } = middle(seen, value);
  return { value, low: Math.min(low, value), high };
}

/** A quantile of sorted values, linear between two of them. */
export function quantile(sorted: Float64Array, probability: number): number {
  const place = probability * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** The draws of two roles: the table of the rows, then that of the columns. */
export interface RolesUncertainty {
  readonly draws: PayoffDraws;
  readonly count: number;
}

export interface RolesMix {
  readonly row: Float64Array;
  readonly column: Float64Array;
}

export interface RolesInterval {
  readonly row: readonly Estimate[];
  readonly column: readonly Estimate[];
  readonly regret: { readonly row: Estimate; readonly column: Estimate };
  readonly persistence: number;
}

/** As `equilibriumIntervals`, for two roles. */
export function rolesIntervals(
  game: BimatrixGame,
  equilibria: readonly RolesMix[],
  { draws, count }: RolesUncertainty,
): RolesInterval[] {
  const { rows, columns } = game;
  const table = new Float64Array(2 * rows * columns);
  const seen = equilibria.map(() => ({
    row: [] as Float64Array[],
    column: [] as Float64Array[],
    regrets: [[], []] as number[][],
  }));
  for (let index = 0; index < count; index++) {
    draws.draw(index, table);
    const drawn = { rows, columns, row: table.slice(0, rows * columns), column: table.slice(rows * columns) };
    for (const [at, mix] of equilibria.entries()) {
      const regret = rolesRegret(drawn, mix);
      seen[at].regrets[0].push(regret.row);
      seen[at].regrets[1].push(regret.column);
      const followed = followRoles(drawn, mix);
      if (!followed) continue;
      seen[at].row.push(followed.row);
      seen[at].column.push(followed.column);
    }
  }
  return equilibria.map((mix, at) => {
    const { row, column, regrets } = seen[at];
    const now = rolesRegret(game, mix);
    const shares = (mixes: readonly Float64Array[], means: Float64Array) =>
      Array.from(means, (share, i) =>
        middle(
          mixes.map((drawn) => drawn[i]),
          share,
        ),
      );
    return {
      row: shares(row, mix.row),
      column: shares(column, mix.column),
      regret: { row: regretAround(regrets[0], now.row), column: regretAround(regrets[1], now.column) },
      persistence: row.length / count,
    };
  });
}

const maskOf = (mix: Float64Array): number => mix.reduce((mask, share, i) => (share > 0 ? mask | (1 << i) : mask), 0);

/** The equilibrium of a drawn game with the supports of `mix`. */
function followRoles({ rows, columns, row, column }: BimatrixGame, mix: RolesMix): RolesMix | undefined {
  const [ofRows, ofColumns] = [maskOf(mix.row), maskOf(mix.column)];
  const againstColumns = mixerOf(row, rows, columns);
  if (againstColumns.solve(ofColumns, ofRows).solutions !== "one") return undefined;
  const y = againstColumns.vertex(ofColumns);
  const againstRows = mixerOf(transposed(column, rows, columns), columns, rows);
  if (againstRows.solve(ofRows, ofColumns).solutions !== "one") return undefined;
  const x = againstRows.vertex(ofRows);
  if (!x || !y || !isWithin(ofRows, y.bestResponses) || !isWithin(ofColumns, x.bestResponses)) return undefined;
  return { row: x.shares, column: y.shares };
}
