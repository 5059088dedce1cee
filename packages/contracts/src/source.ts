/** Where a figure in a table comes from, and how sure it is. */

/**
 * `primary`: read in the original document. `secondary`: read in somebody else's account of it (the original is cited).
 * `recalled`: general knowledge that was not looked up again. `derived`: follows by arithmetic from other figures.
 */
export type Sureness = "primary" | "secondary" | "recalled" | "derived";

export const surenessLevels = ["primary", "secondary", "recalled", "derived"] as const satisfies readonly Sureness[];

/** The original source of a figure; an assumption says that it is one. */
export interface Source {
  readonly citation: string;
  readonly sureness: Sureness;
}
