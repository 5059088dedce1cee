/**
 * `shardlab game` on a scenario: the payoffs of strategies, measured by running the economy with a few providers of one strategy among
 * many of others (empirical game-theoretic analysis: Wellman, "Methods for empirical game-theoretic analysis", AAAI 2006).
 */
import { alternatives } from "@shardlab/contracts";
import { type Coordinate, readMeasures, runIdOf } from "@shardlab/results";
import {
  type AnalysisArm,
  analysisArms,
  armLabel,
  type EconomyScenario,
  economyOf,
  type GameSpec,
  type LoadedScenario,
  partOfGroup,
  scenarioHash,
  strategyGroups,
} from "@shardlab/scenario";
import { executePlan } from "./execute.ts";
import type { ExecuteOptions, Execution, Progress } from "./execute-options.ts";
import { ExperimentError } from "./experiment-error.ts";
import { designGame, type GameDesign, ofOneDeviator, scenarioOf } from "./game-profiles.ts";
import { type Plan, planExperiment } from "./plan.ts";
import { type RunTask, runHashOf } from "./run-task.ts";

/**
 * The payoffs of one arm, as they were measured.
 *
 * @property ownInfluence whether that of the few on themselves is still in the tables.
 * @property tables one for each seed that has every payoff, in the order of `design.cells`; without the influence of
 *   the few on themselves where that was removed, see `ofOneDeviator`.
 */
export interface MeasuredGame {
  readonly arm: string;
  readonly strategies: readonly string[];
  readonly players: number;
  readonly design: GameDesign;
  readonly ownInfluence: GameSpec["ownInfluence"];
  readonly tables: readonly Float64Array[];
  readonly unit: string;
}

/** The runs of a game, and how they are read. */
export interface GamePlan {
  readonly plan: Plan;
  readonly game: GameSpec;
  readonly arms: readonly PlannedArm[];
}

interface PlannedArm {
  readonly label: string;
  readonly strategies: readonly string[];
  readonly design: GameDesign;
  /** By population, then seed. */
  readonly tasks: readonly (readonly RunTask[])[];
}

/** The name under which the runs of a scenario's game are stored. */
export const gameExperimentName = ({ name }: Pick<LoadedScenario, "name">): string => `${name}-game`;

/**
 * The runs that the `game:` of a scenario takes, all arms with the same seeds. They are runs of design `frontier` (measures only)
 * with coordinates `arm` and, for each strategy, `providers/STRATEGY`. Everybody reconsiders every day, see `decidingDaily`.
 *
 * @throws ExperimentError without `game:`, or where a group is too small.
 */
export function planGame(loaded: LoadedScenario, modelHash: string): GamePlan {
  const { game } = loaded.resolved;
  if (!game) throw new ExperimentError(`no game: ${loaded.name} has neither payoffs nor game (expected one of them)`);
  const plan = planExperiment(loaded, { modelHash, designs: [] });
  const arms = analysisArms(loaded, game).map((arm) => plannedArm({ loaded, game, modelHash }, arm));
  const experiment = gameExperimentName(loaded);
  return { plan: { ...plan, experiment, tasks: arms.flatMap(({ tasks }) => tasks.flat()) }, game, arms };
}

interface Planning {
  readonly loaded: LoadedScenario;
  readonly game: GameSpec;
  readonly modelHash: string;
}

function plannedArm({ loaded, game, modelHash }: Planning, arm: AnalysisArm): PlannedArm {
  const groups = strategyGroups(loaded, game, arm);
  const strategies = [...groups.keys()];
  const scenario = decidingDaily(economyOf(arm.scenario), game);
  const providers = scenario.providers.find(({ group }) => group === game.group)?.count ?? 0;
  const design = designOf({
    strategies: strategies.length,
    players: game.players,
    providers,
    deviators: game.deviators,
  });
  const label = armLabel(arm.point);
  const { first } = loaded.resolved.seeds;
  const tasks = design.populations.map(({ counts }, point) => {
    const parts = strategies.map((strategy, index) => {
      return { strategy, count: counts[index], as: groups.get(strategy) as (typeof scenario.providers)[number] };
    });
    const divided = scenarioOf(scenario, game.group, parts);
    const hash = scenarioHash(divided);
    const coordinates: Record<string, Coordinate> = { arm: label };
    for (const { strategy, count } of parts) coordinates[`providers/${strategy}`] = count;
    return Array.from({ length: game.seeds }, (_, index): RunTask => {
      const task = {
        ...{ design: "frontier" as const, coordinates, seed: first + index, scenario: divided, scenarioHash: hash },
        ...(arm.point.plugin && { plugin: arm.point.plugin }),
      };
      return { ...task, point, arm: label, runHash: runHashOf(task, modelHash) };
    });
  });
  return { label, strategies, design, tasks };
}

const secondsPerDay = 86_400;

/**
 * Everybody reconsiders every day, unless the game says otherwise: providers decide in blocks of neighbours spread over a longer
 * period, so that a few would all decide, and so join, on the same day of it, which is not what their strategy does.
 */
function decidingDaily(scenario: EconomyScenario, game: GameSpec): EconomyScenario {
  const { participation } = scenario;
  const isSaid = Object.keys(game.with).some((path) => path === "participation" || path === "participation.revision");
  return isSaid ? scenario : { ...scenario, participation: { ...participation, revision: secondsPerDay } };
}

function designOf(group: Parameters<typeof designGame>[0]): GameDesign {
  try {
    return designGame(group);
  } catch (error) {
    throw new ExperimentError(error instanceof Error ? error.message : String(error));
  }
}

/** Runs were interrupted or failed before there was a game; those that ended well are stored. */
export class GameStopped extends Error {
  override readonly name = "GameStopped";
  readonly execution: Execution;

  constructor(execution: Execution) {
    super(execution.isInterrupted ? "interrupted" : `${execution.failed.length} runs failed`);
    this.execution = execution;
  }
}

export type GameOptions = Omit<ExecuteOptions, "onProgress"> & { readonly onProgress?: (progress: Progress) => void };

/**
 * Makes the runs that are not stored yet and reads the payoffs of every arm.
 * @throws ExperimentError where the runs have no such measure; GameStopped.
 */
export async function measureGame(
  planned: GamePlan,
  options: GameOptions,
): Promise<{ games: MeasuredGame[]; execution: Execution }> {
  const execution = await executePlan(planned.plan, options);
  if (execution.isInterrupted || execution.failed.length > 0) throw new GameStopped(execution);
  const measured = await measuresOf(options.directory, planned.plan.tasks);
  return { games: planned.arms.map((arm) => readGame(planned.game, arm, measured)), execution };
}

interface Measured {
  readonly values: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly units: ReadonlyMap<string, string>;
}

async function measuresOf(directory: string, tasks: readonly RunTask[]): Promise<Measured> {
  const values = new Map<string, Map<string, number>>(tasks.map(({ runHash }) => [runIdOf(runHash), new Map()]));
  const units = new Map<string, string>();
  for (const { run, name, unit, value } of await readMeasures(directory)) {
    const ofRun = values.get(run);
    if (!ofRun) continue;
    units.set(name, unit);
    if (Number.isFinite(value)) ofRun.set(name, value);
  }
  return { values, units };
}

function readGame(
  { group, measure, players, ownInfluence }: GameSpec,
  arm: PlannedArm,
  { values, units }: Measured,
): MeasuredGame {
  const names = arm.strategies.map((strategy) => `${measure}/${partOfGroup(group, strategy)}`);
  const missing = names.find((name) => !units.has(name));
  if (missing !== undefined) throw new ExperimentError(`unknown measure: ${measure}${knownMeasures(measure, units)}`);
  const seeds = arm.tasks[0]?.length ?? 0;
  const tables = Array.from({ length: seeds }, (_, seed) =>
    Float64Array.from(arm.design.cells, ({ strategy, population }) => {
      const task = arm.tasks[population]?.[seed] as RunTask;
      return values.get(runIdOf(task.runHash))?.get(names[strategy]) ?? Number.NaN;
    }),
  )
    .filter((table) => table.every(Number.isFinite))
    .map((table) =>
      players === 2 && ownInfluence === "removed" ? ofOneDeviator(table, names.length, arm.design.few) : table,
    );
  if (tables.length < 2)
    throw new ExperimentError(
      `too few seeds with a finite ${measure}: ${tables.length} of ${seeds} (expected at least 2)`,
    );
  const unit = units.get(names[0]) ?? "";
  const { label, strategies, design } = arm;
  return { arm: label, strategies, players, design, ownInfluence: players === 2 ? ownInfluence : "kept", tables, unit };
}

/** Measures that groups of providers have. */
function knownMeasures(measure: string, units: ReadonlyMap<string, string>): string {
  const ofGroups = [...units.keys()].filter((name) => name.includes("/")).map((name) => name.split("/")[0] as string);
  const known = [...new Set(ofGroups)];
  if (measure === "payoff") return " (an economy has it where it says a strategy, attacks or verification)";
  return known.length === 0 ? " (expected one that groups of providers have)" : alternatives(measure, known);
}
