/** Expands a scenario into runs: the main design, the sensitivity analysis, the frontier and the claim. */
import type { Design } from "@shardlab/results";
import {
  type AnalysisArm,
  analysisArms,
  armLabel,
  type LoadedScenario,
  pluginOf,
  type Scenario,
  type ScenarioPoint,
  scenarioHash,
} from "@shardlab/scenario";
import { type ClaimDesign, claimDesign } from "./claim-design.ts";
import { frontierCells } from "./frontier-design.ts";
import { inputDigest } from "./input-files.ts";
import { pluginModulePath } from "./plugin-bundle.ts";
import type { PluginModule } from "./plugin-mechanism.ts";
import { type Arm, type RunTask, runHashOf } from "./run-task.ts";
import { saltelliEvaluations } from "./saltelli-design.ts";

/** Every run of an experiment. Runs of the main design come first, then the sensitivity analysis, the frontier and the claim. */
export interface Plan {
  readonly experiment: string;
  readonly scenario: Scenario;
  readonly scenarioHash: string;
  readonly modelHash: string;
  readonly arms: readonly Arm[];
  readonly tasks: readonly RunTask[];
  /** The claim that runs are planned for; null without them. */
  readonly claim: ClaimDesign | null;
  /** Mechanisms that are not ours. */
  readonly plugins: readonly PluginModule[];
}

export interface PlanOptions {
  /** Content hash of the model packages, see `modelHash` of @shardlab/results. */
  readonly modelHash: string;
  /** Designs to plan; all that the scenario has, unless given. */
  readonly designs?: readonly Design[];
}

/**
 * The runs of `loaded`.
 *
 * - `main`: every sweep point with every seed. All arms use the same seeds, and so share their noise.
 *   Coordinates: the swept paths.
 * - `sensitivity`: for each arm a Saltelli design of (parameters + 2) x draws runs, see `saltelliEvaluations`. All arms share
 *   its rows, and all runs of row r share seed `first + r`. Coordinates: `arm`, `row`, `matrix` and each parameter in SI.
 * - `frontier`: every combination of `over`, `lines` and the `find` grid for each arm, with the first seeds.
 *   Coordinates: `arm` and the three paths in SI.
 * - `claim`: as `sensitivity`, over the claim's region, and every point with as many seeds as it asks for.
 *
 * @throws Error `invalid value of PATH: ...` for a value that does not fit its path.
 */
export function planExperiment(loaded: LoadedScenario, options: PlanOptions): Plan {
  const { modelHash } = options;
  const { seeds, sensitivity, frontier, claim } = loaded.resolved;
  const arms = loaded.points.map(armOf);
  const drafts: TaskDraft[] = [];
  const isWanted = (design: Design): boolean => options.designs?.includes(design) ?? true;
  if (isWanted("main")) {
    for (const [point, arm] of arms.entries()) {
      const scenarioAt = { design: "main", point, arm, coordinates: arm.coordinates, scenario: arm.scenario } as const;
      for (let index = 0; index < seeds.count; index++) drafts.push({ ...scenarioAt, seed: seeds.first + index });
    }
  }
  if (sensitivity && isWanted("sensitivity")) {
    const analysed = analysisArms(loaded, sensitivity).map(armOfAnalysis);
    const design = { ...sensitivity, seedsEach: 1 };
    for (const { coordinates, ...evaluation } of saltelliEvaluations(loaded, analysed, design)) {
      drafts.push({ design: "sensitivity", coordinates: { arm: evaluation.arm.label, ...coordinates }, ...evaluation });
    }
  }
  if (frontier && isWanted("frontier")) {
    for (const { coordinates, ...cell } of frontierCells(loaded, analysisArms(loaded, frontier).map(armOfAnalysis))) {
      drafts.push({ design: "frontier", coordinates: { arm: cell.arm.label, ...coordinates }, ...cell });
    }
  }
  if (claim && isWanted("claim")) {
    const tested = analysisArms(loaded, claim).map(armOfAnalysis);
    const { region: parameters, draws, indexDraws: mixedDraws, seeds: seedsEach } = claim;
    const design = { parameters, draws, mixedDraws, seedsEach };
    for (const { coordinates, ...evaluation } of saltelliEvaluations(loaded, tested, design)) {
      drafts.push({ design: "claim", coordinates: { arm: evaluation.arm.label, ...coordinates }, ...evaluation });
    }
  }
  return {
    experiment: loaded.name,
    scenario: loaded.resolved,
    scenarioHash: loaded.hash,
    modelHash,
    arms,
    tasks: finish(drafts, loaded, modelHash),
    claim: claim && isWanted("claim") ? claimDesign(loaded, claim) : null,
    plugins: loaded.language.plugins.map(({ kind, hash }) => ({ kind, hash, module: pluginModulePath(kind, hash) })),
  };
}

const armOf = (point: ScenarioPoint): Arm => ({
  label: armLabel(point),
  coordinates: point.coordinates,
  scenario: point.resolved,
});

const armOfAnalysis = ({ point, scenario }: AnalysisArm): Arm => ({ ...armOf(point), scenario });

type TaskDraft = Omit<RunTask, "runHash" | "scenarioHash" | "arm"> & { readonly arm: Arm };

/** Adds the hashes; runs that share one scenario object share its hash. */
function finish(drafts: readonly TaskDraft[], loaded: LoadedScenario, modelHash: string): RunTask[] {
  const hashes = new Map<Scenario, string>();
  const digests = new Map<Scenario, string | undefined>();
  return drafts.map((draft) => {
    const known = hashes.get(draft.scenario) ?? scenarioHash(draft.scenario);
    hashes.set(draft.scenario, known);
    const plugin = pluginOf(loaded, draft.scenario);
    if (!digests.has(draft.scenario)) digests.set(draft.scenario, inputDigest(draft.scenario));
    const inputs = digests.get(draft.scenario);
    const task = {
      ...{ ...draft, arm: draft.arm.label, scenarioHash: known },
      ...(plugin && { plugin }),
      ...(inputs !== undefined && { inputs }),
    };
    return { ...task, runHash: runHashOf(task, modelHash) };
  });
}
