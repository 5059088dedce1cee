import type { Design } from "@shardlab/results";

export type RunFormat = "text" | "json" | "jsonl";

export interface RunOptions {
  readonly seeds?: number;
  readonly jobs?: number;
  readonly set?: readonly string[];
  readonly out: string;
  readonly only?: readonly Design[];
  readonly format: RunFormat;
  readonly dryRun?: boolean;
  readonly report: boolean;
}
