/** What differs between the scenarios of two sides, so that a difference of measures can be read. */
import type { JsonObject, JsonValue } from "@shardlab/results";
import { experimentFields } from "@shardlab/scenario";

/** A setting that the sides do not share: its values in SI; undefined where a side has no such setting. */
export interface SettingDifference {
  readonly path: string;
  readonly left: JsonValue | undefined;
  readonly right: JsonValue | undefined;
}

const isMap = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Elements of a list go by their name, as dotted paths do. */
function segmentOf(element: JsonValue, index: number): string {
  const name = isMap(element) ? (element.name ?? element.group) : undefined;
  return typeof name === "string" ? name : String(index);
}

function* leavesOf(value: JsonValue | undefined, path: string): Generator<[string, JsonValue]> {
  if (value === undefined) return;
  const under = (segment: string): string => (path === "" ? segment : `${path}.${segment}`);
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) yield* leavesOf(element, under(segmentOf(element, index)));
  } else if (isMap(value)) {
    for (const [key, inner] of Object.entries(value)) yield* leavesOf(inner, under(key));
  } else yield [path, value];
}

const worldOf = (scenario: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(scenario).filter(([key]) => !Object.hasOwn(experimentFields, key)));

/** The settings in which two resolved scenarios differ, in the order of the left one; card, seeds and sweep are no settings. */
export function settingDifferences(left: JsonObject, right: JsonObject): SettingDifference[] {
  const ours = new Map(leavesOf(worldOf(left), ""));
  const theirs = new Map(leavesOf(worldOf(right), ""));
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .map((path) => ({ path, left: ours.get(path), right: theirs.get(path) }))
    .filter((setting) => setting.left !== setting.right);
}
