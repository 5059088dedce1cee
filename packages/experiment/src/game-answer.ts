/** What a game says: equilibria, how much is lost by not playing them, which of them last, and where populations end. */
import type { Estimate } from "@shardlab/contracts";
import {
  basinsOfAttraction,
  type EquilibriumInterval,
  equilibriumIntervals,
  evolutionaryStability,
  independentDraws,
  logitBranch,
  meanOf,
  mostEnumerated,
  mostEnumeratedInRoles,
  type PayoffDraws,
  type PopulationGame,
  pairedDraws,
  populationEquilibria,
  profilesOf,
  rolesEquilibria,
  rolesIntervals,
  type Stability,
  symmetricEquilibria,
  symmetricLemkeHowson,
} from "@shardlab/games";
import type { GameFile } from "@shardlab/scenario";
import { ExperimentError } from "./experiment-error.ts";
import { type LeadEstimate, leadOfFirst, populationGame } from "./game-lead.ts";
import type { MeasuredGame } from "./game-runs.ts";
import { studentTInterval } from "./interval.ts";

/**
 * An equilibrium of one population.
 *
 * @property gains by strategy: what changing to it would gain, 0 for those in use.
 * @property regret the greatest gain.
 * @property persistence share of the payoff tables within the errors that have an equilibrium of the same strategies; null where
 *   payoffs are exact.
 * @property basin share of starting points from which the population comes here; that of the whole component in degenerate games.
 */
export interface EquilibriumAnswer {
  readonly shares: readonly Estimate[];
  readonly payoff: Estimate;
  readonly gains: readonly Estimate[];
  readonly regret: Estimate;
  readonly persistence: number | null;
  readonly stability: Stability;
  readonly basin: Estimate;
  readonly isDegenerate: boolean;
  readonly component: number;
}

/**
 * @property profiles what the others play: how many of `players` - 1 each strategy.
 * @property payoffs by strategy and profile, with 95 % intervals.
 * @property deviators share of the group that stood for one who deviates, and whether its influence on itself is in the payoffs; null
 *   where payoffs were written down.
 * @property pureRegrets by strategy: what one could gain where everybody plays it.
 * @property selected index of the equilibrium that logit choice leads to as its noise vanishes; null where it is near none.
 * @property lead of two strategies: by how much the first earns more than the second, over its share; null of more.
 * @property search `all` where every equilibrium is listed, `some` where others may exist.
 */
export interface PopulationAnswer {
  readonly kind: "symmetric";
  readonly arm: string;
  readonly unit: string;
  readonly strategies: readonly string[];
  readonly players: number;
  readonly profiles: readonly (readonly number[])[];
  readonly payoffs: readonly (readonly Estimate[])[];
  readonly observations: number | null;
  readonly deviators: { readonly share: number; readonly ownInfluence: "removed" | "kept" } | null;
  readonly equilibria: readonly EquilibriumAnswer[];
  readonly pureRegrets: readonly Estimate[];
  readonly elsewhere: Estimate;
  readonly selected: number | null;
  readonly lead: readonly LeadEstimate[] | null;
  readonly search: "all" | "some";
}

export interface RolesEquilibriumAnswer {
  readonly row: readonly Estimate[];
  readonly column: readonly Estimate[];
  readonly payoffs: { readonly row: number; readonly column: number };
  readonly regret: { readonly row: Estimate; readonly column: Estimate };
  readonly persistence: number | null;
  readonly isDegenerate: boolean;
  readonly component: number;
}

export interface RolesAnswer {
  readonly kind: "roles";
  readonly unit: string;
  readonly roles: { readonly row: string; readonly column: string };
  readonly strategies: { readonly row: readonly string[]; readonly column: readonly string[] };
  readonly payoffs: {
    readonly row: readonly (readonly Estimate[])[];
    readonly column: readonly (readonly Estimate[])[];
  };
  readonly equilibria: readonly RolesEquilibriumAnswer[];
}

export type GameAnswer = PopulationAnswer | RolesAnswer;

/** How much work an answer may take, and the seed of its draws. */
export interface AnswerEffort {
  readonly draws: number;
  readonly starts: number;
  readonly seed: number;
}

interface PopulationSource {
  readonly arm: string;
  readonly unit: string;
  readonly strategies: readonly string[];
  readonly players: number;
  readonly values: Float64Array;
  readonly payoffs: readonly Estimate[];
  readonly draws: PayoffDraws | undefined;
  readonly observations: number | null;
  readonly deviators: PopulationAnswer["deviators"];
}

/** The answer of a game whose payoffs were measured, paired by seed. */
export function answerMeasured(game: MeasuredGame, effort: AnswerEffort): PopulationAnswer {
  const { arm, unit, strategies, players, tables } = game;
  const values = meanOf(tables);
  const payoffs = Array.from(values, (value, cell): Estimate => {
    const squares = tables.reduce((sum, table) => sum + (table[cell] - value) ** 2, 0);
    const [low, high] = studentTInterval(
      value,
      Math.sqrt(squares / (tables.length - 1) / tables.length),
      tables.length - 1,
    );
    return { value, low, high };
  });
  const deviators = { share: game.design.few, ownInfluence: game.ownInfluence };
  const draws = pairedDraws({ observations: tables, seed: effort.seed });
  const source = { arm, unit, strategies, players, values, payoffs, draws, observations: tables.length, deviators };
  return answerPopulation(source, effort);
}

/** The answer of a game whose payoffs are written down. @throws ExperimentError where there are too many strategies for two roles. */
export function answerFile(game: GameFile): GameAnswer {
  const effort = { draws: game.draws, starts: game.starts, seed: game.seed };
  if (game.kind === "roles") return answerRoles(game, effort);
  const { values, errors } = game.payoffs;
  const isExact = errors.every((error) => error === 0);
  const draws = isExact ? undefined : independentDraws({ values, errors, seed: effort.seed });
  const payoffs = normalEstimates(values, errors);
  const { strategies, unit, name } = game;
  return answerPopulation(
    { arm: name, unit, strategies, players: 2, values, payoffs, draws, observations: null, deviators: null },
    effort,
  );
}

const normalQuantile975 = 1.959963984540054;

const normalEstimates = (values: Float64Array, errors: Float64Array): Estimate[] =>
  Array.from(values, (value, cell) => {
    const half = normalQuantile975 * errors[cell];
    return { value, low: value - half, high: value + half };
  });

interface FoundEquilibrium {
  readonly shares: Float64Array;
  readonly support: number;
  readonly bestResponses: number;
  readonly payoff: number;
  readonly isDegenerate: boolean;
  readonly component: number;
}

function answerPopulation(source: PopulationSource, effort: AnswerEffort): PopulationAnswer {
  const { strategies, players, values } = source;
  const size = strategies.length;
  const game = populationGame({ strategies: size, players }, values);
  const { equilibria, search } = findEquilibria(game, source);
  const pure = strategies.map((_, index) => {
    const shares = new Float64Array(size);
    shares[index] = 1;
    return { shares, support: 1 << index, payoff: 0 };
  });
  const intervals = intervalsOf(game, [...equilibria, ...pure], { source, effort });
  const basins = basinsOfAttraction(game, equilibria, effort);
  const profiles = profilesOf(size, players - 1);
  const { arm, unit, observations, deviators } = source;
  return {
    ...{ kind: "symmetric", arm, unit, strategies, players, profiles, observations, deviators, search },
    payoffs: strategies.map((_, i) => source.payoffs.slice(i * profiles.length, (i + 1) * profiles.length)),
    equilibria: equilibria.map((equilibrium, index) => ({
      ...told(intervals[index], source.draws !== undefined),
      stability: stabilityOf(game, equilibrium),
      basin: basins.components[equilibrium.component],
      isDegenerate: equilibrium.isDegenerate,
      component: equilibrium.component,
    })),
    pureRegrets: intervals.slice(equilibria.length).map(({ regret }) => regret),
    elsewhere: basins.elsewhere,
    selected: selectedByLogit(game, equilibria),
    lead: size === 2 ? leadOfFirst(players, values, drawsOf(source, effort)) : null,
  };
}

const told = ({ persistence, ...interval }: EquilibriumInterval, isUncertain: boolean) => ({
  ...interval,
  persistence: isUncertain ? persistence : null,
});

function intervalsOf(
  game: PopulationGame,
  mixes: Parameters<typeof equilibriumIntervals>[1],
  { source, effort }: { readonly source: PopulationSource; readonly effort: AnswerEffort },
): EquilibriumInterval[] {
  const { strategies, players, values } = source;
  const size = strategies.length;
  return equilibriumIntervals(game, mixes, {
    cells: values.length,
    ...drawsOf(source, effort),
    build: (payoffs) => populationGame({ strategies: size, players }, payoffs),
  });
}

function stabilityOf(game: PopulationGame, equilibrium: FoundEquilibrium): Stability {
  try {
    return evolutionaryStability(game, equilibrium);
  } catch (error) {
    throw new ExperimentError(error instanceof Error ? error.message : String(error));
  }
}

const sharpest = 300;
const nearLimit = 0.05;

function selectedByLogit(game: PopulationGame, equilibria: readonly FoundEquilibrium[]): number | null {
  const { points, isComplete } = logitBranch(game, sharpest);
  const limit = points.at(-1)?.shares;
  if (!isComplete || limit === undefined) return null;
  const distances = equilibria.map(({ shares }) =>
    shares.reduce((most, share, i) => Math.max(most, Math.abs(share - limit[i])), 0),
  );
  const nearest = distances.indexOf(Math.min(...distances));
  return nearest >= 0 && distances[nearest] < nearLimit ? nearest : null;
}

/** Tables within the errors; the one table there is where payoffs are exact. */
function drawsOf({ values, draws }: PopulationSource, effort: AnswerEffort): { draws: PayoffDraws; count: number } {
  return draws ? { draws, count: effort.draws } : { draws: { draw: (_, out) => out.set(values) }, count: 1 };
}

function findEquilibria(
  game: PopulationGame,
  { strategies, players, values }: PopulationSource,
): { equilibria: FoundEquilibrium[]; search: PopulationAnswer["search"] } {
  const size = strategies.length;
  const matrix = { strategies: size, payoffs: values };
  if (players === 2 && size <= mostEnumerated) return { equilibria: symmetricEquilibria(matrix), search: "all" };
  if (players > 2) {
    const equilibria = populationEquilibria(game).map((one, component) => ({
      ...{ ...one, component, isDegenerate: one.bestResponses !== one.support },
    }));
    return { equilibria, search: "some" };
  }
  if (size > 31) throw new ExperimentError(`too many strategies: ${size} (expected at most 31)`);
  return { equilibria: pathEnds(game, matrix), search: "some" };
}

/** The different equilibria that the paths from all labels end at. */
function pathEnds(game: PopulationGame, matrix: Parameters<typeof symmetricLemkeHowson>[0]): FoundEquilibrium[] {
  const found: FoundEquilibrium[] = [];
  const payoffs = new Float64Array(game.strategies);
  for (let label = 0; label < game.strategies; label++) {
    const { shares } = symmetricLemkeHowson(matrix, label);
    if (found.some((known) => known.shares.every((share, i) => Math.abs(share - shares[i]) < 1e-7))) continue;
    game.payoffsAt(shares, payoffs);
    const best = payoffs.reduce((most, payoff) => Math.max(most, payoff));
    const maskOf = (holds: (i: number) => boolean): number =>
      payoffs.reduce((mask, _, i) => (holds(i) ? mask | (1 << i) : mask), 0);
    const support = maskOf((i) => shares[i] > 1e-9);
    const bestResponses = maskOf((i) => payoffs[i] >= best - 1e-8 * game.scale);
    const component = found.length;
    found.push({ shares, support, bestResponses, payoff: best, isDegenerate: support !== bestResponses, component });
  }
  return found;
}

function answerRoles(game: Extract<GameFile, { kind: "roles" }>, effort: AnswerEffort): RolesAnswer {
  const { roles, strategies, payoffs, unit } = game;
  const [rows, columns] = [strategies.row.length, strategies.column.length];
  if (rows + columns > mostEnumeratedInRoles)
    throw new ExperimentError(
      `too many strategies: ${rows} and ${columns} (expected at most ${mostEnumeratedInRoles} of both roles together)`,
    );
  const matrices = { rows, columns, row: payoffs.row.values, column: payoffs.column.values };
  const values = Float64Array.of(...payoffs.row.values, ...payoffs.column.values);
  const errors = Float64Array.of(...payoffs.row.errors, ...payoffs.column.errors);
  const isExact = errors.every((error) => error === 0);
  const equilibria = rolesEquilibria(matrices);
  const draws = independentDraws({ values, errors, seed: effort.seed });
  const intervals = rolesIntervals(matrices, equilibria, { draws, count: isExact ? 1 : effort.draws });
  const inRows = (cells: readonly Estimate[]): Estimate[][] =>
    strategies.row.map((_, i) => cells.slice(i * columns, (i + 1) * columns));
  return {
    ...{ kind: "roles", unit, roles, strategies },
    payoffs: {
      row: inRows(normalEstimates(payoffs.row.values, payoffs.row.errors)),
      column: inRows(normalEstimates(payoffs.column.values, payoffs.column.errors)),
    },
    equilibria: equilibria.map(({ payoffs: earned, isDegenerate, component }, index) => {
      const interval = intervals[index] as (typeof intervals)[number];
      return {
        ...interval,
        persistence: isExact ? null : interval.persistence,
        payoffs: earned,
        isDegenerate,
        component,
      };
    }),
  };
}
