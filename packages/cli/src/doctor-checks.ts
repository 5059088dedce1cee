/** The checks of `shardlab doctor`, each on what a run, a report or a notebook really uses. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { formatQuantity } from "./number-format.ts";

/**
 * @property state `absent` where something optional is not there.
 * @property advice what to do about it.
 */
export interface Check {
  readonly name: string;
  readonly state: "ok" | "absent" | "warning" | "failed";
  readonly detail: string;
  readonly advice?: string;
}

type Finding = Omit<Check, "name">;
const ok = (detail: string): Finding => ({ state: "ok", detail });

/** Makes every check, whatever becomes of the others. `out` is the folder of results. */
export async function checkInstallation(out: string): Promise<Check[]> {
  const checks: readonly (readonly [name: string, check: () => Finding | Promise<Finding>])[] = [
    ["node", nodeVersion],
    ["build", buildAge],
    ["model code", modelCode],
    ["arithmetic", arithmetic],
    ["worker threads", workerThreads],
    ["storage", storage],
    ["figures", figures],
    ["results", () => resultsFolder(out)],
    ["notebooks", notebooks],
  ];
  const made: Check[] = [];
  for (const [name, check] of checks) {
    try {
      made.push({ name, ...(await check()) });
    } catch (error) {
      const [detail = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
      made.push({ name, state: "failed", detail, advice: "npm ci && npm run build, then try again" });
    }
  }
  return made;
}

const oldestNode = [20, 19] as const;

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isNew = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  const detail = process.versions.node;
  return isNew ? ok(detail) : { state: "failed", detail, advice: `install Node ${oldestNode.join(".")} or newer` };
}

/** The time of the newest file below a folder whose name ends in `ending`; 0 without any. */
function newest(folder: string, ending: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(ending) && !path.endsWith(`.test${ending}`))
    .reduce((latest, path) => Math.max(latest, statSync(join(folder, path)).mtimeMs), 0);
}

async function buildAge(): Promise<Finding> {
  const { packagesRoot } = await import("@shardlab/experiment");
  const root = packagesRoot();
  const bundle = statSync(join(root, "cli/dist/bundle/main.js")).mtimeMs;
  const isBehind = readdirSync(root).some((name) => newest(join(root, name, "src"), ".ts") > bundle);
  if (!isBehind) return ok("as new as the sources");
  return { state: "warning", detail: "older than the sources", advice: "npm run build" };
}

async function modelCode(): Promise<Finding> {
  const { packagesRoot, provenance } = await import("@shardlab/experiment");
  const { modelHash } = await import("@shardlab/results");
  const { commit, dirty } = provenance();
  const at =
    commit === null ? "outside a git checkout" : `commit ${commit.slice(0, 12)}${dirty ? ", with changes" : ""}`;
  return ok(`${modelHash(packagesRoot())}, ${at}`);
}

async function arithmetic(): Promise<Finding> {
  const { expectedNumericsDigest, numericsDigest } = await import("@shardlab/numerics");
  const digest = numericsDigest();
  if (digest === expectedNumericsDigest) return ok("the same bits as on every other machine");
  const detail = `digest ${digest}, expected ${expectedNumericsDigest}`;
  return { state: "failed", detail, advice: "traces from here differ from everybody else's: please report this" };
}

async function workerThreads(): Promise<Finding> {
  const echo = 'const { parentPort } = require("node:worker_threads"); parentPort.postMessage("here");';
  const worker = new Worker(echo, { eval: true });
  try {
    await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    return ok("start and answer");
  } finally {
    await worker.terminate();
  }
}

/** Writes a run and reads it back, so that Parquet, DuckDB and renaming are all tried. */
async function storage(): Promise<Finding> {
  const { measuresTable, readMeasures, writeRun } = await import("@shardlab/results");
  const folder = mkdtempSync(join(tmpdir(), "shardlab-doctor-"));
  try {
    const record = {
      ...{ experiment: "doctor", design: "main" as const, point: 0, seed: 1, coordinates: {}, scenario: {} },
      ...{
        scenarioHash: "0".repeat(16),
        runHash: "0".repeat(64),
        modelHash: "0".repeat(16),
        traceHash: "0".repeat(16),
      },
      ...{ commit: null, dirty: null, node: process.versions.node, phases: {}, assumptions: [] },
      determinism: "exact" as const,
    };
    writeRun(folder, record, [measuresTable([{ name: "answer", unit: "1", value: 42 }])]);
    const [row] = await readMeasures(folder);
    if (row?.value !== 42) throw new Error(`a run was written and not read back: ${row?.value}`);
    return ok("a run is written and read back");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function figures(): Promise<Finding> {
  const { renderPng } = await import("@shardlab/report");
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><text x="2" y="14">ok</text></svg>';
  const bytes = renderPng(svg).length;
  return bytes > 100 ? ok("drawn as SVG and PNG") : { state: "failed", detail: `a PNG of ${bytes} bytes` };
}

const leastFreeBytes = 1e9;

function resultsFolder(out: string): Finding {
  if (!existsSync(out)) return { state: "absent", detail: `none yet in ${out}` };
  const probe = join(out, `.tmp-doctor-${process.pid}`);
  mkdirSync(probe);
  rmSync(probe, { recursive: true });
  const { bavail, bsize } = statfsSync(out);
  const experiments = readdirSync(out, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && existsSync(join(out, entry.name, "experiment.json")),
  );
  const count = `${experiments.length} ${experiments.length === 1 ? "experiment" : "experiments"} in ${out}`;
  const detail = `${count}, ${formatQuantity(bavail * bsize, "B")} free`;
  if (bavail * bsize >= leastFreeBytes) return ok(detail);
  return { state: "warning", detail, advice: "free some space: a full disk ends an experiment" };
}

async function notebooks(): Promise<Finding> {
  const { packagesRoot } = await import("@shardlab/experiment");
  const kernel = join(packagesRoot(), "../notebooks/kernel/node_modules/tslab");
  const hasJupyter = spawnSync("jupyter", ["--version"], { stdio: "ignore" }).status === 0;
  if (hasJupyter && existsSync(kernel)) return ok("Jupyter and the TypeScript kernel are there");
  const missing = [...(hasJupyter ? [] : ["Jupyter"]), ...(existsSync(kernel) ? [] : ["the TypeScript kernel"])];
  const advice = `${hasJupyter ? "" : "bash scripts/setup-system.sh or pip install jupyterlab; "}npm run notebook`;
  return { state: "absent", detail: `without ${missing.join(" and ")} (optional)`, advice };
}
