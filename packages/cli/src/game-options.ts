export interface GameCommandOptions {
  readonly seeds?: number;
  readonly jobs?: number;
  readonly set?: readonly string[];
  readonly out: string;
  /** Whether to write the page. */
  readonly report: boolean;
  readonly format: "text" | "json";
}
