/** The arms of an analysis: the points of the sweep that it names, with the values that hold in its runs alone. */
import { select } from "./dotted-path.ts";
import type { ClaimSpec, FrontierSpec, SensitivitySpec } from "./experiment-card.ts";
import type { GameSpec } from "./game-spec.ts";
import { type LoadedScenario, pointLabel, type ScenarioPoint } from "./loaded-scenario.ts";
import type { Scenario } from "./scenario-spec.ts";
import { tryOut } from "./variation.ts";

export interface AnalysisArm {
  readonly point: ScenarioPoint;
  readonly scenario: Scenario;
}

/**
 * The arms that `analysis` runs. A path of `with` that only another kind of arm has leaves an arm as it is.
 *
 * @throws Error `invalid value of PATH: …` where an arm with those values would not load.
 */
export function analysisArms(
  loaded: LoadedScenario,
  analysis: SensitivitySpec | FrontierSpec | ClaimSpec | GameSpec,
): AnalysisArm[] {
  const chosen = loaded.points.filter((point) => analysis.arms?.includes(pointLabel(point)) ?? true);
  return chosen.map((point) => ({ point, scenario: withRawValues(loaded, point, analysis.with) }));
}

function withRawValues(
  { language }: LoadedScenario,
  { document, resolved }: ScenarioPoint,
  values: Readonly<Record<string, unknown>>,
): Scenario {
  const settings = Object.entries(values)
    .filter(([path]) => !("fault" in select({ schema: language.spec, value: document }, path)))
    .map(([path, value]) => ({ path, value, writtenAt: [path] }));
  if (settings.length === 0) return resolved;
  const trial = tryOut({ document, language, known: new Set() }, settings);
  if (trial.resolved) return trial.resolved;
  const [finding] = trial.findings;
  throw new Error(`invalid value of ${finding?.path.join(".")}: ${finding?.message}`);
}
