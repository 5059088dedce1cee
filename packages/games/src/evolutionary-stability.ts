/**
 * Whether a population in equilibrium resists a few who deviate: Maynard Smith and Price, "The logic of animal conflict"
 * (Nature 246, 1973). x is evolutionarily stable when x earns more against every other best response y than y earns against
 * itself; neutrally stable when it earns no less.
 *
 * With z = y - x both say that z . A z < 0 (or <= 0) for every direction in which best responses lie: sum z = 0, z_i free where
 * x uses i, and z_i >= 0 where i is another best response (Haigh 1975). Leaving out one strategy in use and completing squares
 * over the free ones turns it into strict copositivity of a matrix over the others (Bomze, "Detecting all evolutionarily stable
 * strategies", J. Optimization Theory and Applications 75, 1992), which is settled by the least value on each face of a simplex.
 *
 * Where payoffs are no matrix, A is their derivative at x, and stable means stable against small groups in the first order
 * (Taylor and Jonker 1978). Limits: within 1e-9 of the scale of payoffs stable and neutral are not told apart; time doubles with
 * each best response that is not in use. Checked against hawk-dove, coordination, rock-paper-scissors with any pay for a win,
 * and the definition itself on random games.
 */
import { membersOf, type PopulationGame, tolerance } from "./game.ts";
import { solveLinear } from "./linear-system.ts";

export type Stability = "evolutionarily stable" | "neutrally stable" | "unstable";

/** Masks as in `SymmetricEquilibrium`. */
export interface RestingPlace {
  readonly shares: Float64Array;
  readonly support: number;
  readonly bestResponses: number;
}

const mostUnused = 16;

/** @throws Error `too many best responses: ...` where more than 16 are not in use. */
export function evolutionaryStability(game: PopulationGame, place: RestingPlace): Stability {
  const { support, bestResponses } = place;
  const [base, ...free] = membersOf(support);
  const bounded = membersOf(bestResponses & ~support);
  if (bounded.length > mostUnused)
    throw new Error(`too many best responses: ${bounded.length} not in use (expected at most ${mostUnused})`);
  const form = losingForm(game, place.shares, { base, directions: [...free, ...bounded] });
  if (isPositive(form, { free: free.length, shift: -margin })) return "evolutionarily stable";
  return isPositive(form, { free: free.length, shift: margin }) ? "neutrally stable" : "unstable";
}

const margin = 10 * tolerance;

interface Directions {
  /** The strategy whose share makes up for all others. */
  readonly base: number;
  readonly directions: readonly number[];
}

/** -z . A z as a symmetric matrix over the directions, in units of the scale. */
function losingForm(game: PopulationGame, shares: Float64Array, { base, directions }: Directions): Float64Array {
  const { strategies, scale } = game;
  const jacobian = new Float64Array(strategies * strategies);
  game.jacobianAt(shares, jacobian);
  const at = (i: number, j: number): number => jacobian[i * strategies + j] / scale;
  const between = (i: number, j: number): number => at(i, j) - at(i, base) - at(base, j) + at(base, base);
  const size = directions.length;
  const form = new Float64Array(size * size);
  for (const [row, i] of directions.entries())
    for (const [column, j] of directions.entries()) form[row * size + column] = -(between(i, j) + between(j, i)) / 2;
  return form;
}

/** Whether w . (M + shift I) w > 0 for every w other than 0 whose entries are >= 0 from `free` on. */
function isPositive(form: Float64Array, { free, shift }: { readonly free: number; readonly shift: number }): boolean {
  const size = Math.round(Math.sqrt(form.length));
  const matrix = Float64Array.from(form);
  for (let i = 0; i < size; i++) matrix[i * size + i] += shift;
  // Symmetric elimination: positive pivots make the free part positive definite, and leave the Schur complement.
  for (let pivot = 0; pivot < free; pivot++) {
    const value = matrix[pivot * size + pivot];
    if (!(value > 0)) return false;
    for (let i = pivot + 1; i < size; i++) {
      const factor = matrix[i * size + pivot] / value;
      for (let j = pivot; j < size; j++) matrix[i * size + j] -= factor * matrix[pivot * size + j];
    }
  }
  const rest = size - free;
  const complement = new Float64Array(rest * rest);
  for (let i = 0; i < rest; i++)
    for (let j = 0; j < rest; j++) complement[i * rest + j] = matrix[(free + i) * size + free + j];
  return isStrictlyCopositive(complement, rest);
}

/**
 * Whether w . M w > 0 for every w >= 0 other than 0: the least value on the simplex lies inside one of its faces, where
 * (M w)_i is that value for all i in use, or else on an edge of that face as well.
 */
function isStrictlyCopositive(matrix: Float64Array, size: number): boolean {
  const scaled = withUnitDiagonal(matrix, size);
  if (scaled === undefined) return false;
  const solution = new Float64Array(size + 1);
  const system = new Float64Array((size + 1) * (size + 2));
  for (let face = 1; face < 1 << size; face++) {
    const inUse = membersOf(face);
    const count = inUse.length;
    const width = count + 2;
    for (const [row, i] of inUse.entries()) {
      for (const [column, j] of inUse.entries()) system[row * width + column] = scaled[i * size + j];
      system[row * width + count] = -1;
      system[row * width + count + 1] = 0;
    }
    system.fill(1, count * width, count * width + count);
    system[count * width + count] = 0;
    system[count * width + count + 1] = 1;
    const { solutions } = solveLinear({ system, rows: count + 1, unknowns: count + 1 }, solution);
    if (solutions !== "one") continue;
    const isInside = solution.subarray(0, count).every((share) => share > 0);
    if (isInside && !(solution[count] > 0)) return false;
  }
  return true;
}

/**
 * The matrix with each w_i counted in units in which its own square weighs 1, which changes no sign; undefined where one or a
 * pair already shows that it is not copositive. Beyond 1 an entry is cut to it: between two such the form has no least value
 * inside, so that it changes nothing.
 */
function withUnitDiagonal(matrix: Float64Array, size: number): Float64Array | undefined {
  const scaled = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    if (!(matrix[i * size + i] > 0)) return undefined;
    for (let j = 0; j < size; j++) {
      const entry = matrix[i * size + j] / Math.sqrt(matrix[i * size + i] * matrix[j * size + j]);
      if (!(entry > -1)) return undefined;
      scaled[i * size + j] = i === j ? 1 : Math.min(1, entry);
    }
  }
  return scaled;
}
