/** Checks a document against the schema and against itself, and resolves it. */
import { shown } from "@shardlab/contracts";
import { economyContradictions } from "@shardlab/economy/spec";
import type { z } from "zod";
import { getAt } from "./dotted-path.ts";
import type { Finding, Path } from "./fault.ts";
import type { Language } from "./language.ts";
import { isSwarm, type Scenario } from "./scenario-spec.ts";
import { isRecord } from "./schema-place.ts";
import { swarmContradictions } from "./swarm-contradictions.ts";
import { withName, wordIssue } from "./wording.ts";

export interface Checked {
  readonly findings: readonly Finding[];
  /** Absent where anything was found. */
  readonly resolved?: Scenario;
}

/** Everything that is wrong with `document`, whatever it is, or the scenario that it resolves to. */
export function checkDocument(document: unknown, language: Language): Checked {
  const { spec } = language;
  const parsed = spec.safeParse(document);
  if (parsed.success) {
    const findings = contradictions(parsed.data, document);
    return findings.length > 0 ? { findings } : { findings, resolved: parsed.data };
  }
  const { issues } = parsed.error;
  const findings = wordIssues(issues, document, language);
  if (!issues.some((issue) => issue.code === "unrecognized_keys")) return { findings };
  // Unknown keys change nothing else, so that contradictions can still be found without them.
  const known = spec.safeParse(withoutUnknown(document, issues));
  return { findings: known.success ? [...findings, ...contradictions(known.data, document)] : findings };
}

/** What zod found wrong in `document`, in the words of scenario files. */
function wordIssues(issues: readonly z.core.$ZodIssue[], document: unknown, language: Language): readonly Finding[] {
  const root = { schema: language.spec, value: document };
  return issues.flatMap((issue) => wordIssue(issue, root, language.unloaded));
}

const contradictions = (scenario: Scenario, document: unknown): readonly Finding[] => [
  ...contradictionsBetween(scenario),
  ...infinities(scenario, document),
];

/** Values that do not go together. */
export function contradictionsBetween(scenario: Scenario): readonly Finding[] {
  if (isSwarm(scenario)) return swarmContradictions(scenario);
  return economyContradictions(scenario).map(({ path, message }): Finding => {
    const key = String(path.at(-1));
    return { path, at: "value", message: withName(key, message) };
  });
}

const infinities = (resolved: unknown, document: unknown): readonly Finding[] =>
  infinitePlaces(resolved).map((path): Finding => {
    return { path, at: "value", message: `not a finite number: ${shown(getAt(document, path))}` };
  });

/** What one key of a scenario says, apart from the others. */
export interface CheckedField {
  readonly findings: readonly Finding[];
  /** The resolved value, unknown keys left out. */
  readonly resolved?: { readonly value: unknown };
}

/** Checks the value of one key by itself; undefined where the document lacks the key. */
export function checkField(key: string, raw: unknown, language: Language): CheckedField {
  const shape: Readonly<Record<string, z.ZodType>> = language.spec.shape;
  const schema = Object.hasOwn(shape, key) ? shape[key] : undefined;
  // A key that there is none of is a fault of the document and not of its value.
  if (!schema) return { findings: [] };
  const document = raw === undefined ? {} : { [key]: raw };
  const parsed = schema.safeParse(raw);
  if (parsed.success) {
    const findings = infinities({ [key]: parsed.data }, document);
    return { findings, resolved: { value: parsed.data } };
  }
  const issues = parsed.error.issues.map((issue) => ({ ...issue, path: [key, ...issue.path] }));
  const findings = wordIssues(issues, document, language);
  if (!issues.some((issue) => issue.code === "unrecognized_keys")) return { findings };
  const cleaned = withoutUnknown(document, issues) as Readonly<Record<string, unknown>>;
  const known = schema.safeParse(cleaned[key]);
  return { findings, ...(known.success && { resolved: { value: known.data } }) };
}

const none: readonly Path[] = [];

/** Places with a number that is not finite: `1e999 h` has the right form and no finite value. */
function infinitePlaces(value: unknown): readonly Path[] {
  if (typeof value === "number") return Number.isFinite(value) ? none : [[]];
  if (typeof value !== "object" || value === null) return none;
  const places: Path[] = [];
  for (const key of Object.keys(value)) {
    const segment = Array.isArray(value) ? Number(key) : key;
    for (const below of infinitePlaces((value as Record<string, unknown>)[key])) places.push([segment, ...below]);
  }
  return places;
}

function withoutUnknown(document: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const copy: unknown = structuredClone(document);
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") continue;
    const parent = getAt(copy, issue.path as Path);
    for (const key of isRecord(parent) ? issue.keys : []) delete (parent as Record<string, unknown>)[key];
  }
  return copy;
}
