/** Makes the runs of a plan, in process or on worker threads, and keeps those that are already there. */
import { storedRuns } from "@shardlab/results";
import { openClaims } from "@shardlab/results/claim";
import type { ExecuteOptions, Execution } from "./execute-options.ts";
import { Tally } from "./execute-tally.ts";
import { type Halt, makeRuns } from "./make-runs.ts";
import type { Plan } from "./plan.ts";
import { keepPlugins } from "./plugin-store.ts";

/**
 * Makes every run of `plan` that has no folder yet. A run that fails fails alone; the others go on. Each run is claimed
 * before it starts, so that several processes, also on several machines, can work on one experiment: runs that others have
 * claimed are left for last, then waited for, and count as cached once they are there.
 *
 * @throws ResultsError when results cannot be written (a full disk), or a run of another hash lies under the same id.
 */
export async function executePlan(plan: Plan, options: ExecuteOptions): Promise<Execution> {
  const { directory, log } = options;
  const stored = storedRuns(directory);
  const missing = plan.tasks.filter(({ runHash }) => !stored.has(runHash));
  const tally = new Tally(plan, missing, options);
  const claims = openClaims(directory, { since: log?.timestamp() ?? "", ...options.claims });
  const halt = haltOn(options.signal, () => tally.stopped("interrupt"));
  try {
    keepPlugins(plan.plugins, directory);
    if (missing.length > 0 && !halt.signal.aborted) await makeRuns(missing, { plan, options, tally, claims, halt });
  } finally {
    halt.forget();
    claims.close();
  }
  const execution = tally.finish();
  if (tally.fatal !== undefined) throw tally.fatal;
  return execution;
}

function haltOn(asked: AbortSignal | undefined, onAsked: () => void): Halt {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  const obey = (): void => {
    onAsked();
    stop();
  };
  if (asked?.aborted) obey();
  asked?.addEventListener("abort", obey);
  return { signal: controller.signal, stop, forget: () => asked?.removeEventListener("abort", obey) };
}
