/** Numbers of a resolved scenario: read and replaced by dotted path, in SI. */
import { shown } from "@shardlab/contracts";
import { getAt, select, setAt } from "./dotted-path.ts";
import type { LoadedScenario } from "./loaded-scenario.ts";
import { type Scenario, type ScenarioSpec, specOf } from "./scenario-spec.ts";
import { tryOut } from "./variation.ts";

/** The number at `path` (the first, where the path selects several); undefined where there is none. */
export function numberAt(
  resolved: Scenario,
  path: string,
  schema: ScenarioSpec = specOf(resolved),
): number | undefined {
  const selected = select({ schema, value: resolved }, path);
  if ("fault" in selected) return undefined;
  const value = getAt(resolved, selected[0]?.path ?? []);
  return typeof value === "number" ? value : undefined;
}

/**
 * A copy of `resolved` with numbers in SI put at dotted paths, such as `{ "models.*.hazard": 6.3e-9 }`. They are not checked
 * against bounds. `schema` is the one of the language that the scenario was loaded with, where it has plugins. A path that only another kind has (a parameter of another mechanism) changes nothing.
 *
 * @throws Error `unknown path: …` for a path that no scenario has, or an element that this one does not have.
 */
export function withValues<S extends Scenario>(
  resolved: S,
  values: Readonly<Record<string, number>>,
  schema: ScenarioSpec = specOf(resolved),
): S {
  let current = resolved;
  for (const [path, value] of Object.entries(values)) {
    const selected = select({ schema, value: current }, path);
    if ("fault" in selected) {
      if (selected.kinds) continue;
      throw new Error(`unknown path: ${path} (${selected.fault})`);
    }
    for (const one of selected) current = setAt({ schema, value: current }, one.path, value) as S;
  }
  return current;
}

/**
 * The number in SI that `raw` (as it would be written in the file) stands for at `path`, in the scenario itself or in the
 * first point of its sweep that has the path.
 *
 * @throws Error `invalid value of PATH: …` where the scenario with that value would not load.
 */
export function resolvedNumber(loaded: LoadedScenario, path: string, raw: unknown): number {
  let reason: string | undefined;
  const { language } = loaded;
  for (const { document } of [loaded, ...loaded.points]) {
    const trial = tryOut({ document, language, known: new Set() }, [{ path, value: raw, writtenAt: [] }]);
    const value = trial.resolved && numberAt(trial.resolved, path, language.spec);
    if (value !== undefined) return value;
    reason ??= trial.findings[0]?.message ?? "not a number";
  }
  throw new Error(`invalid value of ${path}: ${shown(raw)} (${reason})`);
}
