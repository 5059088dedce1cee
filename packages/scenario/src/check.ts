/** Checks a document against the schema and against itself, and resolves it. */
import { economyContradictions } from "@shardlab/economy/spec";
import type { z } from "zod";
import { getAt } from "./dotted-path.ts";
import { type Finding, type Path, shown } from "./fault.ts";
import { type Scenario, scenarioSpec } from "./scenario-spec.ts";
import { isRecord } from "./schema-place.ts";
import { wordIssue } from "./wording.ts";

export interface Checked {
  readonly findings: readonly Finding[];
  /** Absent where anything was found. */
  readonly resolved?: Scenario;
}

/** Everything that is wrong with `document`, whatever it is, or the scenario that it resolves to. */
export function checkDocument(document: unknown): Checked {
  const parsed = scenarioSpec.safeParse(document);
  if (parsed.success) {
    const findings = contradictions(parsed.data, document);
    return findings.length > 0 ? { findings } : { findings, resolved: parsed.data };
  }
  const { issues } = parsed.error;
  const root = { schema: scenarioSpec, value: document };
  const findings = issues.flatMap((issue) => wordIssue(issue, root));
  if (!issues.some((issue) => issue.code === "unrecognized_keys")) return { findings };
  // Unknown keys change nothing else, so that contradictions can still be found without them.
  const known = scenarioSpec.safeParse(withoutUnknown(document, issues));
  return { findings: known.success ? [...findings, ...contradictions(known.data, document)] : findings };
}

function contradictions(scenario: Scenario, document: unknown): readonly Finding[] {
  const economy = economyContradictions(scenario).map(({ path, message }): Finding => {
    const key = path.at(-1);
    return { path, at: "value", message: message.includes(":") ? message : `${key}: ${message}` };
  });
  const infinite = infinitePlaces(scenario).map((path): Finding => {
    return { path, at: "value", message: `not a finite number: ${shown(getAt(document, path))}` };
  });
  return [...economy, ...infinite];
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
