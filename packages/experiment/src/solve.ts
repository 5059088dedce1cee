/** `shardlab solve`: the value of a scenario's parameter at which two measured quantities meet. */

import { createHash } from "node:crypto";
import { alternatives } from "@shardlab/contracts";
import { type Coordinate, readMeasures, replaceFile, runIdOf } from "@shardlab/results";
import {
  canonicalJson,
  expressionFault,
  type LoadedScenario,
  type MeasureReference,
  numberAt,
  parseRelation,
  referencesOf,
  scenarioHash,
  type TypedExpression,
  typedDifference,
  withValues,
} from "@shardlab/scenario";
import { executePlan } from "./execute.ts";
import type { ExecuteOptions, Execution } from "./execute-options.ts";
import { ExperimentError } from "./experiment-error.ts";
import type { ValuesBySeed } from "./paired.ts";
import { type Plan, planExperiment } from "./plan.ts";
import { type Arm, type RunTask, runHashOf } from "./run-task.ts";
import { findThreshold, type Threshold } from "./threshold.ts";
import type { ThresholdOptions } from "./threshold-sampler.ts";

/**
 * @property relation such as `protocol-models:compute >= closed-lab:compute`, see `parseRelation`.
 * @property path dotted path of the parameter; low and high are in SI.
 * @property mostRuns the most runs that the answer may take, made or found; an x takes one for each arm and seed.
 */
export interface SolveQuestion
  extends Pick<ThresholdOptions, "low" | "high" | "scale" | "isInteger" | "gridPoints" | "seeds" | "intervalTarget"> {
  readonly relation: string;
  readonly path: string;
  readonly mostRuns: number;
}

/**
 * The answer, as it is stored and printed.
 *
 * @property unit of left minus right, in which residual, slope and points are.
 * @property arms those that the relation speaks of.
 * @property runs made now, and found in the results.
 */
export interface Solution extends Threshold {
  readonly experiment: string;
  readonly question: SolveQuestion;
  readonly unit: string;
  readonly arms: readonly string[];
  readonly scenarioHash: string;
  readonly modelHash: string;
  readonly runs: { readonly total: number; readonly made: number; readonly cached: number };
}

export type SolveOptions = Omit<ExecuteOptions, "onProgress" | "onTask"> & {
  readonly modelHash: string;
  /** Told how many runs are there and how many the answer is expected to take. */
  readonly onProgress?: (done: number, expected: number) => void;
};

/** Runs were interrupted or failed before there was an answer; those that ended well are stored. */
export class SolveStopped extends Error {
  override readonly name = "SolveStopped";
  readonly execution: Execution;

  constructor(execution: Execution) {
    super(execution.isInterrupted ? "interrupted" : `${execution.failed.length} runs failed`);
    this.execution = execution;
  }
}

/** Runs of one scenario's searches lie together under this name, so that they share what they have in common. */
export const solveExperimentName = (loaded: LoadedScenario): string => `${loaded.name}-solve`;

/**
 * Searches the threshold, with runs that are stored in `options.directory` and not made twice. They are runs of design
 * `frontier` (measures only) with coordinates `arm` and the path. Whatever happens to be stored, the same question has the
 * same answer.
 *
 * @throws ExperimentError for a relation, an arm, a measure or a path that is not there; SolveStopped.
 */
export async function solveScenario(
  loaded: LoadedScenario,
  question: SolveQuestion,
  options: SolveOptions,
): Promise<Solution> {
  const { left, right, relation } = parseRelation(question.relation);
  const { modelHash } = options;
  const plan = planExperiment(loaded, { modelHash, designs: [] });
  const references = [...referencesOf(left), ...referencesOf(right)];
  if (references.length === 0) throw expressionFault(1, "no measure in it");
  const armOf = armsByReference(plan, references);
  const arms = plan.arms.filter((arm) => [...armOf.values()].includes(arm));
  checkPath(loaded, question, arms);
  const runner = new SolveRunner(plan, arms, question, options);
  const units = await runner.units();
  const difference = typedDifference(left, right, units);
  const seedsThatFit = Math.floor(question.mostRuns / arms.length / (question.gridPoints + 2));
  if (seedsThatFit < 1) {
    throw new ExperimentError(
      `too few runs: ${question.mostRuns} (expected at least ${arms.length * (question.gridPoints + 2)}: ${question.gridPoints} points for ${arms.length} arms, and two more)`,
    );
  }
  const threshold = await findThreshold((xs, seeds) => runner.evaluate(xs, seeds, difference, armOf), {
    ...question,
    seeds: { ...question.seeds, first: Math.min(question.seeds.first, seedsThatFit) },
    satisfied: relation === ">=" ? "at least zero" : "at most zero",
    mostEvaluations: Math.floor(question.mostRuns / arms.length),
    onProgress: (known, expected) => runner.expect(known * arms.length, expected * arms.length),
  });
  return {
    ...threshold,
    experiment: loaded.name,
    question,
    unit: difference.unit,
    arms: arms.map(({ label }) => label),
    scenarioHash: loaded.hash,
    modelHash,
    runs: runner.counts,
  };
}

/** The arm that each measure is of. */
function armsByReference({ arms }: Plan, references: readonly MeasureReference[]): Map<MeasureReference, Arm> {
  const labels = arms.map(({ label }) => label);
  return new Map(
    references.map((reference) => {
      const { arm: wanted, name, column } = reference;
      if (wanted === undefined && arms.length > 1) {
        const example = `${!/^[A-Za-z][\w-]*$/.test(labels[0]) ? `"${labels[0]}"` : labels[0]}:${name}`;
        throw expressionFault(
          column,
          `no arm for ${name}: there are ${labels.join(", ")} (expected such as ${example})`,
        );
      }
      const arm = wanted === undefined ? arms[0] : arms.find(({ label }) => label === wanted);
      if (!arm) throw expressionFault(column, `unknown arm: ${wanted}${alternatives(String(wanted), labels)}`);
      return [reference, arm];
    }),
  );
}

function checkPath(loaded: LoadedScenario, { path }: SolveQuestion, arms: readonly Arm[]): void {
  if (Object.hasOwn(loaded.resolved.sweep, path)) {
    throw new ExperimentError(`${path} is swept by the scenario (expected a path that it leaves alone)`);
  }
  if (arms.some(({ scenario }) => numberAt(scenario, path) !== undefined)) return;
  throw new ExperimentError(`no number at ${path} in ${arms.map(({ label }) => label).join(", ")}`);
}

type MeasuresOfRun = ReadonlyMap<string, number>;

/** Makes the runs that a search asks for, and reads them back. */
class SolveRunner {
  private readonly plan: Plan;
  private readonly arms: readonly Arm[];
  private readonly question: SolveQuestion;
  private readonly options: SolveOptions;
  private readonly scenarios = new Map<string, Pick<RunTask, "scenario" | "scenarioHash">>();
  private readonly measures = new Map<string, MeasuresOfRun>();
  private readonly unitOf = new Map<string, string>();
  private made = 0;
  private cached = 0;
  private expected = 0;

  constructor(plan: Plan, arms: readonly Arm[], question: SolveQuestion, options: SolveOptions) {
    this.plan = plan;
    this.arms = arms;
    this.question = question;
    this.options = options;
  }

  get counts(): Solution["runs"] {
    return { total: this.measures.size, made: this.made, cached: this.cached };
  }

  /** What all measures are in, from one run of each arm, so that a misspelt name costs no more than that. */
  async units(): Promise<ReadonlyMap<string, string>> {
    await this.run(this.arms.map((arm) => this.task(arm, this.question.low, 0)));
    return this.unitOf;
  }

  /** Left minus right by seed at each x. */
  async evaluate(
    xs: readonly number[],
    seeds: number,
    difference: TypedExpression,
    armOf: ReadonlyMap<MeasureReference, Arm>,
  ): Promise<ValuesBySeed[]> {
    const indices = Array.from({ length: seeds }, (_, index) => index);
    await this.run(xs.flatMap((x) => this.arms.flatMap((arm) => indices.map((index) => this.task(arm, x, index)))));
    return xs.map((x) => {
      const valueAt = (index: number): number | undefined =>
        difference.evaluate((reference) => {
          const arm = armOf.get(reference) as Arm;
          return this.measures.get(runIdOf(this.task(arm, x, index).runHash))?.get(reference.name);
        });
      const values = new Map<number, number>();
      for (const index of indices) {
        const value = valueAt(index);
        if (value !== undefined) values.set(index, value);
      }
      return values;
    });
  }

  expect(known: number, expected: number): void {
    this.expected = Math.max(expected, known);
    this.options.onProgress?.(known, this.expected);
  }

  private task(arm: Arm, x: number, index: number): RunTask {
    const { path } = this.question;
    const key = JSON.stringify([arm.label, x]);
    let at = this.scenarios.get(key);
    if (!at) {
      const scenario = withValues(arm.scenario, { [path]: x });
      at = { scenario, scenarioHash: scenarioHash(scenario) };
      this.scenarios.set(key, at);
    }
    const coordinates: Readonly<Record<string, Coordinate>> = { arm: arm.label, [path]: x };
    const seed = this.plan.scenario.seeds.first + index;
    const task = { design: "frontier", coordinates, seed, ...at } as const;
    return { ...task, point: 0, arm: arm.label, runHash: runHashOf(task, this.plan.modelHash) };
  }

  private async run(wanted: readonly RunTask[]): Promise<void> {
    const tasks = wanted.filter(({ runHash }) => !this.measures.has(runIdOf(runHash)));
    if (tasks.length === 0) return;
    const { modelHash: _, onProgress, ...options } = this.options;
    const before = this.measures.size;
    const plan: Plan = { ...this.plan, experiment: `${this.plan.experiment}-solve`, tasks };
    const execution = await executePlan(plan, {
      ...options,
      onProgress: ({ done, total }) => onProgress?.(before + done, Math.max(this.expected, before + total)),
    });
    if (execution.isInterrupted || execution.failed.length > 0) throw new SolveStopped(execution);
    this.made += execution.made;
    this.cached += execution.cached;
    await this.read(new Set(tasks.map(({ runHash }) => runIdOf(runHash))));
  }

  private async read(runs: ReadonlySet<string>): Promise<void> {
    const found = new Map<string, Map<string, number>>([...runs].map((run) => [run, new Map()]));
    for (const { run, name, unit, value } of await readMeasures(this.options.directory)) {
      const values = found.get(run);
      if (!values) continue;
      this.unitOf.set(name, unit);
      if (Number.isFinite(value)) values.set(name, value);
    }
    for (const [run, values] of found) this.measures.set(run, values);
  }
}

/** A name for the files of an answer: the same question of the same scenario has the same name. */
export function solutionName({ question, scenarioHash: hash, modelHash }: Solution): string {
  const identity = canonicalJson({ question, hash, modelHash });
  return `solve-${createHash("sha256").update(identity).digest("hex").slice(0, 12)}`;
}

/** Writes the answer as JSON beside its runs, replacing an earlier one at once, and returns the path. */
export function storeSolution(directory: string, solution: Solution): string {
  const path = `${directory}/${solutionName(solution)}.json`;
  replaceFile(path, `${JSON.stringify({ schemaVersion: 1, ...solution }, null, 2)}\n`);
  return path;
}
