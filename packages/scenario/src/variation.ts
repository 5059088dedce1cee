/** One document with values put at dotted paths: what it resolves to, and what is wrong, key by key and each once. */
import { canonicalJson, changesRuns, hashOfFields } from "./canonical.ts";
import { type CheckedField, checkField, contradictionsBetween } from "./check.ts";
import { type PathFault, parsePath, select, setAt } from "./dotted-path.ts";
import type { Finding, Path } from "./fault.ts";
import { kindLabel } from "./kind-label.ts";
import type { Language } from "./language.ts";
import type { Coordinate } from "./loaded-scenario.ts";
import type { Scenario } from "./scenario-spec.ts";
import { isRecord, keysAt, type SchemaPlace, withKindsWrittenOut } from "./schema-place.ts";

/** A value to be put at a dotted path, and the place in the file where it is written. */
export interface Setting {
  readonly path: string;
  readonly value: unknown;
  readonly writtenAt: Path;
  /** Where the path itself is written, when that is not one step above the value. */
  readonly pathAt?: Path;
}

interface Applied {
  readonly at: Path;
  readonly setting: Setting;
}

export const identity = (finding: Finding): string => `${JSON.stringify(finding.path)} ${finding.message}`;

const longestJsonLabel = 40;

/** What a swept value is called: a scalar as it is, a map by its `label` or its kinds, anything else by its JSON. */
export function labelOf(value: unknown): Coordinate {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  const named = isRecord(value) ? (value.label ?? kindLabel(value)) : undefined;
  if (typeof named === "string" || typeof named === "number") return named;
  // A place whose value was refused holds nothing, which is no JSON.
  const json = canonicalJson(JSON.parse(JSON.stringify(value ?? null)));
  return json.length > longestJsonLabel ? `${json.slice(0, longestJsonLabel - 1)}…` : json;
}

/** A swept value as the document takes it: bare kinds become maps at any depth, and a label that is only a label goes. */
export function settingValue({ schema }: SchemaPlace, value: unknown): unknown {
  const written = withKindsWrittenOut({ schema, value }, () => {});
  const isLabelled = isRecord(written) && Object.hasOwn(written, "label");
  if (!isLabelled || keysAt({ schema, value: written })?.includes("label")) return written;
  return Object.fromEntries(Object.entries(written).filter(([key]) => key !== "label"));
}

/** What the document and its settings share. */
export interface Ground {
  readonly document: Readonly<Record<string, unknown>>;
  readonly language: Language;
  /** Identities of what is wrong without any setting. */
  readonly known: ReadonlySet<string>;
}

/**
 * One top-level key of a document after some settings. Whatever is found out about it is kept, so that points of a sweep
 * share it: ten thousand points have a few dozen states.
 */
export class FieldState {
  readonly key: string;
  readonly raw: unknown;
  readonly applied: readonly Applied[];
  readonly #ground: Ground;
  readonly #refused: readonly Finding[];
  readonly #next = new Map<Setting, FieldState>();
  #checked: CheckedField | undefined;
  #findings: readonly Finding[] | undefined;
  #canonical: string | undefined;

  constructor(key: string, ground: Ground, after?: { raw: unknown; applied: Applied[]; refused: Finding[] }) {
    this.key = key;
    this.#ground = ground;
    this.raw = after ? after.raw : ground.document[key];
    this.applied = after?.applied ?? [];
    this.#refused = after?.refused ?? [];
  }

  /** The key after one more setting. */
  with(setting: Setting): FieldState {
    const known = this.#next.get(setting);
    if (known) return known;
    const next = this.#apply(setting);
    this.#next.set(setting, next);
    return next;
  }

  /** What `path` selects here; its first segment is this key. */
  select(path: string): ReturnType<typeof select> {
    return select(this.#root(this.raw), path);
  }

  #root(raw: unknown): SchemaPlace {
    return { schema: this.#ground.language.spec, value: raw === undefined ? {} : { [this.key]: raw } };
  }

  #apply(setting: Setting): FieldState {
    const selected = this.select(setting.path);
    const applied = [...this.applied];
    const refused = [...this.#refused];
    let { raw } = this;
    if ("fault" in selected) {
      const finding = selected.isBelowUnknownKind
        ? undefined
        : sweptPathFinding(setting.pathAt ?? setting.writtenAt.slice(0, -1), selected);
      if (finding) refused.push(finding);
    } else {
      for (const { path, place } of selected) {
        const changed = setAt(this.#root(raw), path, settingValue(place, setting.value));
        raw = (changed as Record<string, unknown>)[this.key];
        applied.push({ at: path, setting });
      }
    }
    return new FieldState(this.key, this.#ground, { raw, applied, refused });
  }

  get checked(): CheckedField {
    this.#checked ??= checkField(this.key, this.raw, this.#ground.language);
    return this.#checked;
  }

  /** What the settings got wrong, where they are written; without what was wrong before. */
  get findings(): readonly Finding[] {
    this.#findings ??= [
      ...this.#refused,
      ...this.checked.findings.flatMap((finding) => attributed(finding, this.applied, this.#ground.known)),
    ];
    return this.#findings;
  }

  /** Canonical JSON of the resolved value; empty where it has none. */
  get canonical(): string {
    const value = this.checked.resolved?.value;
    this.#canonical ??= value === undefined ? "" : canonicalJson(value);
    return this.#canonical;
  }
}

/** The finding of a swept path that selects nothing. */
export function sweptPathFinding(path: Path, { fault, kinds, chosenAt }: PathFault): Finding {
  const hint = kinds
    ? `; sweep it with when: { ${chosenAt}: ${kinds.length === 1 ? kinds[0] : `[${kinds.join(", ")}]`} }`
    : "";
  return { path, at: "key", message: fault + hint };
}

/** The finding in the setting that caused it; none where it is known without the settings. */
function attributed(finding: Finding, applied: readonly Applied[], known: ReadonlySet<string>): readonly Finding[] {
  const isUnder = ({ at }: Applied): boolean => at.every((segment, depth) => finding.path[depth] === segment);
  const last = applied.findLast(isUnder);
  if (last) return [{ ...finding, path: [...last.setting.writtenAt, ...finding.path.slice(last.at.length)] }];
  if (known.has(identity(finding)) || applied.length === 0) return [];
  const cause = applied.findLast(({ at }) => at[0] === finding.path[0]) ?? applied.at(-1);
  return [{ ...finding, path: cause?.setting.writtenAt ?? finding.path, at: "value" }];
}

/** A document in the making: settings are applied one after the other, and what came before is shared. */
export class Variation {
  readonly #ground: Ground;
  readonly #states: ReadonlyMap<string, FieldState>;
  /** All keys that were set, in the order of the settings. */
  readonly #touched: readonly FieldState[];
  #resolved: Scenario | undefined;

  /** Keys that no scenario has; kept for all that comes from the same start, so that each is looked at once. */
  readonly #outside: Map<string, FieldState>;

  constructor(
    ground: Ground,
    from?: {
      states: ReadonlyMap<string, FieldState>;
      touched: readonly FieldState[];
      outside: Map<string, FieldState>;
    },
  ) {
    this.#ground = ground;
    this.#states = from?.states ?? untouchedStates(ground);
    this.#touched = from?.touched ?? [];
    this.#outside = from?.outside ?? new Map();
  }

  /** The state of the key that a path starts with. */
  stateOf(path: string): FieldState {
    const key = parsePath(path)?.[0] ?? path;
    const known = this.#states.get(key) ?? this.#outside.get(key);
    if (known) return known;
    const state = new FieldState(key, this.#ground);
    this.#outside.set(key, state);
    return state;
  }

  with(settings: readonly Setting[]): Variation {
    let from: Variation = this;
    for (const setting of settings) from = from.#withOne(setting);
    return from;
  }

  #withOne(setting: Setting): Variation {
    const state = this.stateOf(setting.path).with(setting);
    const states = new Map(this.#states).set(state.key, state);
    const touched = [...this.#touched.filter(({ key }) => key !== state.key), state];
    return new Variation(this.#ground, { states, touched, outside: this.#outside });
  }

  get document(): Readonly<Record<string, unknown>> {
    const document = { ...this.#ground.document };
    for (const { key, raw } of this.#touched) if (raw !== undefined) document[key] = raw;
    return document;
  }

  /** The states that settings have changed. */
  get touched(): readonly FieldState[] {
    return this.#touched;
  }

  /** What the document resolves to, as far as each key by itself is right, unknown keys left out. */
  get resolved(): Scenario | undefined {
    this.#resolved ??= this.#resolve();
    return this.#resolved;
  }

  #resolve(): Scenario | undefined {
    const resolved: Record<string, unknown> = {};
    for (const key of Object.keys(this.#ground.language.spec.shape)) {
      const field = (this.#states.get(key) as FieldState).checked.resolved;
      if (!field) return undefined;
      if (field.value !== undefined) resolved[key] = field.value;
    }
    return resolved as Scenario;
  }

  /** Findings of the settings together that none of them has by itself. */
  contradictions(): readonly Finding[] {
    const { resolved } = this;
    if (!resolved) return [];
    const found = contradictionsBetween(resolved);
    if (found.length === 0) return found;
    const applied = this.#touched.flatMap((state) => state.applied);
    return found.flatMap((finding) => attributed(finding, applied, this.#ground.known));
  }

  /** The hash of the resolved scenario, see `scenarioHash`. */
  get hash(): string {
    const { resolved } = this;
    const fields = [...this.#states.values()].filter(
      ({ key, canonical }) => canonical !== "" && resolved !== undefined && changesRuns(key, resolved),
    );
    return hashOfFields(fields.map(({ key, canonical }) => [key, canonical]));
  }
}

const untouchedStates = (ground: Ground): ReadonlyMap<string, FieldState> =>
  new Map(Object.keys(ground.language.spec.shape).map((key) => [key, new FieldState(key, ground)]));

export interface Trial {
  readonly document: unknown;
  readonly findings: readonly Finding[];
  /** Absent where anything is wrong, with the settings or without. */
  readonly resolved?: Scenario;
}

/**
 * Resolves `document` with the settings applied in order. Findings stand where the settings are written; those that
 * `known` holds (they are wrong without the settings, too) are left out.
 */
export function tryOut(ground: Ground, settings: readonly Setting[]): Trial {
  const varied = new Variation(ground).with(settings);
  const findings = findingsOf(varied);
  const isSound = findings.length === 0 && varied.resolved !== undefined;
  return { document: varied.document, findings, ...(isSound && { resolved: varied.resolved }) };
}

/** Everything that settings got wrong. */
export const findingsOf = (varied: Variation): readonly Finding[] => [
  ...varied.touched.flatMap((state) => state.findings),
  ...varied.contradictions(),
];
