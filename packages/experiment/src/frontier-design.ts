/** The runs of a frontier: axis x lines x searched parameter, for every arm. */
import { exp, log } from "@shardlab/numerics";
import type { Coordinate } from "@shardlab/results";
import { type LoadedScenario, resolvedNumber, type Scenario, withValues } from "@shardlab/scenario";
import type { Arm } from "./run-task.ts";

export interface FrontierCell {
  readonly arm: Arm;
  readonly point: number;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly coordinates: Readonly<Record<string, Coordinate>>;
}

/**
 * `count` values from low to high, evenly spaced in their logarithm; both ends exact.
 *
 * @throws `invalid range` unless 0 < low < high.
 */
export function logarithmicGrid(low: number, high: number, count: number): number[] {
  if (!(low > 0 && high > low)) throw new Error(`invalid range: ${low} to ${high} (expected 0 < low < high)`);
  const step = (log(high) - log(low)) / (count - 1);
  const inner = Array.from({ length: count - 2 }, (_, index) => exp(log(low) + step * (index + 1)));
  return [low, ...inner, high];
}

/** Every run of the frontier. All cells and arms use the same seeds: the first `frontier.seeds`. */
export function frontierCells(loaded: LoadedScenario, arms: readonly Arm[]): FrontierCell[] {
  const { frontier, seeds } = loaded.resolved;
  if (!frontier) return [];
  const { over, lines, find } = frontier;
  const si = (path: string, raw: unknown): number => resolvedNumber(loaded, path, raw);
  const searched = logarithmicGrid(si(find.path, find.low), si(find.path, find.high), find.points);
  const axisValues = over.values.map((raw) => si(over.path, raw));
  const lineValues = lines.values.map((raw) => si(lines.path, raw));
  const cells: FrontierCell[] = [];
  let point = 0;
  for (const line of lineValues) {
    for (const along of axisValues) {
      for (const value of searched) {
        const values = { [over.path]: along, [lines.path]: line, [find.path]: value };
        for (const arm of arms) {
          const scenario = withValues(arm.scenario, values, loaded.language.spec);
          for (let index = 0; index < frontier.seeds; index++) {
            cells.push({ arm, point, scenario, seed: seeds.first + index, coordinates: values });
          }
          point += 1;
        }
      }
    }
  }
  return cells;
}
