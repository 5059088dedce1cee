/** The identity of a resolved scenario. */
import { createHash } from "node:crypto";
import { experimentFields } from "./experiment-card.ts";
import { isSwarm, type Scenario } from "./scenario-spec.ts";
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

/** Whether a key changes no run in any world. */
const isExperimentField = (key: string): boolean => Object.hasOwn(experimentFields, key);

/**
 * Whether a key decides what a run computes: one engine's own settings change no run of the other, except that a simulation
 * with real numbers computes on what `hardware` says.
 */
export function changesRuns(key: string, scenario: Scenario): boolean {
  if (isExperimentField(key)) return false;
  if (!isSwarm(scenario)) return true;
  if (scenario.engine === "hardware") return key !== "simulation";
  return key !== "hardware" || scenario.simulation.compute === "real";
}

/**
 * The hash of what a run depends on besides its seed: 16 hexadecimal digits of SHA-256 over the canonical JSON of the
 * resolved scenario without its experiment card, seeds, sweep, analyses and the settings of another engine.
 */
export function scenarioHash(resolved: Scenario): string {
  const world = Object.entries(resolved).filter(([key, value]) => changesRuns(key, resolved) && value !== undefined);
  return hashOfFields(world.map(([key, value]) => [key, canonicalJson(value)]));
}

/** The hash of a map with these keys, each with the canonical JSON of its value. */
export function hashOfFields(fields: readonly (readonly [key: string, canonical: string])[]): string {
  const sorted = fields.toSorted(([a], [b]) => (a < b ? -1 : 1));
  const text = sorted.map(([key, canonical]) => `${JSON.stringify(key)}:${canonical}`).join(",");
  return createHash("sha256").update(`{${text}}`).digest("hex").slice(0, 16);
}
