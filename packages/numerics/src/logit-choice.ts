/** Choices by softmax (multinomial logit, McFadden 1974). */
import { logitChoiceReference } from "./reference/logit-choice.ts";

/** One choice per row. */
export interface LogitChoice {
  /** Row-major, rows x options, in dollars; -Infinity marks an option that is not available. */
  readonly utilities: Float64Array;
  readonly rows: number;
  readonly options: number;
  /** Scale of the noise in dollars: 0 picks the best (the lowest index on ties), Infinity any available one alike. */
  readonly temperature: number;
  /** One uniform on [0, 1) per row; unread at temperature 0. */
  readonly uniforms: Float64Array;
  /** Receives the index of the chosen option of each row, or -1 where nothing is available. */
  readonly choice: Int32Array;
}

export function logitChoice(task: LogitChoice): void {
  logitChoiceReference(task);
}
