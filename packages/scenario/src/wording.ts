/** What zod found wrong, in the words of scenario files: the place's own name, its value, and what was expected. */
import { alternatives, nearest, shorten, shown } from "@shardlab/contracts";
import { z } from "zod";
import type { Finding, Path } from "./fault.ts";
import { childAt, formIndex, isRecord, keysAt, kindsAt, type SchemaPlace } from "./schema-place.ts";

type Issue = z.core.$ZodIssue;

/**
 * The findings of one issue, against the document that `root` holds. `unloaded` are plugins that the document names and that
 * were not loaded: an unknown kind may be theirs.
 */
export function wordIssue(issue: Issue, root: SchemaPlace, unloaded: readonly string[] = []): readonly Finding[] {
  const path = issue.path.map((segment) => (typeof segment === "symbol" ? String(segment) : segment));
  const place = placeAt(root, path);
  if (issue.code === "unrecognized_keys") return unknownKeys(path, issue.keys, place);
  const parent = path.at(-1) === "kind" ? placeAt(root, path.slice(0, -1)) : undefined;
  if (parent && kindsAt(parent.schema).length > 0) return [wordKind(path, parent, unloaded)];
  if (issue.code === "invalid_union" && place) {
    // What is wrong is told for the form that was meant.
    const meant = issue.errors[formIndex(place)];
    if (meant)
      return meant.flatMap((inner) => wordIssue({ ...inner, path: [...issue.path, ...inner.path] }, root, unloaded));
  }
  const at = "value";
  const isRefinement = issue.code === "custom" && issue.message.startsWith("expected ");
  // A default may contradict what is given: then nothing is missing.
  if (issue.code === "custom" && !isRefinement && place && place.value === undefined)
    return [{ path, at, message: wordCustom(issue.message, subject(path), "left at its default", String) }];
  if (place?.value === undefined || place.value === null) {
    const problem = place?.value === undefined ? "missing key" : "missing value";
    const expected = isRefinement ? issue.message : place && `expected ${expectedAt(place)}`;
    return [{ path, at, message: `${problem}: ${subject(path)}${expected ? ` (${expected})` : ""}` }];
  }
  return [{ path, at, message: wordValue(issue, subject(path), place) }];
}

/** The name that messages call a place: its key, with the index of a list element. */
function subject(path: Path): string {
  const last = path.findLastIndex((segment) => typeof segment === "string");
  return last === -1
    ? "scenario"
    : path
        .slice(last)
        .map((segment) => shorten(String(segment)))
        .join(".");
}

function placeAt(root: SchemaPlace, path: Path): SchemaPlace | undefined {
  let place: SchemaPlace | undefined = root;
  for (const segment of path) place = place && childAt({ ...place, value: place.value ?? undefined }, segment);
  return place;
}

/** A scalar as it may have been misspelt; lists and maps are no words. */
const spelt = (value: unknown): string => (typeof value === "object" ? "" : String(value));

/** A `kind` that is missing, or that names no alternative. */
function wordKind(path: Path, parent: SchemaPlace, unloaded: readonly string[]): Finding {
  const kinds = kindsAt(parent.schema);
  const kind: unknown = isRecord(parent.value) ? parent.value.kind : undefined;
  // A rule that goes around another one says under `of` what that is.
  const named = path.slice(0, -1);
  const place = named.slice(0, named.findLastIndex((segment) => segment !== "of") + 1);
  // One of `attacks` is an attack.
  const noun = typeof place.at(-1) === "number" ? subject(place.slice(0, -1)).replace(/s$/, "") : subject(place);
  const isMissing = kind === undefined || kind === null;
  const message = isMissing
    ? `missing key: kind (expected ${kinds.join(", ")})`
    : `unknown ${noun}: ${shown(kind)}${alternatives(spelt(kind), kinds)}`;
  if (!isMissing && noun === "mechanism" && unloaded.length > 0) {
    const files = unloaded.slice(0, 3).map(shorten).join(", ");
    return { path, at: "value", message: `${message}; plugin not loaded: ${files}` };
  }
  return { path, at: "value", message };
}

function unknownKeys(path: Path, keys: readonly string[], place: SchemaPlace | undefined): readonly Finding[] {
  const allowed = (place && keysAt(place)) ?? [];
  const present = isRecord(place?.value) ? place.value : {};
  const free = allowed.filter((key) => !Object.hasOwn(present, key));
  return keys.map((key) => ({
    path: [...path, key],
    at: "key",
    message: `unknown key: ${shown(key)}${alternatives(key, nearest(key, free) === undefined ? allowed : free)}`,
  }));
}

const typeNouns: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

/** What a place takes, as the end of a sentence that begins with "expected". */
function expectedAt(place: SchemaPlace): string {
  const kinds = kindsAt(place.schema);
  if (kinds.length > 0) return `a kind: ${kinds.join(", ")}`;
  const issue = z.safeParse(place.schema, null).error?.issues[0];
  if (issue?.message.startsWith("expected ")) return issue.message.slice("expected ".length);
  if (issue?.code === "invalid_value") return issue.values.map(String).slice(0, 8).join(", ");
  return issue?.code === "invalid_type" ? (typeNouns[issue.expected] ?? issue.expected) : "a value";
}

/** The message for a value that is there and wrong. */
function wordValue(issue: Issue, name: string, place: SchemaPlace): string {
  const { value } = place;
  const invalid = (expected: string): string => `invalid ${name}: ${shown(value)} (${expected})`;
  switch (issue.code) {
    case "invalid_type":
      return wrongType(issue, name, place);
    case "invalid_value":
      return `unknown ${name}: ${shown(value)}${alternatives(spelt(value), issue.values.map(String))}`;
    case "invalid_union":
      return invalid(issue.message.startsWith("expected ") ? issue.message : "expected another type");
    case "too_small":
    case "too_big":
      return outOfBounds(issue, name, value);
    case "custom":
      return wordCustom(issue.message, name, value, invalid);
    default:
      return invalid(shorten(issue.message));
  }
}

function wrongType(issue: z.core.$ZodIssueInvalidType, name: string, place: SchemaPlace): string {
  const hasKinds = kindsAt(place.schema).length > 0;
  const expected = hasKinds ? expectedAt(place) : (typeNouns[issue.expected] ?? issue.expected);
  if (issue.message.startsWith("expected ")) return `invalid ${name}: ${shown(place.value)} (${issue.message})`;
  // The quotes are what is wrong with "2" where a number is expected.
  const value = typeof place.value === "string" ? `"${shown(place.value)}"` : shown(place.value);
  return `invalid ${name}: ${value} (expected ${expected})`;
}

function outOfBounds(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, name: string, value: unknown): string {
  const isSmall = issue.code === "too_small";
  const bound = isSmall ? issue.minimum : issue.maximum;
  const expected = `(expected ${isSmall ? (issue.inclusive ? "at least" : "more than") : issue.inclusive ? "at most" : "less than"} ${bound})`;
  if (Array.isArray(value)) return `too ${isSmall ? "few" : "many"} ${name}: ${value.length} ${expected}`;
  if (value === "") return `empty ${name} (expected text)`;
  if (typeof value === "string")
    return `${name} too ${isSmall ? "short" : "long"}: ${value.length} characters ${expected}`;
  return `${name} too ${isSmall ? "small" : "large"}: ${shown(value)} ${expected}`;
}

/** A message with the name of its place, unless it has that or a value already. */
export const withName = (name: string, message: string): string =>
  message.includes(":") || message.startsWith(`${name} `) ? message : `${name}: ${message}`;

/** The messages of unit schemas and refinements: `expected …`, `too small: expected …`, or a sentence of their own. */
function wordCustom(message: string, name: string, value: unknown, invalid: (expected: string) => string): string {
  if (message.startsWith("expected ")) return invalid(message + unitGuess(message, value));
  const bounded = /^(too small|too large|out of range): (expected .*)$/.exec(message);
  if (bounded) return `${name} ${bounded[1]}: ${shown(value)} (${bounded[2]})`;
  return withName(name, message);
}

/** `; did you mean 80 Mbit/s?` where the message lists units and the value's is near one of them. */
function unitGuess(message: string, value: unknown): string {
  const units = message.split("; units: ")[1]?.split(", ");
  const written = typeof value === "string" ? /^([^a-z%/]*)(.+)$/i.exec(value.trim()) : null;
  if (!units || !written) return "";
  const near = nearest(written[2] as string, units);
  return near === undefined || near === written[2] ? "" : `; did you mean ${shorten(`${written[1]}${near}`)}?`;
}
