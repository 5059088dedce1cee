/** Scenario files: read, checked, resolved, swept and hashed; every fault with its line and column. */
import { shown } from "@shardlab/contracts";
import { claimFindings, frontierFindings, sensitivityFindings } from "./analyses.ts";
import { scenarioHash } from "./canonical.ts";
import { type Checked, checkDocument } from "./check.ts";
import { type Fault, type Finding, type Path, sortFaults } from "./fault.ts";
import { gameFindings } from "./game-groups.ts";
import type { Language, PluginMechanism } from "./language.ts";
import { type LoadedScenario, pluginOf, type ScenarioPoint } from "./loaded-scenario.ts";
import { measureFindings } from "./measures.ts";
import { applyOverrides, type Overridden, overrideFault } from "./override.ts";
import { readPlugins } from "./plugins.ts";
import { formOf } from "./scenario-spec.ts";
import { isRecord, withKindsWrittenOut } from "./schema-place.ts";
import { positionIn, readText } from "./source-text.ts";
import { type ExpandedSweep, expandSweep } from "./sweep.ts";
import { identity } from "./variation.ts";
import { type Place, placeKey, readYaml, type YamlSource } from "./yaml-source.ts";

export type LoadResult =
  | { readonly ok: true; readonly scenario: LoadedScenario }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export interface LoadOptions {
  /** Path of the file; its stem names the scenario. */
  readonly file: string;
  /** `PATH=VALUE` each, applied in order before anything is checked. */
  readonly overrides?: readonly string[];
  /** What was found in the files that the scenario names under `plugins`. */
  readonly mechanisms?: readonly PluginMechanism[];
}

/** Loads a scenario from the text or the bytes of a file. Never throws: whatever is wrong comes back as faults. */
export function loadScenario(source: string | Uint8Array, options: LoadOptions): LoadResult {
  try {
    return load(source, options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, faults: [{ line: 1, column: 1, path: "", message: `cannot be read: ${shown(reason)}` }] };
  }
}

function load(source: string | Uint8Array, { file, overrides = [], mechanisms = [] }: LoadOptions): LoadResult {
  const read = readText(source);
  if ("fault" in read) return { ok: false, faults: [read.fault] };
  const yaml = readYaml(read.text);
  if (yaml.document === undefined) return { ok: false, faults: sortFaults(yaml.faults) };
  if (!isRecord(yaml.document)) {
    const message = `not a scenario: ${shown(yaml.document)} (expected a map that opens with question)`;
    return { ok: false, faults: [locator(read.text, yaml.places)({ path: [], at: "value", message })] };
  }
  const places = new Map(yaml.places);
  const form = formOf(yaml.document);
  const { language, findings: ofPlugins } = readPlugins(yaml.document.plugins, mechanisms, { form, file });
  const written = withKindsWrittenOut({ schema: language.spec, value: yaml.document }, (path) => {
    places.set(placeKey(path), places.get(placeKey(path.slice(0, -1))) as Place);
  });
  const override = applyOverrides(written, overrides, language.spec);
  const document = override.document as Readonly<Record<string, unknown>>;
  const checked = checkDocument(document, language);
  const varied = checkVariations(document, checked, language);
  const isRefused = (finding: Finding): boolean => yaml.refused.some((path) => isPrefix(path, finding.path));
  const findings = [...ofPlugins, ...checked.findings, ...varied.findings].filter((finding) => !isRefused(finding));
  const locate = locator(read.text, places);
  const located = findings.map((finding) => locateOverridden(finding, override.overridden) ?? locate(finding));
  const faults = sortFaults([...yaml.faults, ...override.faults, ...located]);
  const { resolved } = checked;
  if (faults.length > 0 || !resolved) return { ok: false, faults };
  const name = file.replace(/^.*[\\/]/, "").replace(/\.ya?ml$/, "");
  const { size } = varied;
  const points = varied.points.map((point) => withPlugin(point, language));
  return { ok: true, scenario: { name, document, resolved, hash: scenarioHash(resolved), points, size, language } };
}

function withPlugin(point: ScenarioPoint, language: Language): ScenarioPoint {
  const plugin = pluginOf({ language }, point.resolved);
  return plugin ? { ...point, plugin } : point;
}

const isPrefix = (prefix: Path, path: Path): boolean => prefix.every((segment, depth) => path[depth] === segment);

/** Checks the sweep and the analyses, each as far as its own form is right, whatever else is wrong. */
function checkVariations(raw: Readonly<Record<string, unknown>>, checked: Checked, language: Language): ExpandedSweep {
  const known = new Set(checked.findings.map(identity));
  const world = withoutVariations(raw);
  const expanded = expandSweep(raw.sweep, { document: world, language, known });
  const arms = { documents: [world, ...expanded.documents], labels: expanded.labels, known, language };
  const findings = [
    ...expanded.findings,
    ...sensitivityFindings(raw.sensitivity, arms),
    ...frontierFindings(raw.frontier, arms),
    ...claimFindings(raw.claim, arms),
    ...gameFindings(raw.game, arms),
    ...(checked.resolved ? measureFindings(checked.resolved, expanded.points) : []),
  ];
  return { ...expanded, findings };
}

/** The document of one run: what varies over runs is left out, so that a fault in it hides no fault of a value. */
function withoutVariations(document: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const {
    sweep: _sweep,
    sensitivity: _sensitivity,
    frontier: _frontier,
    claim: _claim,
    game: _game,
    ...world
  } = document;
  return world;
}

/** The fault of a finding: where its place stands, or the nearest place above it that the file has. */
export function locator(text: string, places: YamlSource["places"]): (finding: Finding) => Fault {
  const position = positionIn(text);
  return ({ path, at, message }) => {
    for (let depth = path.length; depth >= 0; depth--) {
      const place = places.get(placeKey(path.slice(0, depth)));
      if (!place) continue;
      const isValue = depth === path.length && at === "value";
      return { ...position(isValue ? place.value : (place.key ?? place.value)), path: path.join("."), message };
    }
    return { line: 1, column: 1, path: path.join("."), message };
  };
}

/** The fault of a finding that an override caused; undefined for any other. */
export function locateOverridden(finding: Finding, overridden: readonly Overridden[]): Fault | undefined {
  const cause = overridden.findLast(({ at }) => isPrefix(at, finding.path));
  return cause && overrideFault(cause.path, finding.message);
}
