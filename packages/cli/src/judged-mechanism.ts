import type { PropertyVerdict } from "@shardlab/testing";

/** What was found of one mechanism: one verdict for each property, in their order. */
export interface JudgedMechanism {
  readonly label: string;
  readonly kind: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly verdicts: readonly PropertyVerdict[];
}
