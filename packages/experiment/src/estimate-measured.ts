/** What runs will take, judged by what stored runs of the same experiment took. */
import type { Coordinate, StoredRun } from "@shardlab/results";
import { canonicalJson, type Scenario } from "@shardlab/scenario";
import { expectedSeconds } from "./estimate.ts";
import type { Plan } from "./plan.ts";
import type { RunTask } from "./run-task.ts";

/**
 * @property runs how many stored runs the times come from; of very many, some are looked at.
 * @property secondsOf seconds that a run is expected to take.
 */
export interface MeasuredSeconds {
  readonly runs: number;
  readonly secondsOf: (task: RunTask) => number;
}

/** Seconds taken beside those that the formula expected, summed over runs. */
interface Ratio {
  taken: number;
  expected: number;
  runs: number;
}

/** Runs of each arm that are looked at: more would tell no more, and reading many manifests takes a while. */
const runsLookedAt = 50;

/**
 * Corrects the formula by the runs that are stored: those of an arm (in whatever design) correct that arm, and all together
 * an arm that has none. Runs of an earlier version of the scenario count as well, because the formula knows how size
 * matters. Undefined without a stored run that says what it took.
 */
export function measuredSeconds({ arms }: Plan, stored: readonly StoredRun[]): MeasuredSeconds | undefined {
  const labelOf = new Map(arms.map(({ label, coordinates }) => [canonicalJson(coordinates), label]));
  const runsOfArm = new Map<string, StoredRun[]>();
  for (const run of stored) {
    const arm = run.design === "main" ? labelOf.get(canonicalJson(run.coordinates)) : armOf(run.coordinates);
    const known = runsOfArm.get(String(arm));
    if (known) known.push(run);
    else runsOfArm.set(String(arm), [run]);
  }
  const byArm = new Map<string, Ratio>();
  const all: Ratio = { taken: 0, expected: 0, runs: 0 };
  for (const [arm, runs] of runsOfArm) {
    const ofArm: Ratio = { taken: 0, expected: 0, runs: 0 };
    for (const run of spread(runs, runsLookedAt)) addRun([ofArm, all], run);
    if (ofArm.runs > 0) byArm.set(arm, ofArm);
  }
  if (all.runs === 0) return undefined;
  const factorOf = (arm: string): number => {
    const { taken, expected } = byArm.get(arm) ?? all;
    return taken / expected;
  };
  return { runs: all.runs, secondsOf: ({ arm, scenario }) => expectedSeconds(scenario) * factorOf(arm) };
}

/** Up to `most` elements, evenly spread. */
function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, index) => all[Math.floor((index * all.length) / most)]);
}

function addRun(ratios: readonly Ratio[], { manifest }: StoredRun): void {
  const taken = Object.values(manifest.phases ?? {}).reduce((sum, { wallSeconds }) => sum + wallSeconds, 0);
  const expected = formulaOf(manifest.scenario as unknown as Scenario);
  if (!(taken > 0) || expected === undefined) return;
  for (const ratio of ratios) {
    ratio.taken += taken;
    ratio.expected += expected;
    ratio.runs += 1;
  }
}

const armOf = (coordinates: Readonly<Record<string, Coordinate>>): string => String(coordinates.arm);

/** What the formula says of a stored scenario; undefined for one of an older form that it cannot read. */
function formulaOf(scenario: Scenario): number | undefined {
  try {
    const seconds = expectedSeconds(scenario);
    return seconds > 0 ? seconds : undefined;
  } catch {
    return undefined;
  }
}
