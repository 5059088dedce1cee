/** The sides of a comparison: stored experiments, the arms chosen of them, and which arm meets which. */
import { alternatives } from "@shardlab/contracts";
import {
  type Coordinate,
  type JsonObject,
  listExperimentRuns,
  readExperiment,
  readMeasures,
  type StoredRun,
} from "@shardlab/results";
import type { ExperimentDesign } from "./experiment-design.ts";
import { ExperimentError } from "./experiment-error.ts";
import type { ValuesBySeed } from "./paired.ts";

type Coordinates = Readonly<Record<string, Coordinate>>;

/** An arm of a stored experiment. */
export interface StoredArm {
  readonly label: string;
  readonly coordinates: Coordinates;
}

/** An experiment as it lies in its folder: the runs of its main design. */
export interface StoredExperiment {
  readonly name: string;
  readonly directory: string;
  readonly design: ExperimentDesign;
  readonly arms: readonly StoredArm[];
  /** Units of all measures, in the order in which runs give them. */
  readonly units: ReadonlyMap<string, string>;
  /** Finite values of a measure by seed. */
  readonly bySeed: (arm: string, measure: string) => ValuesBySeed;
  /** Seeds that were run, whether or not a measure exists in them. */
  readonly seedsOf: (arm: string) => readonly number[];
  /** The resolved scenario of an arm; undefined where none of its runs is stored. */
  readonly scenarioOf: (arm: string) => JsonObject | undefined;
}

const keyOf = (coordinates: Coordinates): string =>
  JSON.stringify(Object.entries(coordinates).sort(([a], [b]) => (a < b ? -1 : 1)));

/** What is known of one arm: its runs, and each of its measures by seed. */
interface ArmValues {
  readonly seeds: Set<number>;
  readonly measures: Map<string, Map<number, number>>;
  /** One of its runs. */
  readonly run: string;
}

/** @throws ResultsError when the folder holds no experiment, or one that is damaged or too new. */
export async function openExperiment(directory: string): Promise<StoredExperiment> {
  const record = readExperiment(directory);
  const design = record.design as unknown as ExperimentDesign;
  const planned = new Set(design.runs);
  const labels = new Map(design.arms.map(({ label, coordinates }) => [keyOf(coordinates), label]));
  const units = new Map<string, string>();
  const arms = new Map<string, ArmValues>();
  for (const { run, seed, design: part, coordinates, name, unit, value } of await readMeasures(directory)) {
    const label = part === "main" && planned.has(run) ? labels.get(keyOf(coordinates)) : undefined;
    if (label === undefined) continue;
    units.set(name, unit);
    const arm = arms.get(label) ?? { seeds: new Set(), measures: new Map(), run };
    arms.set(label, arm);
    arm.seeds.add(seed);
    const values = arm.measures.get(name) ?? new Map<number, number>();
    arm.measures.set(name, values);
    if (Number.isFinite(value)) values.set(seed, value);
  }
  const runOf = new Map([...arms].map(([label, { run }]) => [run, label]));
  const examples = new Map<string, StoredRun>();
  for (const stored of listExperimentRuns(directory)) {
    const label = runOf.get(stored.run);
    if (label !== undefined) examples.set(label, stored);
  }
  return {
    name: record.name,
    directory,
    design,
    arms: design.arms,
    units,
    bySeed: (arm, measure) => arms.get(arm)?.measures.get(measure) ?? new Map(),
    seedsOf: (arm) => [...(arms.get(arm)?.seeds ?? [])],
    scenarioOf: (arm) => examples.get(arm)?.manifest.scenario,
  };
}

/** Arms chosen of an experiment, and the swept paths that the choice fixes. */
export interface ChosenArms {
  readonly arms: readonly StoredArm[];
  readonly fixed: ReadonlySet<string>;
}

/**
 * The arms that `selector` chooses: the arm of that label; else those with each of the values that it lists, separated by
 * commas, as a value of some swept path (`grant`) or of a given one (`mechanism=grant`); all of them without a selector.
 *
 * @throws ExperimentError `unknown arm` with those there are.
 */
export function chooseArms({ name, arms }: StoredExperiment, selector: string | undefined): ChosenArms {
  if (selector === undefined) return { arms, fixed: new Set() };
  const exact = arms.find(({ label }) => label === selector);
  if (exact) return { arms: [exact], fixed: new Set(Object.keys(exact.coordinates)) };
  const fixed = new Set<string>();
  let chosen = arms;
  for (const part of selector.split(",").map((text) => text.trim())) {
    const matches = (arm: StoredArm): string | undefined =>
      Object.entries(arm.coordinates).find(
        ([path, value]) => part === String(value) || part === `${path}=${value}`,
      )?.[0];
    chosen = chosen.filter((arm) => matches(arm) !== undefined);
    const path = chosen[0] && matches(chosen[0]);
    if (path !== undefined) fixed.add(path);
  }
  if (chosen.length > 0) return { arms: chosen, fixed };
  const values = arms.flatMap(({ label, coordinates }) => [label, ...Object.values(coordinates).map(String)]);
  throw new ExperimentError(`unknown arm of ${name}: ${selector}${alternatives(selector, [...new Set(values)])}`);
}

/** Two arms that meet; `at` is what they have in common where there are several such pairs. */
export interface ArmPair {
  readonly left: StoredArm;
  readonly right: StoredArm;
  readonly at: Coordinates;
}

export interface MatchedArms {
  readonly pairs: readonly ArmPair[];
  /** Labels of arms that meet none. */
  readonly onlyLeft: readonly string[];
  readonly onlyRight: readonly string[];
}

/**
 * Pairs arms by their coordinates. Paths that a choice fixed do not count where the other side fixed them too or lacks them;
 * one arm against one arm always meet.
 */
export function matchArms(left: ChosenArms, right: ChosenArms): MatchedArms {
  if (left.arms.length === 1 && right.arms.length === 1) {
    return { pairs: [{ left: left.arms[0], right: right.arms[0], at: {} }], onlyLeft: [], onlyRight: [] };
  }
  const pathsOf = ({ arms }: ChosenArms): Set<string> => new Set(arms.flatMap((arm) => Object.keys(arm.coordinates)));
  const [ours, theirs] = [pathsOf(left), pathsOf(right)];
  const isDropped = (path: string): boolean =>
    (left.fixed.has(path) && (right.fixed.has(path) || !theirs.has(path))) ||
    (right.fixed.has(path) && !ours.has(path));
  const kept = ({ coordinates }: StoredArm): Coordinates =>
    Object.fromEntries(Object.entries(coordinates).filter(([path]) => !isDropped(path)));
  const partners = new Map(right.arms.map((arm) => [keyOf(kept(arm)), arm]));
  const met = new Set<StoredArm>();
  const pairs: ArmPair[] = [];
  const onlyLeft: string[] = [];
  for (const arm of left.arms) {
    const partner = partners.get(keyOf(kept(arm)));
    if (partner) {
      pairs.push({ left: arm, right: partner, at: kept(arm) });
      met.add(partner);
    } else onlyLeft.push(arm.label);
  }
  return { pairs, onlyLeft, onlyRight: right.arms.filter((arm) => !met.has(arm)).map(({ label }) => label) };
}

/** Every arm against every later one of the same experiment. */
export function allPairs({ arms }: ChosenArms): MatchedArms {
  const pairs = arms.flatMap((left, index) => arms.slice(index + 1).map((right) => ({ left, right, at: {} })));
  return { pairs, onlyLeft: [], onlyRight: [] };
}
