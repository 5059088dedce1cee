// How long reading takes at 10^3, 10^4 and 10^5 runs of 13 measures, and how fast run folders are put together.
// node packages/results/bench/results.mjs [most runs, 100000 unless given]; build first.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { syntheticRun, writeSyntheticRuns } from "../dist/fixtures/synthetic-runs.js";
import {
  bytesOf,
  compactExperiment,
  openResults,
  overviewResults,
  readMeasureColumns,
  readMeasures,
  storedRuns,
  writeRun,
} from "../dist/index.js";

const most = Number(process.argv[2] ?? 100_000);
const command = new URL("../../../bin/shardlab.mjs", import.meta.url).pathname;
const root = mkdtempSync(join(tmpdir(), "shardlab-bench-"));

/** Wall-clock and this process's CPU milliseconds: on a busy machine the second is the one to compare. */
async function time(label, work) {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const used = process.cpuUsage(cpu);
  const [wall, busy] = [performance.now() - start, (used.user + used.system) / 1000];
  console.log(`  ${label.padEnd(44)} ${wall.toFixed(0).padStart(7)} ms  ${busy.toFixed(0).padStart(7)} ms of CPU`);
  return result;
}

const byArm =
  "select mechanism, seed, avg(value) from measures join runs using (experiment, run) where name = 'loss' group by all";
const compare = `with sides as (select experiment, mechanism, seed, avg(value) as loss from measures join runs using (experiment, run)
  where name = 'loss' group by all) select mechanism, avg(a.loss - b.loss) from sides a join sides b using (mechanism, seed)
  where a.experiment = 'first' and b.experiment = 'second' group by all`;

async function measure(points, seeds) {
  const runs = points * seeds;
  console.log(`${runs} runs: ${points} points x ${seeds} seeds`);
  const out = join(root, `${points}-${seeds}`);
  const directory = join(out, "first");
  await time("write into a segment", () => writeSyntheticRuns(directory, { experiment: "first", points, seeds }));
  console.log(`  ${(bytesOf(directory) / runs).toFixed(0)} bytes a run`);
  await time("overviewResults", () => overviewResults(out));
  const stored = await time("storedRuns", () => storedRuns(directory));
  const hashes = Array.from(
    { length: runs },
    (_, run) => syntheticRun("first", Math.floor(run / seeds), run % seeds).record.runHash,
  );
  await time(`storedRuns.has, ${runs} times`, () => hashes.filter((hash) => stored.has(hash)).length);
  await time("readMeasureColumns", () => readMeasureColumns(directory));
  await time("readMeasures", () => readMeasures(directory));
  const results = await time("openResults", () => openResults(out));
  await time("SQL: a mean by arm and seed", () => results.query(byArm));
  results.close();
  await time("shardlab list, whole process", () => execFileSync(process.execPath, [command, "list", "--out", out]));
  await time("shardlab sql, whole process", () =>
    execFileSync(process.execPath, [command, "sql", byArm, "--out", out]),
  );
  writeSyntheticRuns(join(out, "second"), { experiment: "second", points, seeds });
  await time("shardlab sql, two such experiments compared", () =>
    execFileSync(process.execPath, [command, "sql", compare, "--out", out]),
  );
  rmSync(out, { recursive: true });
}

async function compaction(count) {
  const directory = join(root, "loose");
  for (let run = 0; run < count; run += 1) {
    const { record, tables } = syntheticRun("loose", Math.floor(run / 20), run % 20);
    writeRun(directory, record, tables);
  }
  console.log(`${count} runs in folders of their own`);
  await time("readMeasureColumns", () => readMeasureColumns(directory));
  await time("overviewResults", () => overviewResults(root));
  await time("compactExperiment", () => compactExperiment(directory));
}

try {
  await compaction(Math.min(most, 3000));
  rmSync(join(root, "loose"), { recursive: true });
  for (const [points, seeds] of [
    [50, 20],
    [500, 20],
    [5000, 20],
    [50_000, 2],
  ]) {
    if (points * seeds <= most) await measure(points, seeds);
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
