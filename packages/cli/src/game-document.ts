/** The answer of a game with what it was made from. */
import type { GameAnswer } from "@shardlab/experiment";

/**
 * An answered game, as it is stored and printed.
 *
 * @property games one for each arm.
 * @property runs made now and found in the results; none for payoffs that were written down.
 */
export interface GameDocument {
  readonly schemaVersion: 1;
  readonly experiment: string;
  readonly question: string;
  readonly expect: string;
  readonly reference?: string;
  readonly scenarioHash: string;
  readonly modelHash: string;
  readonly seeds: string;
  readonly runs: {
    readonly total: number;
    readonly made: number;
    readonly cached: number;
    readonly wallSeconds: number;
  };
  readonly games: readonly GameAnswer[];
}
