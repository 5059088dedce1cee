/** The identity of a resolved scenario. */
import { createHash } from "node:crypto";
import { experimentFields, type Scenario } from "./scenario-spec.ts";
import { isRecord } from "./schema-place.ts";

/**
 * JSON with the keys of every map in order of their UTF-16 code units and nothing in between, so that equal values
 * give equal texts (as RFC 8785 does). Keys whose value is undefined are left out.
 *
 * @throws Error `not a JSON value: …` for functions, big integers, and numbers that are not finite.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (isRecord(value)) {
    const keys = Object.keys(value).filter((key) => value[key] !== undefined);
    return `{${keys
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`)
      .join(",")}}`;
  }
  const isScalar = value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
  if (!isScalar) throw new Error(`not a JSON value: ${String(value)}`);
  return JSON.stringify(value);
}

const isExperimentField = (key: string): boolean => Object.hasOwn(experimentFields, key);

/**
 * The hash of what a run depends on besides its seed: 16 hexadecimal digits of SHA-256 over the canonical JSON of the
 * resolved scenario without its experiment card, seeds, sweep and analyses.
 */
export function scenarioHash(resolved: Scenario): string {
  const world = Object.fromEntries(Object.entries(resolved).filter(([key]) => !isExperimentField(key)));
  return createHash("sha256").update(canonicalJson(world)).digest("hex").slice(0, 16);
}
