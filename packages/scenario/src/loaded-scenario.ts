/** What loading a scenario file yields: the scenario, and the points of its sweep. */
import { kindsWithin } from "@shardlab/contracts";
import { kindLabel } from "./kind-label.ts";
import type { Language } from "./language.ts";
import { isSwarm, type Scenario } from "./scenario-spec.ts";
import type { SweepSize } from "./sweep-size.ts";

export type Coordinate = string | number | boolean;

/** The file that a mechanism was loaded from, and the hash of its content. */
export interface PluginSource {
  readonly kind: string;
  readonly file: string;
  readonly hash: string;
}

/** One combination of swept values. */
export interface ScenarioPoint<S extends Scenario = Scenario> {
  readonly index: number;
  /**
   * The label of the value of each swept path, in the order of the file; a path that is swept under a condition is absent
   * where the condition does not hold.
   */
  readonly coordinates: Readonly<Record<string, Coordinate>>;
  /** The document with the swept values in place, in the notation of the file, without sweep and analyses. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly resolved: S;
  readonly hash: string;
  /** Where the mechanism comes from, when it is no built-in one. */
  readonly plugin?: PluginSource;
}

export interface LoadedScenario<S extends Scenario = Scenario> {
  /** The file's name without folder and ending. */
  readonly name: string;
  /** What the file says after overrides, in its own notation, with bare kinds written out. */
  readonly document: Readonly<Record<string, unknown>>;
  /** The scenario before any sweep: defaults filled in, quantities in SI. */
  readonly resolved: S;
  readonly hash: string;
  /** The points of the sweep, in file order with the last path varying fastest; one point without a sweep. */
  readonly points: readonly ScenarioPoint<S>[];
  /** How many points each part of the sweep gives. */
  readonly size: SweepSize;
  /** What it was checked with: the built-in kinds and those of its plugins. */
  readonly language: Language;
}

/** The label of the arm that a point is: its coordinates, joined; empty for the only point of a file without a sweep. */
export const pointLabel = (point: ScenarioPoint): string => Object.values(point.coordinates).join(", ");

/** The label of a point, or what its world calls the only one: the mechanism of an economy, the engine of a swarm. */
export const armLabel = (point: ScenarioPoint): string => pointLabel(point) || worldLabel(point.resolved);

const worldLabel = (scenario: Scenario): string =>
  isSwarm(scenario) ? scenario.engine : (kindLabel(scenario.mechanism) ?? scenario.mechanism.kind);

/** Where the mechanism of `scenario`, or the one within it, comes from; undefined for a built-in one. */
export function pluginOf({ language }: Pick<LoadedScenario, "language">, scenario: Scenario): PluginSource | undefined {
  if (isSwarm(scenario)) return undefined;
  const kinds = kindsWithin(scenario.mechanism);
  const plugin = language.plugins.find((candidate) => kinds.includes(candidate.kind));
  return plugin && { kind: plugin.kind, file: plugin.file, hash: plugin.hash };
}
