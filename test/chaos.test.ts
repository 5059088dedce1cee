/** A sweep that is killed fifty times and resumed loses nothing and ends like one that was left alone. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createStreams } from "@shardlab/random";
import { listExperimentRuns, openResults, type QueryValue } from "@shardlab/results";
import { beforeAll, describe, expect, it } from "vitest";
import { shardlab, temporaryFolder } from "./shardlab.ts";
import { startShardlab } from "./shardlab-process.ts";

const kills = 50;
const seeds = 250;
const runs = 2 * seeds;
/** A process is killed once it has ended up to so many runs, and at most so much later. */
const mostRunsEnded = 10;
const longestDelayMilliseconds = 30;
const timeoutMilliseconds = 300_000;
const fixture = "test/fixtures/tiny.yaml";
const sweep = (out: string): string[] => [
  ...["run", fixture, "--seeds", String(seeds), "--jobs", "2", "--no-report", "--out", out],
];
const experiment = (out: string): string => join(out, "tiny");
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Ids of the finished runs; throws when anything half-written is among them. */
const storedRuns = (out: string): string[] => listExperimentRuns(experiment(out)).map(({ run }) => run);

/** Resolves when the log says that this process has started a run and ended so many. */
async function hasEnded(out: string, processId: number | undefined, ended: number): Promise<void> {
  const log = join(experiment(out), "log.jsonl");
  const said = (event: string): number =>
    existsSync(log) ? readFileSync(log, "utf8").split(`"process":${processId},"event":"${event}"`).length - 1 : 0;
  while (said("run-start") === 0 || said("run-end") < ended) await sleep(5);
}

/** What manifests say apart from times and where they were made, and a digest of every table of every run. */
async function contents(out: string) {
  const manifests = listExperimentRuns(experiment(out)).map(({ manifest }) => {
    const { phases: _, commit: _commit, dirty: _dirty, node: _node, ...kept } = manifest;
    return kept;
  });
  const results = await openResults(out);
  const tables: Record<string, readonly (readonly QueryValue[])[]> = {};
  for (const view of results.views.filter((name) => name !== "runs")) {
    const digest = `select run, count(*), sum(hash(t)::hugeint)::varchar from "${view}" t group by run order by run`;
    tables[view] = (await results.query(digest)).rows;
  }
  results.close();
  return { manifests, tables };
}

describe(`a sweep of ${runs} runs that is killed ${kills} times`, () => {
  const [calm, killed] = [temporaryFolder(), temporaryFolder()];
  /** Runs stored after each kill. */
  const counts: number[] = [];

  beforeAll(async () => {
    const undisturbed = await shardlab(sweep(calm));
    if (undisturbed.code !== 0) throw new Error(undisturbed.stderr);
    const delays = createStreams(50).stream("kill", 0);
    let stored: readonly string[] = [];
    for (let kill = 0; kill < kills; kill++) {
      const { child, finished } = startShardlab(sweep(killed));
      // Every fifth is killed before or while it starts; the others once they have begun to work.
      const [ended, delay] = [delays.integer(mostRunsEnded + 1), delays.uniform(0, longestDelayMilliseconds)];
      if (kill % 5 > 0) await hasEnded(killed, child.pid, ended);
      else await sleep(10 * delay);
      await sleep(delay);
      child.kill("SIGKILL");
      await finished;
      const now = storedRuns(killed);
      expect(now).toEqual(expect.arrayContaining([...stored]));
      stored = now;
      counts.push(now.length);
    }
  }, timeoutMilliseconds);

  it("was killed while it worked, time after time", () => {
    const progressed = counts.filter((count, kill) => count > (counts[kill - 1] ?? 0));
    expect(progressed.length).toBeGreaterThan(kills / 2);
    expect(counts.at(-1)).toBeLessThan(runs);
  });

  it("shows whole runs alone to list and sql", async () => {
    const stored = storedRuns(killed).length;
    const list = await shardlab(["list", "--out", killed]);
    expect([list.code, list.stdout]).toEqual([0, expect.stringMatching(new RegExp(`^tiny\\s+${stored}\\b`, "m"))]);
    const query =
      "select count(distinct run) as runs, min(measures) = max(measures) as whole from (select run, count(*) as measures from measures group by run)";
    const sql = await shardlab(["sql", query, "--out", killed, "--format", "csv"]);
    expect(sql.stdout).toBe(`runs,whole\n${stored},true\n`);
  });

  it("is resumed by the same command, and then equals one that was left alone, bit for bit", async () => {
    const stored = storedRuns(killed).length;
    const { code, stderr } = await shardlab(sweep(killed));
    expect([code, stderr]).toEqual([0, expect.stringContaining(`${stored} stored, ${runs - stored} to run`)]);
    const [left, right] = [await contents(killed), await contents(calm)];
    expect(left.manifests).toHaveLength(runs);
    expect(Object.keys(left.tables)).toEqual(expect.arrayContaining(["measures", "timeline"]));
    expect(left.manifests).toEqual(right.manifests);
    expect(left.tables).toEqual(right.tables);
  });
});
