/** Small linear systems, told apart by how many solutions they have. */

/** Pivots below this share of the largest coefficient count as zero. */
const smallestPivot = 1e-10;

/**
 * @property system rows x (unknowns + 1): the coefficients of each equation, and its right side. It is overwritten.
 */
export interface LinearSystem {
  readonly system: Float64Array;
  readonly rows: number;
  readonly unknowns: number;
}

/**
 * Gauss and Jordan's elimination with complete pivoting, so that the rank can be told. Equations should have coefficients of
 * about one size.
 *
 * @param solution filled where there is exactly one.
 * @returns how many solutions there are, and how many unknowns stay free.
 */
export function solveLinear({ system, rows, unknowns }: LinearSystem, solution: Float64Array): LinearOutcome {
  const width = unknowns + 1;
  let largest = 0;
  for (let i = 0; i < rows * width; i++) largest = Math.max(largest, Math.abs(system[i]));
  const least = smallestPivot * (largest || 1);
  const unknownOf = Int32Array.from({ length: unknowns }, (_, index) => index);
  let rank = 0;
  for (; rank < Math.min(rows, unknowns); rank++) {
    const pivot = largestPivot({ system, rows, unknowns }, rank);
    if (Math.abs(system[pivot.row * width + pivot.column]) <= least) break;
    swapRows(system, width, [rank, pivot.row]);
    swapColumns({ system, rows, unknowns }, unknownOf, [rank, pivot.column]);
    eliminate({ system, rows, unknowns }, rank);
  }
  for (let row = rank; row < rows; row++) if (Math.abs(system[row * width + unknowns]) > 10 * least) return none;
  if (rank < unknowns) return { solutions: "many", free: unknowns - rank };
  for (let i = 0; i < unknowns; i++) solution[unknownOf[i]] = system[i * width + unknowns];
  return one;
}

export interface LinearOutcome {
  readonly solutions: "none" | "one" | "many";
  readonly free: number;
}

const none: LinearOutcome = { solutions: "none", free: 0 };
const one: LinearOutcome = { solutions: "one", free: 0 };

function largestPivot({ system, rows, unknowns }: LinearSystem, from: number): { row: number; column: number } {
  const place = { row: from, column: from };
  let largest = -1;
  for (let row = from; row < rows; row++) {
    for (let column = from; column < unknowns; column++) {
      const size = Math.abs(system[row * (unknowns + 1) + column]);
      if (size > largest) {
        largest = size;
        place.row = row;
        place.column = column;
      }
    }
  }
  return place;
}

function swapRows(system: Float64Array, width: number, [a, b]: readonly [number, number]): void {
  if (a === b) return;
  for (let column = 0; column < width; column++) {
    const held = system[a * width + column];
    system[a * width + column] = system[b * width + column];
    system[b * width + column] = held;
  }
}

function swapColumns(
  { system, rows, unknowns }: LinearSystem,
  unknownOf: Int32Array,
  [a, b]: readonly [number, number],
): void {
  if (a === b) return;
  const width = unknowns + 1;
  for (let row = 0; row < rows; row++) {
    const held = system[row * width + a];
    system[row * width + a] = system[row * width + b];
    system[row * width + b] = held;
  }
  const held = unknownOf[a];
  unknownOf[a] = unknownOf[b];
  unknownOf[b] = held;
}

/** Makes the pivot 1, and its column 0 in every other row. */
function eliminate({ system, rows, unknowns }: LinearSystem, pivot: number): void {
  const width = unknowns + 1;
  const divisor = system[pivot * width + pivot];
  for (let column = pivot; column < width; column++) system[pivot * width + column] /= divisor;
  for (let row = 0; row < rows; row++) {
    const factor = system[row * width + pivot];
    if (row === pivot || factor === 0) continue;
    for (let column = pivot; column < width; column++)
      system[row * width + column] -= factor * system[pivot * width + column];
  }
}
