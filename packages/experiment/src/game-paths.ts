/** Where populations go in a game: what a phase portrait is drawn from. */
import { bimatrixGame, type PopulationGame, profilesOf, replicatorPath, twoPopulations } from "@shardlab/games";
import type { PopulationAnswer, RolesAnswer } from "./game-answer.ts";
import { populationGame } from "./game-lead.ts";

/** A path of the replicator dynamics: the shares at each time. */
export interface GamePath {
  readonly times: readonly number[];
  readonly points: readonly (readonly number[])[];
}

const longest = 120;
const pointsKept = 400;

function pathsFrom(game: PopulationGame, starts: readonly (readonly number[])[]): GamePath[] {
  return starts.map((start) => {
    const { shares, times } = replicatorPath(game, Float64Array.from(start), { longest, points: pointsKept });
    const point = (k: number): number[] => [...shares.slice(k * game.strategies, (k + 1) * game.strategies)];
    return { times: [...times], points: Array.from(times, (_, k) => point(k)) };
  });
}

/** Starts all over the simplex: evenly for three strategies, else the centre and one near each of the first three strategies. */
function startsOf(strategies: number): number[][] {
  if (strategies === 3) return profilesOf(3, 4).map((counts) => counts.map((count) => (count + 1 / 3) / 5));
  const centre = new Array<number>(strategies).fill(1 / strategies);
  const near = Array.from({ length: Math.min(3, strategies) }, (_, much) =>
    centre.map((share, i) => share / 2 + (i === much ? 0.5 : 0)),
  );
  return strategies === 1 ? [centre] : [centre.map((_, i) => skewed(strategies, i)), ...near];
}

/** Shares that differ a little, because an even mix of all may be a rest point: 1, 2, 3 ... over their sum. */
const skewed = (strategies: number, i: number): number => (2 * (i + 1)) / (strategies * (strategies + 1));

/** Paths of one population, from starts spread over the simplex. */
export function populationPaths({ strategies, players, payoffs }: PopulationAnswer): GamePath[] {
  const values = Float64Array.from(payoffs.flat(), ({ value }) => value);
  return pathsFrom(populationGame({ strategies: strategies.length, players }, values), startsOf(strategies.length));
}

/** Paths of two populations, the shares of the rows first. */
export function rolesPaths({ strategies, payoffs }: RolesAnswer): GamePath[] {
  const matrix = (cells: RolesAnswer["payoffs"]["row"]): number[][] =>
    cells.map((row) => row.map(({ value }) => value));
  const game = twoPopulations(bimatrixGame({ row: matrix(payoffs.row), column: matrix(payoffs.column) }));
  const isSquare = strategies.row.length === 2 && strategies.column.length === 2;
  const starts = isSquare ? squareStarts : rectangleStarts(strategies.row.length, strategies.column.length);
  return pathsFrom(game, starts);
}

const squareStarts = [0.15, 0.5, 0.85].flatMap((row) =>
  [0.15, 0.5, 0.85].map((column) => [row, 1 - row, column, 1 - column]),
);

function rectangleStarts(rows: number, columns: number): number[][] {
  const [ofRows, ofColumns] = [startsOf(rows), startsOf(columns)];
  const count = Math.min(4, Math.max(ofRows.length, ofColumns.length));
  return Array.from({ length: count }, (_, k) => [...ofRows[k % ofRows.length], ...ofColumns[k % ofColumns.length]]);
}

/**
 * How an equilibrium of two roles takes a push: where every other strategy earns less it lasts. Between two strategies each, paths
 * turn around a mix that each side wants to leave in turn, and leave one that both want to leave together; anything else may drift.
 */
export function rolesRest(answer: RolesAnswer, index: number): "stable" | "neutral" | "unstable" {
  const { row, column, isDegenerate } = answer.equilibria[index];
  const isPure = [...row, ...column].every(({ value }) => value === 0 || value === 1);
  if (isDegenerate) return "neutral";
  if (isPure) return "stable";
  if (row.length !== 2 || column.length !== 2) return "neutral";
  const bend = (cells: RolesAnswer["payoffs"]["row"]): number =>
    cells[0][0].value - cells[0][1].value - cells[1][0].value + cells[1][1].value;
  return bend(answer.payoffs.row) * bend(answer.payoffs.column) > 0 ? "unstable" : "neutral";
}
