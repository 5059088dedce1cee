export interface SolveCommandOptions {
  readonly for: string;
  readonly over: string;
  readonly from?: string;
  readonly to?: string;
  readonly scale?: "linear" | "log";
  readonly integer?: boolean;
  readonly points: number;
  readonly seeds?: number;
  readonly ciTarget: number;
  readonly maxRuns: number;
  readonly jobs?: number;
  readonly set?: readonly string[];
  readonly out: string;
  readonly format: "text" | "json";
  readonly figure?: string;
}
