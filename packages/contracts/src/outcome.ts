/** What a world returns of one run. */
import type { Table } from "./table.ts";

/** One number that a run yields; `name` is kebab-case, with `/` for a group (`payoff/lazy`). */
export interface Measure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
}

/** How far a run can be replayed: on any machine, on one backend, or not at all because it was measured. */
export type DeterminismClass = "exact" | "per-backend" | "measured";

/** Something a model takes for granted, and where that was checked (a closed form, a published figure, our own hardware). */
export interface Assumption {
  readonly statement: string;
  /** Absent when it was not checked anywhere. */
  readonly checkedAgainst?: string;
}

export interface RunOutcome {
  readonly measures: readonly Measure[];
  readonly tables: readonly Table[];
  readonly traceHash: string;
  readonly determinism: DeterminismClass;
  readonly assumptions: readonly Assumption[];
}
