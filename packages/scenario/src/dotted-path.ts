/**
 * Dotted paths: `market.growth`, `models.0.hazard`, `providers.gamers.count`, `models.*.hazard`, `models[llama-3.1].hazard`.
 *
 * In a map a segment is a key. In a list `*` selects every element; otherwise a segment selects the element whose `name` or
 * `group` it is, and failing that the element with that index. Brackets hold a segment that contains dots.
 */
import { alternatives, shorten } from "@shardlab/contracts";
import type { Path } from "./fault.ts";
import {
  childAt,
  hasUnknownKind,
  isRecord,
  keysAt,
  kindsWithKey,
  type SchemaPlace,
  shapeAt,
  startingValue,
} from "./schema-place.ts";

const step = /\.?([^.[\]]+)|\[([^[\]]+)\]/y;

/** The segments of a dotted path, or undefined where it is none. */
export function parsePath(text: string): readonly string[] | undefined {
  if (text === "" || text.startsWith(".")) return undefined;
  const segments: string[] = [];
  step.lastIndex = 0;
  while (step.lastIndex < text.length) {
    const found = step.exec(text);
    const isJoined = found !== null && (segments.length === 0 || text[found.index] === "." || found[2] !== undefined);
    if (!found || !isJoined) return undefined;
    segments.push((found[1] ?? found[2]) as string);
  }
  return segments;
}

/** One place that a dotted path selects. */
export interface Selected {
  readonly path: Path;
  readonly place: SchemaPlace;
}

/** Why a path selects nothing. */
export interface PathFault {
  readonly fault: string;
  /** The kinds that have the path, where another one is chosen. */
  readonly kinds?: readonly string[];
  /** Dotted path of the place that chooses its kind. */
  readonly chosenAt?: string;
  /** Whether the path leads below a kind that there is none of: then that is what is wrong, and not the path. */
  readonly isBelowUnknownKind?: boolean;
}

/** The places that `text` selects in `root`, at least one, or what is wrong with the path. */
export function select(root: SchemaPlace, text: string): readonly Selected[] | PathFault {
  const segments = parsePath(text);
  if (!segments)
    return { fault: `invalid path: ${shorten(text)} (expected keys joined by dots, such as market.growth)` };
  let selected: readonly Selected[] = [{ path: [], place: root }];
  for (const segment of segments) {
    const next: Selected[] = [];
    for (const one of selected) {
      const below = descend(one, segment);
      if ("fault" in below) return below;
      next.push(...below);
    }
    if (next.length === 0) return { fault: `nothing selected: ${shorten(text)} (the list is empty)` };
    selected = next;
  }
  return selected;
}

function descend({ path, place }: Selected, segment: string): readonly Selected[] | PathFault {
  const shape = shapeAt(place);
  const under = path.length > 0 ? ` under ${path.join(".")}` : "";
  if (shape === "leaf") return { fault: `unknown key: ${shorten(segment)} (${path.join(".")} has no keys)` };
  if (shape === "list") return descendList({ path, place }, segment);
  const keys = keysAt(place);
  if (keys && !keys.includes(segment)) {
    const fault = `unknown key: ${shorten(segment)}${under}${alternatives(segment, keys)}`;
    const kinds = kindsWithKey(place.schema, segment);
    return {
      fault,
      ...(kinds.length > 0 && { kinds, chosenAt: path.join(".") }),
      isBelowUnknownKind: hasUnknownKind(place),
    };
  }
  return [{ path: [...path, segment], place: childAt(place, segment) as SchemaPlace }];
}

const nameOf = (element: unknown): string | undefined => {
  const name = isRecord(element) ? (element.name ?? element.group) : undefined;
  return typeof name === "string" ? name : undefined;
};

function descendList({ path, place }: Selected, segment: string): readonly Selected[] | PathFault {
  const elements: readonly unknown[] = Array.isArray(place.value) ? place.value : [];
  const names = elements.map(nameOf);
  const at = (index: number): Selected => ({ path: [...path, index], place: childAt(place, index) as SchemaPlace });
  if (segment === "*") return elements.map((_, index) => at(index));
  const named = names.indexOf(segment);
  if (named !== -1) return [at(named)];
  if (/^\d{1,6}$/.test(segment) && Number(segment) < elements.length) return [at(Number(segment))];
  const known = names.filter((name) => name !== undefined);
  return {
    fault: `nothing of that name in ${path.join(".")}: ${shorten(segment)}${alternatives(segment, [...known, "*"])}`,
  };
}

/** What stands at `path`; undefined where there is nothing. */
export function getAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const segment of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return undefined;
    value = (value as Record<string | number, unknown>)[segment];
  }
  return value;
}

/** A copy of what stands at `place` with `value` at `path`; maps on the way that are missing start from their defaults. */
export function setAt(place: SchemaPlace, path: Path, value: unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return value;
  const base = place.value ?? startingValue(place.schema);
  const below = childAt({ schema: place.schema, value: base }, head);
  const inner = below ? setAt(below, rest, value) : value;
  if (Array.isArray(base)) return base.map((element, index) => (index === head ? inner : element));
  return { ...(isRecord(base) ? base : {}), [head]: inner };
}
