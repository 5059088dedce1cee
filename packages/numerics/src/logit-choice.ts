/** Choices by softmax (multinomial logit, McFadden 1974). */
import {
  blockLength,
  firstRegion,
  float64Memory,
  int32Memory,
  kernels,
  largestOptionCount,
  scratchRegion,
  secondRegion,
  thirdRegion,
} from "./kernel-module.ts";

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

/**
 * Chooses one option in every row with probability proportional to exp(utility / temperature), by inverting the
 * cumulative weights at the row's uniform. Weights below e^-708 of the best one count as zero.
 *
 * @throws `invalid temperature`, `invalid utility` (NaN or Infinity), `too many options`, or the name of an array that
 * is too short, with its length.
 */
export function logitChoice(task: LogitChoice): void {
  checkTask(task);
  const { utilities, rows, options, uniforms, choice } = task;
  const rowsPerBlock = options === 0 ? blockLength : Math.max(1, Math.floor(blockLength / options));
  for (let from = 0; from < rows; from += rowsPerBlock) {
    const to = Math.min(rows, from + rowsPerBlock);
    float64Memory.set(utilities.subarray(from * options, to * options), firstRegion / 8);
    float64Memory.set(uniforms.subarray(from, to), secondRegion / 8);
    const faultyRow = chooseInMemory(task, to - from);
    if (faultyRow >= 0) throw new Error(`invalid utility: ${invalidUtility(task, from + faultyRow)}`);
    choice.set(int32Memory.subarray(thirdRegion / 4, thirdRegion / 4 + to - from), from);
  }
}

function chooseInMemory({ options, temperature }: LogitChoice, rows: number): number {
  if (temperature === 0) return kernels.chooseBest(firstRegion, thirdRegion, rows, options);
  return kernels.chooseBySoftmax(firstRegion, secondRegion, thirdRegion, scratchRegion, rows, options, temperature);
}

function checkTask({ utilities, rows, options, temperature, uniforms, choice }: LogitChoice): void {
  if (!(temperature >= 0)) throw new Error(`invalid temperature: ${temperature}`);
  if (options > largestOptionCount) throw new Error(`too many options: ${options} (at most ${largestOptionCount})`);
  if (utilities.length < rows * options) throw new Error(`utilities too short: ${utilities.length}`);
  if (uniforms.length < rows) throw new Error(`uniforms too short: ${uniforms.length}`);
  if (choice.length < rows) throw new Error(`choice too short: ${choice.length}`);
}

/** The first utility from `row` on that is NaN or Infinity. */
function invalidUtility({ utilities, options }: LogitChoice, row: number): number | undefined {
  return utilities.subarray(row * options).find((utility) => !(utility < Number.POSITIVE_INFINITY));
}
