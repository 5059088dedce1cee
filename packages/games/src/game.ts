/** Games on typed arrays: payoffs of two roles, of one population, and what a mixed strategy leaves on the table. */

/** n strategies that one population plays against itself; `payoffs[i * n + j]` is what i earns against j. */
export interface SymmetricGame {
  readonly strategies: number;
  readonly payoffs: Float64Array;
}

/** Two roles: `row[i * columns + j]` and `column[i * columns + j]` are what each earns where rows play i and columns j. */
export interface BimatrixGame {
  readonly rows: number;
  readonly columns: number;
  readonly row: Float64Array;
  readonly column: Float64Array;
}

/**
 * A game of one large population: what each strategy earns depends on the shares of all.
 *
 * @property populations strategies of each population, one after the other; a single one unless given. Shares of each sum to 1.
 * @property scale what the earnings differ by at most; more than 0. Tolerances are relative to it.
 */
export interface PopulationGame {
  readonly strategies: number;
  readonly populations?: readonly number[];
  readonly scale: number;
  /** Fills `out` with what each strategy earns at `shares`. */
  payoffsAt(shares: Float64Array, out: Float64Array): void;
  /** Fills `out`, n x n: by how much the earnings of i grow with the share of j. */
  jacobianAt(shares: Float64Array, out: Float64Array): void;
}

/** Equal is what differs by less than this share of a game's scale. */
export const tolerance = 1e-9;

type Matrix = readonly (readonly number[])[];

function flat(matrix: Matrix, columns: number): Float64Array {
  if (matrix.length === 0 || columns === 0) throw new Error("invalid game: no payoffs (expected at least one)");
  const ragged = matrix.find((row) => row.length !== columns);
  if (ragged) throw new Error(`invalid game: a row of ${ragged.length} payoffs (expected ${columns})`);
  const values = Float64Array.from(matrix.flat());
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new Error(`invalid game: payoff ${values[bad]} (expected a finite number)`);
  return values;
}

/** @throws Error `invalid game: ...` unless the matrix is square and finite. */
export function symmetricGame(payoffs: Matrix): SymmetricGame {
  return { strategies: payoffs.length, payoffs: flat(payoffs, payoffs.length) };
}

/** @throws Error `invalid game: ...` unless both matrices have one shape and are finite. */
export function bimatrixGame({ row, column }: { readonly row: Matrix; readonly column: Matrix }): BimatrixGame {
  const columns = row[0]?.length ?? 0;
  if (column.length !== row.length) throw new Error(`invalid game: ${column.length} rows (expected ${row.length})`);
  return { rows: row.length, columns, row: flat(row, columns), column: flat(column, columns) };
}

/** The symmetric game as one of two roles. */
export function rolesOf({ strategies, payoffs }: SymmetricGame): BimatrixGame {
  return { rows: strategies, columns: strategies, row: payoffs, column: transposed(payoffs, strategies, strategies) };
}

/** A rows x columns matrix turned over. */
export function transposed(values: Float64Array, rows: number, columns: number): Float64Array {
  const turned = new Float64Array(values.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) turned[j * rows + i] = values[i * columns + j];
  return turned;
}

/** Greatest minus least payoff; 1 where all are the same. */
export function scaleOf(payoffs: Float64Array): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const payoff of payoffs) {
    if (payoff < low) low = payoff;
    if (payoff > high) high = payoff;
  }
  return high > low ? high - low : 1;
}

/** Matrix times shares: what each of the rows earns against a mix of the columns. */
export function earningsInto(matrix: Float64Array, shares: Float64Array, out: Float64Array): void {
  const columns = shares.length;
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += matrix[i * columns + j] * shares[j];
    out[i] = sum;
  }
}

/** The game of a population whose members meet one another in pairs. */
export function pairwise({ strategies, payoffs }: SymmetricGame): PopulationGame {
  return {
    strategies,
    scale: scaleOf(payoffs),
    payoffsAt: (shares, out) => earningsInto(payoffs, shares, out),
    jacobianAt: (_, out) => out.set(payoffs),
  };
}

/** The game of two populations, rows first, whose members meet those of the other in pairs. */
export function twoPopulations({ rows, columns, row, column }: BimatrixGame): PopulationGame {
  const turned = transposed(column, rows, columns);
  const strategies = rows + columns;
  return {
    strategies,
    populations: [rows, columns],
    scale: Math.max(scaleOf(row), scaleOf(column)),
    payoffsAt: (shares, out) => {
      earningsInto(row, shares.subarray(rows), out.subarray(0, rows));
      earningsInto(turned, shares.subarray(0, rows), out.subarray(rows));
    },
    jacobianAt: (_, out) => {
      out.fill(0);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          out[i * strategies + rows + j] = row[i * columns + j];
          out[(rows + j) * strategies + i] = column[i * columns + j];
        }
      }
    },
  };
}

/** What the population earns on average. */
export function meanPayoff(payoffs: Float64Array, shares: Float64Array): number {
  let mean = 0;
  for (let i = 0; i < shares.length; i++) mean += shares[i] * payoffs[i];
  return mean;
}

/**
 * By how much the best strategy earns more than the mix itself: 0 in an equilibrium, and never negative.
 * @param shares of 1, one for each strategy.
 */
export function regretOf(game: PopulationGame, shares: Float64Array): number {
  const payoffs = new Float64Array(game.strategies);
  game.payoffsAt(shares, payoffs);
  return leadOfBest(payoffs, shares);
}

function leadOfBest(payoffs: Float64Array, shares: Float64Array): number {
  return Math.max(0, payoffs.reduce((best, payoff) => Math.max(best, payoff)) - meanPayoff(payoffs, shares));
}

/** Regret of the rows and of the columns, each against the other's mix. */
export function rolesRegret(
  { rows, columns, row, column }: BimatrixGame,
  mixes: { readonly row: Float64Array; readonly column: Float64Array },
): { row: number; column: number } {
  const ofRows = new Float64Array(rows);
  earningsInto(row, mixes.column, ofRows);
  const ofColumns = new Float64Array(columns);
  earningsInto(transposed(column, rows, columns), mixes.row, ofColumns);
  return { row: leadOfBest(ofRows, mixes.row), column: leadOfBest(ofColumns, mixes.column) };
}

/** Members of a set that is written as a bit mask. */
export function membersOf(mask: number): number[] {
  const members: number[] = [];
  for (let bit = 0; mask >>> bit !== 0; bit++) if ((mask >>> bit) & 1) members.push(bit);
  return members;
}

/** How many members such a set has. */
export function sizeOf(mask: number): number {
  let size = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) size++;
  return size;
}

/** Whether every member of `inner` is one of `outer`. */
export const isWithin = (inner: number, outer: number): boolean => (inner & ~outer) === 0;
