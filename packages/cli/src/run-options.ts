import type { PrecisionTarget, RunLimits } from "@shardlab/experiment";
import type { Design } from "@shardlab/results";
import { InputError } from "./input-error.ts";

export type RunFormat = "text" | "json" | "jsonl";

/** What `shardlab run` was told, as commander hands it over; quantities are still as they were written. */
export interface RunOptions {
  readonly seeds?: number;
  readonly jobs?: number;
  readonly set?: readonly string[];
  readonly out: string;
  readonly only?: readonly Design[];
  readonly format: RunFormat;
  readonly dryRun?: boolean;
  readonly report: boolean;
  readonly failFast?: boolean;
  readonly runTime?: string;
  readonly runMemory?: string;
  readonly ciTarget?: string;
  readonly ciMeasure?: readonly string[];
  readonly maxSeeds?: number;
}

const leastMemoryBytes = 16 * 2 ** 20;

/** The limits of one run. @throws InputError for what is no duration or size, or too small for any run. */
export async function runLimits({ runTime, runMemory }: RunOptions): Promise<RunLimits> {
  const { readQuantity } = await import("@shardlab/contracts");
  const read = (option: string, dimension: "duration" | "dataSize", text: string): number => {
    const quantity = readQuantity(dimension, text);
    if ("fault" in quantity) throw new InputError(`${option}: ${text} (${quantity.fault})`);
    if (!(quantity.value > 0)) throw new InputError(`${option}: ${text} (expected more than 0)`);
    return quantity.value;
  };
  const memoryBytes = runMemory === undefined ? undefined : read("--run-memory", "dataSize", runMemory);
  if (memoryBytes !== undefined && memoryBytes < leastMemoryBytes) {
    throw new InputError(`--run-memory: ${runMemory} (expected at least 16 MiB, which an idle worker takes)`);
  }
  return {
    ...(runTime !== undefined && { seconds: read("--run-time", "duration", runTime) }),
    ...(memoryBytes !== undefined && { memoryBytes }),
  };
}

/** `1%` is a share of the mean, `0.5` is in the unit of the measure. @throws InputError for anything else. */
export function precisionTarget(text: string): PrecisionTarget {
  const match = /^(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)\s?(%?)$/i.exec(text.trim());
  const value = Number(match?.[1]);
  if (!match || !(value > 0) || !Number.isFinite(value)) {
    throw new InputError(
      `--ci-target: ${text} (expected a share of the mean, such as 1%, or a number in the measure's unit)`,
    );
  }
  return match[2] === "%" ? { kind: "relative", share: value / 100 } : { kind: "absolute", halfWidth: value };
}
