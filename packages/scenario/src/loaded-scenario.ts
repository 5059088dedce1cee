/** What loading a scenario file yields: the scenario, and the points of its sweep. */
import type { Scenario } from "./scenario-spec.ts";

export type Coordinate = string | number | boolean;

/** One combination of swept values. */
export interface ScenarioPoint {
  readonly index: number;
  /** The label of the value of each swept path, in the order of the file. */
  readonly coordinates: Readonly<Record<string, Coordinate>>;
  /** The document with the swept values in place, in the notation of the file, without sweep and analyses. */
  readonly document: unknown;
  readonly resolved: Scenario;
  readonly hash: string;
}

export interface LoadedScenario {
  /** The file's name without folder and ending. */
  readonly name: string;
  /** What the file says after overrides, in its own notation, with bare kinds written out. */
  readonly document: unknown;
  /** The scenario before any sweep: defaults filled in, quantities in SI. */
  readonly resolved: Scenario;
  readonly hash: string;
  /** The points of the sweep, in file order with the last path varying fastest; one point without a sweep. */
  readonly points: readonly ScenarioPoint[];
}

/** The label of the arm that a point is: its coordinates, joined; empty for the only point of a file without a sweep. */
export const pointLabel = (point: ScenarioPoint): string => Object.values(point.coordinates).join(", ");
