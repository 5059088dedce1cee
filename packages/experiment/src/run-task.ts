/** One run of an experiment, as it is planned. */
import { createHash } from "node:crypto";
import type { Coordinate, Design } from "@shardlab/results";
import { canonicalJson, type PluginSource, type Scenario } from "@shardlab/scenario";

/** A sweep point as an arm of the experiment. */
export interface Arm {
  /** The values swept, joined; the mechanism's kind where nothing is swept. */
  readonly label: string;
  readonly coordinates: Readonly<Record<string, Coordinate>>;
  readonly scenario: Scenario;
}

/**
 * A run: a resolved scenario and a seed, and where it stands in the experiment.
 *
 * @property point index of the scenario within its design and its arm's neighbours; runs of one point differ by seed.
 * @property arm label of the sweep point that the run belongs to.
 * @property coordinates what the results are grouped by, see `planExperiment`.
 * @property scenarioHash of `scenario`, without card, seeds and analyses.
 * @property plugin where the mechanism comes from, when it is no built-in one.
 */
export interface RunTask {
  readonly design: Design;
  readonly point: number;
  readonly arm: string;
  readonly coordinates: Readonly<Record<string, Coordinate>>;
  readonly scenario: Scenario;
  readonly scenarioHash: string;
  readonly seed: number;
  readonly runHash: string;
  readonly plugin?: PluginSource;
  /** Of the files that the scenario names, see `inputDigest`. */
  readonly inputs?: string;
}

/** Only runs of the main design keep their tables over time; the thousands of others keep their measures. */
export const detailOf = (design: Design): "full" | "measures" => (design === "main" ? "full" : "measures");

/**
 * The identity of a run: 64 hexadecimal digits of SHA-256 over everything that decides its content, including its place in
 * the experiment, because two places may hold the same scenario in different detail.
 */
export function runHashOf(task: Omit<RunTask, "runHash" | "point" | "arm" | "scenario">, modelHash: string): string {
  const { design, coordinates, scenarioHash, seed, plugin, inputs } = task;
  return createHash("sha256")
    .update(
      canonicalJson({
        ...{ design, coordinates, scenarioHash, seed, modelHash },
        ...(plugin && { plugin: plugin.hash }),
        ...(inputs !== undefined && { inputs }),
      }),
    )
    .digest("hex");
}
