import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Design } from "./manifest.ts";
import { coordinatesReader } from "./run-index.ts";
import { foldersIn, isVanished, liveRows, readLooseRun, readSnapshot, type Snapshot } from "./snapshot.ts";

/**
 * What is stored of an experiment.
 *
 * @property runs by design, those that have any.
 * @property points different combinations of design and coordinates.
 * @property arms different arms: the sweep points of the main design, and those that the analyses name.
 * @property seeds different seeds.
 * @property models runs by the hash of the model packages that made them.
 * @property looseRuns runs that are folders of their own, which `compactExperiment` would put together.
 */
export interface ExperimentOverview {
  readonly experiment: string;
  readonly runs: Readonly<Partial<Record<Design, number>>>;
  readonly points: number;
  readonly arms: number;
  readonly seeds: number;
  readonly models: Readonly<Record<string, number>>;
  readonly looseRuns: number;
}

class Count {
  private readonly runs: Partial<Record<Design, number>> = {};
  private readonly models: Record<string, number> = {};
  private readonly points = new Set<string>();
  private readonly arms = new Set<string>();
  private readonly seeds = new Set<number>();

  run(design: Design, seed: number, modelHash: string): void {
    this.runs[design] = (this.runs[design] ?? 0) + 1;
    this.models[modelHash] = (this.models[modelHash] ?? 0) + 1;
    this.seeds.add(seed);
  }

  point(design: Design, coordinates: string, arm: unknown): void {
    this.points.add(`${design} ${coordinates}`);
    this.arms.add(design === "main" || arm === undefined ? armOf(coordinates) : String(arm));
  }

  overview(experiment: string, looseRuns: number): ExperimentOverview {
    const { runs, models, points, arms, seeds } = this;
    // Without a sweep the only arm has no coordinates, and its name where an analysis names it.
    if (arms.size > 1) arms.delete("");
    return { experiment, runs, points: points.size, arms: arms.size, seeds: seeds.size, models, looseRuns };
  }
}

/** An arm of the main design is called by its coordinates. */
const armOf = (coordinates: string): string => Object.values(JSON.parse(coordinates) as object).join(", ");

function countRuns({ segments, loose, directory }: Snapshot, experiment: string): ExperimentOverview {
  const count = new Count();
  for (const live of segments) {
    const { index } = live.segment;
    const coordinatesAt = coordinatesReader(index);
    const seen = new Set<number>();
    for (const row of liveRows(live)) {
      const design = index.design.at(row) as Design;
      count.run(design, index.seed[row] as number, index.modelHash.at(row));
      const place =
        (index.coordinates.codes[row] as number) * index.design.distinct + (index.design.codes[row] as number);
      if (seen.has(place)) continue;
      seen.add(place);
      count.point(design, index.coordinates.at(row), design === "main" ? undefined : coordinatesAt(row).arm);
    }
  }
  let looseRuns = 0;
  for (const run of loose) {
    const manifest = readLooseRun(directory, run)?.manifest;
    if (manifest === undefined) continue;
    looseRuns += 1;
    count.run(manifest.design, manifest.seed, manifest.modelHash);
    count.point(manifest.design, JSON.stringify(manifest.coordinates), manifest.coordinates.arm);
  }
  return count.overview(experiment, looseRuns);
}

/** What is stored of each experiment below `out` that has runs, sorted by name. Needs no DuckDB. */
export function overviewResults(out: string): ExperimentOverview[] {
  return foldersIn(out).flatMap((experiment) => {
    const overview = readSnapshot(join(out, experiment), (snapshot) => countRuns(snapshot, experiment));
    return overview.seeds > 0 ? [overview] : [];
  });
}

/** The bytes of all files below a folder. */
export function bytesOf(directory: string): number {
  let bytes = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    try {
      bytes += entry.isDirectory() ? bytesOf(path) : statSync(path).size;
    } catch (error) {
      if (!isVanished(error)) throw error;
    }
  }
  return bytes;
}
