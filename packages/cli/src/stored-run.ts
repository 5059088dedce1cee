/** Finds the stored run that a person means. */
import { basename, dirname, resolve } from "node:path";
import type { StoredRun } from "@shardlab/results";
import { InputError } from "./input-error.ts";

/** @property out the folder of results that the run lies in. */
export interface MeantRun extends StoredRun {
  readonly out: string;
}

const shownAtMost = 5;

/**
 * The run that `target` names: the first digits of its id, or its folder.
 *
 * @throws InputError when there is no such run below `out`, or more than one.
 */
export async function findStoredRun(target: string, out: string): Promise<MeantRun> {
  const { listExperimentRuns, listRuns } = await import("@shardlab/results");
  const place = /[\\/]/.test(target) ? resolve(target) : undefined;
  const prefix = basename(target);
  const root = place === undefined ? out : dirname(dirname(place));
  // A run that has been put together with others has no folder any more, and is found by its id all the same.
  const candidates = place === undefined ? listRuns(root) : listExperimentRuns(dirname(place));
  const runs = candidates.filter(({ run }) => run.startsWith(prefix));
  const [found, ...others] = runs;
  if (found === undefined || !/^[0-9a-f]+$/.test(prefix)) {
    throw new InputError(
      `no such run: ${target} (expected the first digits of a run's id in ${out}; shardlab sql "select run, experiment, seed from runs" --out ${out} lists them)`,
    );
  }
  if (others.length > 0) {
    const ids = runs.slice(0, shownAtMost).map(({ run, manifest }) => `${run} (${manifest.experiment})`);
    throw new InputError(
      `several runs begin with ${target}: ${ids.join(", ")}${runs.length > shownAtMost ? " ..." : ""}`,
    );
  }
  return { ...found, out: root };
}
