/** Makes a stored run again, as far as asked, and holds its trace against the one that was stored. */
import { type AccountTrace, type EconomyReplay, replayEconomy, traceAccount } from "@shardlab/economy";
import { openResults, type RunManifest } from "@shardlab/results";
import { isSwarm, type Scenario } from "@shardlab/scenario";
import { conductFamilies } from "./conduct-families.ts";
import { ExperimentError } from "./experiment-error.ts";
import { mechanismFactories } from "./plugin-mechanism.ts";
import { storedPlugin } from "./plugin-store.ts";
import { mechanismOf } from "./simulate.ts";

/** The trace of a run at the end of a day. */
export interface StoredCheckpoint {
  readonly day: number;
  readonly digest: string;
}

/**
 * What the comparison with the stored trace says.
 *
 * - `same`: bit for bit the same, as far as it was replayed (`throughDay`).
 * - `different`: the traces part after `throughDay`, and differ at `differsAtDay`.
 * - `unknown`: the stored run keeps no trace over time, and the replay stopped before its end.
 */
export interface TraceComparison {
  readonly verdict: "same" | "different" | "unknown";
  readonly throughDay: number;
  readonly differsAtDay: number | null;
}

export interface ReplayedRun {
  readonly replay: EconomyReplay;
  readonly comparison: TraceComparison;
}

/** Checkpoints of the stored run with this id; none where it kept its measures only. */
export async function storedCheckpoints(out: string, run: string): Promise<StoredCheckpoint[]> {
  const results = await openResults(out);
  try {
    if (!results.views.includes("trace")) return [];
    const { rows } = await results.query(`select day, digest from trace where run = '${run}' order by day`);
    return rows.map(([day, digest]) => ({ day: Number(day), digest: String(digest) }));
  } finally {
    results.close();
  }
}

/**
 * Replays a run from its manifest, and from the code of its plugin where it has one.
 *
 * @param experimentDirectory the folder of the experiment, which keeps the code of plugins.
 */
export async function replayRun(
  manifest: RunManifest,
  experimentDirectory: string,
  stored: readonly StoredCheckpoint[],
  untilSeconds?: number,
): Promise<ReplayedRun> {
  const { scenario, mechanism } = await storedEconomy(manifest, experimentDirectory);
  const { seed } = manifest;
  const until = untilSeconds === undefined ? {} : { untilSeconds };
  const replay = replayEconomy(scenario, mechanism, { seed, families: conductFamilies, ...until });
  return { replay, comparison: compareTraces(replay, stored, manifest.traceHash) };
}

/** The scenario of a run of the economy, and its mechanism from the code that made it. */
async function storedEconomy({ scenario: stored, plugin }: RunManifest, experimentDirectory: string) {
  const scenario = stored as unknown as Scenario;
  if (isSwarm(scenario))
    throw new ExperimentError(`no replay of the swarm: ${scenario.engine} (run it again to compare)`);
  const plugins = plugin === undefined ? [] : [storedPlugin(plugin, experimentDirectory)];
  return { scenario, mechanism: mechanismOf(scenario, await mechanismFactories(plugins)) };
}

export interface TracedRun {
  readonly trace: AccountTrace;
  readonly comparison: TraceComparison;
}

/**
 * Traces the payments of one account in one epoch of a stored run.
 *
 * @param experimentDirectory as `replayRun`.
 * @throws ExperimentError `unknown account: ...`, `unknown epoch: ...`
 */
export async function traceStoredAccount(
  manifest: RunManifest,
  experimentDirectory: string,
  stored: readonly StoredCheckpoint[],
  question: { readonly account: string; readonly epoch: number },
): Promise<TracedRun> {
  const { scenario, mechanism } = await storedEconomy(manifest, experimentDirectory);
  const trace = traceAccount(scenario, mechanism, { seed: manifest.seed, families: conductFamilies, ...question });
  if (typeof trace === "string") throw new ExperimentError(trace);
  const { checkpoints, epoch } = trace;
  const replay = { checkpoints, isWhole: false, days: epoch + 1, traceHash: null };
  return { trace, comparison: compareTraces(replay, stored, manifest.traceHash) };
}

function compareTraces(
  replay: Pick<EconomyReplay, "checkpoints" | "isWhole" | "days" | "traceHash">,
  stored: readonly StoredCheckpoint[],
  wholeTrace: string,
): TraceComparison {
  const digestAt = new Map(stored.map(({ day, digest }) => [day, digest]));
  let throughDay = 0;
  for (const { epoch, digest } of replay.checkpoints) {
    const known = digestAt.get(epoch);
    if (known === undefined) continue;
    if (known !== digest) return { verdict: "different", throughDay, differsAtDay: epoch + 1 };
    throughDay = epoch + 1;
  }
  if (!replay.isWhole) return { verdict: throughDay > 0 ? "same" : "unknown", throughDay, differsAtDay: null };
  if (replay.traceHash === wholeTrace) return { verdict: "same", throughDay: replay.days, differsAtDay: null };
  return { verdict: "different", throughDay, differsAtDay: replay.days };
}
