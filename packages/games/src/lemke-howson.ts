/**
 * One equilibrium of a game, by complementary pivoting along a path that starts from a label.
 *
 * Payoffs are made positive; then the vertices of { z >= 0, M z <= 1 } carry label i where z_i = 0 or (M z)_i = 1. From z = 0,
 * which has all labels, one label is dropped and each pivot drops the label that has become double, until the missing one is
 * found: then z, scaled to sum to 1, is an equilibrium. With M = A the path stays within symmetric mixes; with
 * M = (0 A; B^T 0) it is that of Lemke and Howson, "Equilibrium points of bimatrix games" (SIAM J. 12, 1964), see Savani and von
 * Stengel, "Hard-to-solve bimatrix games" (Econometrica 74, 2006). Ties between leaving variables are broken
 * lexicographically, so that no path cycles in degenerate games.
 *
 * Limits: a path can be exponentially long, and different labels may lead to one equilibrium. Checked against support
 * enumeration on random games, from every label.
 */
import { type BimatrixGame, type SymmetricGame, scaleOf } from "./game.ts";

/** @property pivots steps that the path took. */
export interface LabelledPath {
  readonly pivots: number;
}

const mostPivots = 1_000_000;
const smallestCoefficient = 1e-11;

/**
 * A symmetric equilibrium, by the path that drops `label`, a strategy.
 * @throws Error `invalid label: ...`
 */
export function symmetricLemkeHowson(
  { strategies, payoffs }: SymmetricGame,
  label: number,
): LabelledPath & { shares: Float64Array } {
  const { solution, pivots } = follow(positive(payoffs), strategies, label);
  return { shares: normalized(solution), pivots };
}

/**
 * An equilibrium of two roles; labels are the rows from 0 on, then the columns.
 * @throws Error `invalid label: ...`
 */
export function lemkeHowson(
  { rows, columns, row, column }: BimatrixGame,
  label: number,
): LabelledPath & { row: Float64Array; column: Float64Array } {
  const size = rows + columns;
  const [ofRows, ofColumns] = [positive(row), positive(column)];
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      matrix[i * size + rows + j] = ofRows[i * columns + j];
      matrix[(rows + j) * size + i] = ofColumns[i * columns + j];
    }
  }
  const { solution, pivots } = follow(matrix, size, label);
  return { row: normalized(solution.slice(0, rows)), column: normalized(solution.slice(rows)), pivots };
}

/** Payoffs moved and scaled to lie from 1 to 2, which changes no equilibrium. */
function positive(payoffs: Float64Array): Float64Array {
  const least = payoffs.reduce((low, payoff) => Math.min(low, payoff));
  const scale = scaleOf(payoffs);
  return payoffs.map((payoff) => 1 + (payoff - least) / scale);
}

function normalized(values: Float64Array): Float64Array {
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => value / total);
}

/** Rows of M z + s = 1: coefficients of z, coefficients of s, right side. Variable i is z_i, variable size + i is s_i. */
interface Tableau {
  readonly size: number;
  readonly width: number;
  readonly cells: Float64Array;
  readonly basis: Int32Array;
}

function follow(matrix: Float64Array, size: number, label: number): { solution: Float64Array; pivots: number } {
  if (!(Number.isInteger(label) && label >= 0 && label < size))
    throw new Error(`invalid label: ${label} (expected 0 to ${size - 1})`);
  const width = 2 * size + 1;
  const cells = new Float64Array(size * width);
  for (let i = 0; i < size; i++) {
    cells.set(matrix.subarray(i * size, (i + 1) * size), i * width);
    cells[i * width + size + i] = 1;
    cells[i * width + 2 * size] = 1;
  }
  const basis = Int32Array.from({ length: size }, (_, i) => size + i);
  const tableau: Tableau = { size, width, cells, basis };
  let entering = label;
  for (let pivots = 1; pivots <= mostPivots; pivots++) {
    const row = leavingRow(tableau, entering);
    const leaving = basis[row];
    pivot(tableau, row, entering);
    basis[row] = entering;
    if (leaving % size === label) return { solution: solutionOf(tableau), pivots };
    entering = leaving < size ? leaving + size : leaving - size;
  }
  throw new Error(`path too long: more than ${mostPivots} pivots`);
}

function solutionOf({ size, width, cells, basis }: Tableau): Float64Array {
  const solution = new Float64Array(size);
  for (let row = 0; row < size; row++)
    if (basis[row] < size) solution[basis[row]] = Math.max(0, cells[row * width + 2 * size]);
  return solution;
}

/** The row with the least right side per unit of the entering variable; of equal ones the lexicographically least. */
function leavingRow(tableau: Tableau, entering: number): number {
  const { size, width, cells } = tableau;
  let best = -1;
  for (let row = 0; row < size; row++) {
    if (cells[row * width + entering] <= smallestCoefficient) continue;
    if (best < 0 || isBefore(tableau, entering, [row, best])) best = row;
  }
  if (best < 0) throw new Error(`unbounded path: label ${entering % size} (expected positive payoffs)`);
  return best;
}

const tied = 1e-12;

function isBefore({ size, width, cells }: Tableau, entering: number, [a, b]: readonly [number, number]): boolean {
  const [ofA, ofB] = [cells[a * width + entering], cells[b * width + entering]];
  // The right side first, then the columns of the slack variables, in which the tableau holds the inverse of its basis.
  for (let place = 0; place <= size; place++) {
    const column = place === 0 ? 2 * size : size + place - 1;
    const difference = cells[a * width + column] / ofA - cells[b * width + column] / ofB;
    if (Math.abs(difference) > tied) return difference < 0;
  }
  return false;
}

function pivot({ size, width, cells }: Tableau, row: number, column: number): void {
  const divisor = cells[row * width + column];
  for (let k = 0; k < width; k++) cells[row * width + k] /= divisor;
  for (let other = 0; other < size; other++) {
    const factor = cells[other * width + column];
    if (other === row || factor === 0) continue;
    for (let k = 0; k < width; k++) cells[other * width + k] -= factor * cells[row * width + k];
    cells[other * width + column] = 0;
  }
}
