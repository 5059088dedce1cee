/** Sweeps: the points of a scenario, each a document of its own, and what is wrong with their values. */
import { canonicalJson, scenarioHash } from "./canonical.ts";
import { checkDocument } from "./check.ts";
import { select, setAt } from "./dotted-path.ts";
import { type Finding, type Path, shown } from "./fault.ts";
import type { Coordinate, ScenarioPoint } from "./loaded-scenario.ts";
import { experimentFields, type Scenario, scenarioSpec, valueList } from "./scenario-spec.ts";
import { isRecord, keysAt, kindsAt, type SchemaPlace } from "./schema-place.ts";

/** A value to be put at a dotted path, and the place in the file where it is written. */
export interface Setting {
  readonly path: string;
  readonly value: unknown;
  readonly writtenAt: Path;
}

/** The labels of all points, in order. */
export function armLabels(sweep: Sweep): readonly string[] {
  if (sizeOf(sweep) > mostPoints) return [];
  return Array.from(combinations(sweep), (settings) => settings.map(({ value }) => labelOf(value)).join(", "));
}

const longestJsonLabel = 40;

/** What a swept value is called: a scalar as it is, a map by its `label` or `kind`, anything else by its JSON. */
export function labelOf(value: unknown): Coordinate {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  const named = isRecord(value) ? (value.label ?? value.kind) : undefined;
  if (typeof named === "string" || typeof named === "number") return named;
  const json = canonicalJson(value ?? null);
  return json.length > longestJsonLabel ? `${json.slice(0, longestJsonLabel - 1)}…` : json;
}

/** A swept value as the document takes it: a bare kind becomes a map, and a label that is only a label goes. */
export function settingValue(place: SchemaPlace, value: unknown): unknown {
  if (typeof value === "string" && kindsAt(place.schema).length > 0) return { kind: value };
  const isLabelled = isRecord(value) && Object.hasOwn(value, "label");
  if (!isLabelled || keysAt({ schema: place.schema, value })?.includes("label")) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== "label"));
}

export interface Trial {
  readonly document: unknown;
  readonly findings: readonly Finding[];
  readonly resolved?: Scenario;
}

/**
 * Resolves `document` with the settings applied in order. Findings stand where the settings are written; those that
 * `known` holds (they are wrong without the settings, too) are left out.
 */
export function tryOut(document: unknown, settings: readonly Setting[], known: ReadonlySet<string> = new Set()): Trial {
  const findings: Finding[] = [];
  const applied: { at: Path; setting: Setting }[] = [];
  let current = document;
  for (const setting of settings) {
    const root = { schema: scenarioSpec, value: current };
    const selected = select(root, setting.path);
    if ("fault" in selected) {
      findings.push({ path: setting.writtenAt.slice(0, -1), at: "key", message: selected.fault });
      continue;
    }
    for (const { path, place } of selected) {
      current = setAt({ schema: scenarioSpec, value: current }, path, settingValue(place, setting.value));
      applied.push({ at: path, setting });
    }
  }
  const checked = checkDocument(current);
  for (const finding of checked.findings) {
    const moved = atSetting(finding, applied);
    if (moved) findings.push(moved);
    else if (!known.has(identity(finding)) && applied.length > 0) {
      const cause = applied.findLast(({ at }) => at[0] === finding.path[0]) ?? applied.at(-1);
      findings.push({ ...finding, path: cause?.setting.writtenAt ?? finding.path, at: "value" });
    }
  }
  const isSound = findings.length === 0 && checked.resolved !== undefined;
  return { document: current, findings, ...(isSound && { resolved: checked.resolved }) };
}

export const identity = (finding: Finding): string => `${JSON.stringify(finding.path)} ${finding.message}`;

/** The finding moved into the setting that put the value there; undefined where none did. */
function atSetting(finding: Finding, applied: readonly { at: Path; setting: Setting }[]): Finding | undefined {
  const isUnder = ({ at }: { at: Path }): boolean => at.every((segment, depth) => finding.path[depth] === segment);
  const last = applied.findLast(isUnder);
  return last && { ...finding, path: [...last.setting.writtenAt, ...finding.path.slice(last.at.length)] };
}

/** More points than this are more likely a slip than a plan. */
export const mostPoints = 10_000;

export type Sweep = Readonly<Record<string, readonly unknown[]>>;

const sizeOf = (sweep: Sweep): number => Object.values(sweep).reduce((product, values) => product * values.length, 1);

/** The first segment of a path that changes no run, such as `seeds`. */
export function experimentKey(path: string): string | undefined {
  const key = /^[^.[]*/.exec(path)?.[0] ?? "";
  return Object.hasOwn(experimentFields, key) ? key : undefined;
}

/** The part of a sweep whose form is right, whatever else is wrong: paths with lists of values. */
export function readSweep(raw: unknown): Sweep {
  const entries = isRecord(raw) ? Object.entries(raw) : [];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, unknown[]] => valueList.safeParse(entry[1]).success),
  );
}

/** What is wrong with a sweep apart from its values: its paths, its labels, its size. */
export function sweepFindings(raw: unknown, document: unknown): readonly Finding[] {
  const sweep = readSweep(raw);
  const findings: Finding[] = [];
  for (const path of isRecord(raw) ? Object.keys(raw) : []) {
    const refuse = (message: string) => findings.push({ path: ["sweep", path], at: "key", message });
    const key = experimentKey(path);
    if (key !== undefined) refuse(`nothing to sweep: ${key} (it changes no run)`);
    if (Object.hasOwn(sweep, path)) continue;
    const selected = select({ schema: scenarioSpec, value: document }, path);
    if ("fault" in selected) refuse(selected.fault);
  }
  for (const [path, values] of Object.entries(sweep)) {
    const labels = values.map(labelOf);
    for (const [index, label] of labels.entries()) {
      if (labels.indexOf(label) === index) continue;
      const hint = isRecord(values[index]) ? " (expected a label of its own)" : "";
      findings.push({ path: ["sweep", path, index], at: "value", message: `duplicate value: ${shown(label)}${hint}` });
    }
  }
  const size = sizeOf(sweep);
  if (size > mostPoints) {
    findings.push({ path: ["sweep"], at: "key", message: `too many points: ${size} (expected at most ${mostPoints})` });
  }
  return findings;
}

/** Every combination of the swept values, the last path varying fastest. */
export function* combinations(sweep: Sweep): Generator<readonly Setting[]> {
  const axes = Object.entries(sweep);
  const size = sizeOf(sweep);
  for (let index = 0; index < size; index++) {
    let rest = index;
    const settings = axes.toReversed().map(([path, values]): Setting => {
      const at = rest % values.length;
      rest = Math.floor(rest / values.length);
      return { path, value: values[at], writtenAt: ["sweep", path, at] };
    });
    yield settings.toReversed();
  }
}

/** The points of the sweep that resolve, and what is wrong with the others. */
export function expandSweep(
  document: unknown,
  sweep: Sweep,
  known: ReadonlySet<string>,
): { points: readonly ScenarioPoint[]; findings: readonly Finding[] } {
  const points: ScenarioPoint[] = [];
  const findings: Finding[] = [];
  if (sizeOf(sweep) > mostPoints) return { points, findings };
  for (const settings of combinations(sweep)) {
    const trial = tryOut(document, settings, known);
    findings.push(...trial.findings);
    if (!trial.resolved) continue;
    const coordinates = Object.fromEntries(settings.map(({ path, value }) => [path, labelOf(value)]));
    const { resolved } = trial;
    points.push({
      index: points.length,
      coordinates,
      resolved,
      hash: scenarioHash(resolved),
      document: trial.document,
    });
  }
  return { points, findings };
}
