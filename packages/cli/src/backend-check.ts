/** What `shardlab backend check` does in its own process, of which `list` and `doctor` start one for each backend. */
import type { Backend, BackendKind } from "@shardlab/learning/backends/index";
import type { Terminal } from "./terminal.ts";

export interface BackendCheckOptions {
  readonly directory?: string;
  readonly device?: string;
  readonly threads: number;
  readonly format: "text" | "json";
}

/** @property productFlopPerSecond of float32 products of matrices of 512 x 512. */
export interface BackendReport {
  readonly kind: BackendKind;
  readonly device: string;
  readonly version: string;
  readonly productFlopPerSecond: number;
  /** Forward, backward and AdamW of a transformer of 2 layers and width 64, 8 sequences of 64 tokens. */
  readonly secondsPerTrainingStep: number;
}

export async function checkAndReport(
  kind: BackendKind | "auto",
  { directory, device, threads, format }: BackendCheckOptions,
  terminal: Terminal,
): Promise<void> {
  const { checkBackend, openBackend } = await import("@shardlab/learning/backends/index");
  const { measureTrainingStep } = await import("@shardlab/learning/training-step-rate");
  const backend = await openBackend({ kind, device, threads, folder: directory });
  await checkBackend(backend);
  const report: BackendReport = {
    ...{ kind: backend.kind, device: backend.device, version: backend.version },
    productFlopPerSecond: await productRate(backend),
    secondsPerTrainingStep: (await measureTrainingStep(backend, { steps: kind === "cpu" ? 1 : 3 }, now)).secondsPerStep,
  };
  backend.dispose();
  terminal.print(format === "json" ? JSON.stringify(report) : reportLine(report));
}

export const rateText = ({ productFlopPerSecond, secondsPerTrainingStep }: BackendReport): string =>
  `${(productFlopPerSecond / 1e9).toFixed(1)} GFLOP/s, ${(secondsPerTrainingStep * 1000).toFixed(0)} ms a training step`;

export const reportLine = (report: BackendReport): string =>
  `${report.kind}: works on ${report.device}, ${rateText(report)} (${report.version})`;

const now = (): number => performance.now() / 1000;

const width = 512;
const leastSeconds = 0.3;

async function productRate(backend: Backend): Promise<number> {
  const { tf } = backend;
  const values = Float32Array.from({ length: width * width }, (_, index) => (index % 17) - 8);
  const a = tf.tensor2d(values, [width, width]);
  await backend.read(backend.matMul(a, a));
  const start = now();
  let products = 0;
  let seconds = 0;
  // Engines that work in the background are waited for in ever longer rounds.
  for (let round = 1; seconds < leastSeconds; round *= 2) {
    const made = Array.from({ length: round }, () => backend.matMul(a, a));
    await backend.read(made[round - 1] as (typeof made)[number]);
    tf.dispose(made);
    products += round;
    seconds = now() - start;
  }
  return (2 * width * width * width * products) / seconds;
}
