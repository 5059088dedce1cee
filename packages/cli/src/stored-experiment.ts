/** What `experiment.json` holds of an experiment. */

export interface ExperimentCard {
  readonly question: string;
  readonly expect: string;
  readonly reference?: string;
}

/** Which stored runs belong to the comparison, by arm. */
export interface StoredDesign {
  readonly scenarioHash: string;
  readonly modelHash: string;
  readonly arms: readonly { readonly label: string; readonly runHashes: readonly string[] }[];
}
