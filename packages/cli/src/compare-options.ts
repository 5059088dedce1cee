export interface CompareOptions {
  readonly allArms?: boolean;
  readonly measure?: readonly string[];
  readonly correction: "holm" | "benjamini-hochberg" | "none";
  readonly simultaneous?: boolean;
  readonly out: string;
  readonly format: "text" | "json" | "csv";
  readonly figure?: string;
}
