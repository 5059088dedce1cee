/** Arms that differ in the engine alone: a run on hardware, and the same run simulated beside it. */
import type { PointSummary } from "@shardlab/experiment";

export interface EnginePair {
  /** What else the two have in common; empty where the engine alone is swept. */
  readonly label: string;
  readonly hardware: PointSummary;
  readonly simulation: PointSummary;
}

const engineOf = ({ coordinates }: PointSummary): unknown => coordinates.engine;

function restOf({ coordinates }: PointSummary): string {
  const { engine: _, ...rest } = coordinates;
  return Object.entries(rest)
    .map(([path, value]) => `${path}: ${value}`)
    .join(", ");
}

/** Every arm on hardware with the simulated one that is like it otherwise. */
export function enginePairs(points: readonly PointSummary[]): EnginePair[] {
  const simulated = points.filter((point) => engineOf(point) === "simulation");
  return points
    .filter((point) => engineOf(point) === "hardware")
    .flatMap((hardware): EnginePair[] => {
      const label = restOf(hardware);
      const simulation = simulated.find((point) => restOf(point) === label);
      return simulation ? [{ label, hardware, simulation }] : [];
    });
}
