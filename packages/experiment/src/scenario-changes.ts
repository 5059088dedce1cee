/** Where two resolved scenarios differ, as dotted paths that a person could write. */
import type { JsonValue } from "@shardlab/results";
import { canonicalJson, experimentFields } from "@shardlab/scenario";

type Branch = Readonly<Record<string, unknown>>;
const isBranch = (value: unknown): value is Branch =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isSame = (left: unknown, right: unknown): boolean => canonicalJson(left ?? null) === canonicalJson(right ?? null);

/**
 * Paths at which two resolved scenarios differ, in the order of their keys: `market.growth`, `providers.gamers.count`. What
 * changes no run (card, seeds, sweep, analyses) is left out. A map that only one of them has is one path, and so is a list
 * whose elements cannot be told by name or were renamed.
 */
export function scenarioChanges(before: JsonValue, after: JsonValue): string[] {
  const world = (scenario: JsonValue): Branch =>
    Object.fromEntries(
      Object.entries(isBranch(scenario) ? scenario : {}).filter(([key]) => !Object.hasOwn(experimentFields, key)),
    );
  return changesUnder("", world(before), world(after));
}

function changesUnder(path: string, before: unknown, after: unknown): string[] {
  if (isSame(before, after)) return [];
  const [left, right] = [branchOf(before), branchOf(after)];
  if (left === undefined || right === undefined) return [path];
  // Another kind has other parameters: naming each of them would hide what happened.
  if (left.kind !== undefined && left.kind !== right.kind) return [`${path}.kind`];
  // Elements come and go, and their order counts, since it gives each its index.
  const isList = Array.isArray(before) || Array.isArray(after);
  if (isList && !isSame(Object.keys(left), Object.keys(right))) return [path];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].sort().flatMap((key) => changesUnder(joined(path, key), left[key], right[key]));
}

/** A map as it is, and a list of named things as a map; undefined for anything else. */
function branchOf(value: unknown): Branch | undefined {
  if (isBranch(value)) return value;
  if (!Array.isArray(value)) return undefined;
  const names = value.map((element) => (isBranch(element) ? (element.name ?? element.group) : undefined));
  const isNamed = names.every((name) => typeof name === "string") && new Set(names).size === names.length;
  return isNamed ? Object.fromEntries(value.map((element, index) => [String(names[index]), element])) : undefined;
}

function joined(path: string, key: string): string {
  if (/[.[\]]/.test(key)) return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}
