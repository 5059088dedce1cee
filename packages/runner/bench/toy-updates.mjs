// An update of the protocol over processes, with a model that takes no time.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { faultToleranceSpec, parallelismSpec, workerGroupSpec } from "../../protocol/dist/index.js";
import { hardwareSpec, runHardware } from "../dist/index.js";

/** MB of SHA-256 per second. */
export function hashed() {
  const bytes = new Uint8Array(64 << 20);
  const began = performance.now();
  createHash("sha256").update(bytes).digest();
  return bytes.length / 1e6 / ((performance.now() - began) / 1000);
}

/** Median milliseconds of an update. */
export async function toyUpdates({ stages, replicas, microbatches }) {
  const directory = mkdtempSync(join(tmpdir(), "bench-"));
  const module = join(directory, "toy-compute.mjs");
  await build({
    entryPoints: [new URL("../scripts/toy-compute.ts", import.meta.url).pathname],
    outfile: module,
    bundle: true,
    format: "esm",
    platform: "node",
  });
  const times = [];
  await runHardware({
    runId: "bench",
    scenarioHash: "bench",
    directory: join(directory, "run"),
    hardware: hardwareSpec.parse({ shaping: "none" }),
    population: [workerGroupSpec.parse({ group: "bench", count: stages * replicas })],
    protocol: {
      updates: 60,
      parallelism: parallelismSpec.parse({ stages, replicas, microbatches }),
      faultTolerance: faultToleranceSpec.parse({}),
      gradientsAreLossless: true,
    },
    compute: { module: new URL(`file://${module}`), settings: { elements: 64, milliseconds: 0 } },
    onRecord: ({ seconds, record }) => {
      if (record.kind === "update") times.push(seconds * 1000);
    },
  });
  rmSync(directory, { recursive: true, force: true });
  const steps = times.slice(10).map((time, index) => time - times[index + 9]);
  return steps.sort((a, b) => a - b)[steps.length >> 1];
}
