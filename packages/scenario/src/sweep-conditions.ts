/** Which points of a sweep exist: `when` of its parts, and `where` of the whole. */
import { alternatives, dimensionOf, shorten, shown } from "@shardlab/contracts";
import { conditionHolds, type Found } from "./condition.ts";
import { ConditionFault, type Expression, parseCondition, pathsOf } from "./condition-syntax.ts";
import { getAt, type PathFault, select } from "./dotted-path.ts";
import type { Finding, Path } from "./fault.ts";
import type { Coordinate } from "./loaded-scenario.ts";
import { isRecord, startingValue, unwrap } from "./schema-place.ts";
import type { ReadSweep, WhenCondition } from "./sweep-blocks.ts";
import { type FieldState, type Ground, labelOf, tryOut, type Variation } from "./variation.ts";

/** Whether a part of the sweep applies where these coordinates are set already. */
export function applies(
  when: readonly WhenCondition[],
  varied: Variation,
  coordinates: ReadonlyMap<string, Coordinate>,
): boolean {
  return when.every(({ path, labels }) => {
    const coordinate = coordinates.get(path);
    if (coordinate !== undefined && labels.includes(String(coordinate))) return true;
    const selected = varied.stateOf(path).select(path);
    if ("fault" in selected) return false;
    return selected.every(({ place }) => {
      const value = place.value ?? startingValue(place.schema);
      return value !== undefined && labels.includes(String(kindOrLabel(value)));
    });
  });
}

const kindOrLabel = (value: unknown): Coordinate =>
  isRecord(value) && typeof value.kind === "string" ? value.kind : labelOf(value);

/** What is wrong with the `when` of a sweep: paths, values that the path never has, and paths that are swept further down. */
export function whenFindings({ blocks }: ReadSweep, ground: Ground): readonly Finding[] {
  return blocks.flatMap((block, index) =>
    block.when.flatMap(({ path, labels, writtenAt }): readonly Finding[] => {
      const above = blocks.slice(0, index).filter((other) => other.paths.includes(path));
      if (above.length > 0) {
        const settings = above.flatMap(({ rows }) => rows.flat()).filter((setting) => setting.path === path);
        const known = [...new Set(settings.flatMap(({ value }) => [labelOf(value), kindOrLabel(value)].map(String)))];
        return labels
          .filter((label) => !known.includes(label))
          .map((label) => ({
            path: writtenAt,
            at: "value",
            message: `value that ${shorten(path)} never has: ${shown(label)}${alternatives(label, known)}`,
          }));
      }
      if (blocks.slice(index).some((other) => other.paths.includes(path))) {
        return [
          { path: writtenAt, at: "key", message: `swept below: ${shown(path)} (expected above what depends on it)` },
        ];
      }
      return unsweptFindings(path, labels, writtenAt, ground);
    }),
  );
}

function unsweptFindings(path: string, labels: readonly string[], writtenAt: Path, ground: Ground): readonly Finding[] {
  const selected = select({ schema: ground.language.spec, value: ground.document }, path);
  if ("fault" in selected) {
    const isElsewhere = selected.kinds !== undefined || selected.isBelowUnknownKind === true;
    return isElsewhere ? [] : [{ path: writtenAt, at: "key", message: selected.fault }];
  }
  const isKind = selected.every(({ place }) => unwrap(place.schema)._zod.def.type === "union");
  if (!isKind) return [];
  const tried = labels.flatMap((value) => tryOut(ground, [{ path, value, writtenAt }]).findings);
  return tried
    .filter(({ message }) => message.startsWith("unknown "))
    .map((finding) => ({ ...finding, path: writtenAt }));
}

/** The conditions of a sweep, read once and asked at every point. */
export class WhereConditions {
  readonly findings: Finding[] = [];
  /** How many points each condition has left out, of those that the ones before had left. */
  readonly leftOut: number[];
  readonly #conditions: { readonly expression: Expression; readonly index: number }[] = [];
  readonly #found = new WeakMap<FieldState, Map<string, Found | PathFault | undefined>>();
  readonly #seen = new Set<string>();
  readonly #ground: Ground;

  constructor(where: readonly string[], ground: Ground) {
    this.#ground = ground;
    this.leftOut = where.map(() => 0);
    for (const [index, text] of where.entries()) {
      const expression = this.#guarded(index, () => parseCondition(text));
      if (expression) this.#conditions.push({ expression, index });
    }
  }

  /** Whether every condition holds, or does not apply, at a point that resolves. */
  hold(varied: Variation): boolean {
    return this.#conditions.every(({ expression, index }) => {
      const holds = this.#guarded(index, () => conditionHolds(expression, (path) => this.#lookUp(varied, path)));
      if (holds === false) this.leftOut[index] = (this.leftOut[index] as number) + 1;
      return holds !== false;
    });
  }

  /** Adds a fault for every path that no point has. To be called once all points have been asked. */
  finish(): void {
    const { document, language } = this.#ground;
    for (const { expression, index } of this.#conditions) {
      for (const { path, column } of pathsOf(expression)) {
        if (this.#seen.has(path)) continue;
        const selected = select({ schema: language.spec, value: document }, path);
        if ("fault" in selected && selected.isBelowUnknownKind) continue;
        const isPresent = !("fault" in selected) && getAt(document, selected[0]?.path ?? []) !== undefined;
        if (isPresent) continue;
        const problem =
          "fault" in selected ? selected.fault + this.#longerPath(path) : `nothing there at any point: ${shown(path)}`;
        this.#refuse(index, new ConditionFault(problem, column).message);
      }
    }
  }

  /** A hint where somebody wrote the last part of a path alone. */
  #longerPath(path: string): string {
    const longer = /^\w+$/.test(path) ? pathEndingIn(this.#ground.document, path, 4) : undefined;
    return longer === undefined ? "" : ` (did you mean ${shorten(longer)}?)`;
  }

  #guarded<T>(index: number, ask: () => T): T | undefined {
    try {
      return ask();
    } catch (error) {
      if (!(error instanceof ConditionFault)) throw error;
      this.#refuse(index, error.message);
      return undefined;
    }
  }

  #refuse(index: number, message: string): void {
    const isKnown = this.findings.some((finding) => finding.path[2] === index && finding.message === message);
    if (!isKnown) this.findings.push({ path: ["sweep", "where", index], at: "value", message });
  }

  #lookUp(varied: Variation, path: string): Found | undefined {
    const state = varied.stateOf(path);
    const known = this.#found.get(state) ?? new Map<string, Found | undefined>();
    this.#found.set(state, known);
    if (!known.has(path)) known.set(path, find(state, path, this.#ground));
    const found = known.get(path) as Found | undefined;
    if (found) this.#seen.add(path);
    return found;
  }
}

/** What a path selects in the resolved value of a key. */
function find(state: FieldState, path: string, { language }: Ground): Found | undefined {
  const resolved = state.checked.resolved?.value;
  if (resolved === undefined) return undefined;
  const root = { [state.key]: resolved };
  const selected = select({ schema: language.spec, value: root }, path);
  if ("fault" in selected) return undefined;
  const values = selected.map((one) => getAt(root, one.path)).filter((value) => value !== undefined);
  if (values.length < selected.length) return undefined;
  if (values.every((value) => typeof value === "number")) {
    const schema = selected[0]?.place.schema;
    return { numbers: values, dimension: (schema && dimensionOf(unwrap(schema))) ?? "plain" };
  }
  return { texts: values.map((value) => String(kindOrLabel(value))) };
}

function pathEndingIn(value: unknown, name: string, depth: number): string | undefined {
  if (!isRecord(value) || depth === 0) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    if (key === name) return key;
    const below = pathEndingIn(inner, name, depth - 1);
    if (below !== undefined) return `${key}.${below}`;
  }
  return undefined;
}
