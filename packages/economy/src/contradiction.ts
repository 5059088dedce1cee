/** Values of a scenario that each may have, and that do not go together. */
export interface Contradiction {
  /** Where the scenario says it. */
  readonly path: (string | number)[];
  readonly message: string;
}
