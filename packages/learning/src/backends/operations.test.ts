import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { type BackendKind, backendKinds } from "./backend.ts";
import { greatestError, type OperationFamily, operationCases, operationFamilies } from "./operation-cases.ts";

/**
 * Greatest difference from the cpu backend, of the greatest element of a result. Sums differ by their order; the others by
 * a few units in the last place of float32 (6e-8); what only copies, adds or multiplies once has the same bits.
 */
const bounds: Readonly<Record<OperationFamily, number>> = {
  "matrix product": 4e-6,
  "batched product": 4e-6,
  softmax: 6e-7,
  reduction: 1e-5,
  "exp, log, rsqrt": 6e-7,
  "erf, tanh, sigmoid": 6e-7,
  broadcast: 0,
  copy: 0,
};

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const isContinuousIntegration = process.env.CI === "true";
/** What continuous integration installs; a GPU it need not have. */
const required: readonly BackendKind[] = ["cpu", "wasm", "tensorflow"];

/** What a process of its own says of one backend: tfjs keeps its state globally, for all copies of its core. */
interface ProcessReport {
  readonly kind: BackendKind;
  readonly device: string;
  /** Of all results together, by run. */
  readonly digests: readonly string[];
  readonly results: readonly Float32Array[];
}

const processSource = `
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { openBackend } from "./open-backend.ts";
import { operationResults } from "./operation-cases.ts";
const [kind, file, count] = process.argv.slice(2);
const backend = await openBackend({ kind });
const runs = [];
while (runs.length < Number(count)) runs.push(await operationResults(backend));
const bytes = runs.map((results) => Buffer.concat(results.map((values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength))));
writeFileSync(file, bytes[0]);
const digests = bytes.map((all) => createHash("sha256").update(all).digest("hex"));
const lengths = runs[0].map((values) => values.length);
process.stdout.write(JSON.stringify({ kind: backend.kind, device: backend.device, digests, lengths }));
backend.dispose();
// Runs of a worker thread open it one after the other.
const again = await openBackend({ kind });
if (again.kind !== backend.kind) throw new Error("opened again as " + again.kind);
again.dispose();`;

// Inside the checkout, so that packages are found from there.
const folder = join(root, ".cache", `operations-${process.pid}-${Math.trunc(performance.now())}`);

async function buildProcess(): Promise<void> {
  const resolveDir = fileURLToPath(new URL(".", import.meta.url));
  await build({
    stdin: { contents: processSource, resolveDir },
    ...{ outfile: join(folder, "process.mjs"), external: ["@tensorflow/*"] },
    ...{ bundle: true, format: "esm", platform: "node", logLevel: "error" },
  });
}

/** Does every case, `runs` times, in a process of its own. @throws Error with what it says where the backend does not open. */
function runProcess(kind: BackendKind | "auto", runs: number): ProcessReport {
  const file = join(folder, `${kind}.f32`);
  const options = { encoding: "utf8", cwd: root } as const;
  const { stdout, stderr, status, signal } = spawnSync(
    process.execPath,
    [join(folder, "process.mjs"), kind, file, String(runs)],
    options,
  );
  if (status !== 0) throw new Error(/BackendError: (.*)/.exec(stderr)?.[1] ?? `${status ?? signal}: ${stderr}`);
  const report = JSON.parse(stdout) as ProcessReport & { readonly lengths: readonly number[] };
  const bytes = readFileSync(file);
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  let start = 0;
  const results = report.lengths.map((length) => {
    start += length;
    return all.subarray(start - length, start);
  });
  return { ...report, results };
}

/** Reports by kind, and why there is none of the others. */
const reports = new Map<BackendKind, ProcessReport>();
const missing = new Map<BackendKind, string>();
mkdirSync(folder, { recursive: true });
await buildProcess();
for (const kind of backendKinds) {
  try {
    reports.set(kind, runProcess(kind, 2));
  } catch (error) {
    missing.set(kind, (error as Error).message);
  }
}
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.runIf(isContinuousIntegration)("continuous integration has the backends that it is to test", () => {
  expect(required.flatMap((kind) => missing.get(kind) ?? [])).toEqual([]);
});

describe.each(backendKinds)("operations on %s", (kind) => {
  const reason = missing.get(kind);
  if (reason !== undefined) {
    test.skip(`skipped: ${reason}`, () => {});
    return;
  }

  const report = reports.get(kind) as ProcessReport;
  const reference = reports.get("cpu") as ProcessReport;

  test("agree with cpu within the stated bounds, at every width", () => {
    const faults = operationCases.flatMap(({ family, name }, index) => {
      const error = greatestError(reference.results[index] as Float32Array, report.results[index] as Float32Array);
      return error <= bounds[family] ? [] : [`${family}: ${name}: ${error}`];
    });
    expect(faults).toEqual([]);
  });

  test("have the same bits between runs and between processes", () => {
    const [first, second] = report.digests;
    expect(second).toBe(first);
    expect(runProcess(kind, 1).digests).toEqual([first]);
  });
});

test.runIf(reports.has("tensorflow"))(
  "the end of a worker thread does not take TensorFlow's code from its threads",
  () => {
    const source = `
    const { Worker } = require("node:worker_threads");
    const start = () => new Worker(process.argv[1], { argv: process.argv.slice(2) });
    start().on("exit", () => start().on("exit", (code) => { process.exitCode = code; }));`;
    const args = ["-e", source, join(folder, "process.mjs"), "tensorflow", join(folder, "threads.f32"), "1"];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8", cwd: root });
    expect(status, stderr).toBe(0);
    const [digest] = reports.get("tensorflow")?.digests ?? [];
    expect(stdout.match(/"digests":\["(\w+)"/g)).toEqual([`"digests":["${digest}"`, `"digests":["${digest}"`]);
  },
);

test("auto opens the last of the kinds that open, and no GPU in software", () => {
  const fast = [...reports.values()].filter(({ device }) => !/llvmpipe|swiftshader/i.test(device));
  expect(runProcess("auto", 1).kind).toBe(fast.at(-1)?.kind);
});

test("every family has cases, and a product of matrices at every width", () => {
  const families = new Set(operationCases.map(({ family }) => family));
  expect([...families].sort()).toEqual([...operationFamilies].sort());
});
