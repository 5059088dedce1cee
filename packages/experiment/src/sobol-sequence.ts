/**
 * Sobol's low-discrepancy sequence with the direction numbers `new-joe-kuo-6.21201` of Joe and Kuo, "Constructing Sobol
 * sequences with better two-dimensional projections" (SIAM J. Sci. Comput. 30, 2008), and a random digital shift.
 */
import { createStreams } from "@shardlab/random";

const bits = 32;
const twoTo32 = 2 ** 32;

/** Of dimension 2 on: coefficients `a` of the primitive polynomial, and initial numbers m; the degree is their count. */
const directionTable: readonly (readonly [coefficients: number, initial: readonly number[]])[] = [
  [0, [1]],
  [1, [1, 3]],
  [1, [1, 3, 1]],
  [2, [1, 1, 1]],
  [1, [1, 1, 3, 3]],
  [4, [1, 3, 5, 13]],
  [2, [1, 1, 5, 5, 17]],
  [4, [1, 1, 5, 5, 5]],
  [7, [1, 1, 7, 11, 19]],
  [11, [1, 1, 5, 1, 1]],
  [13, [1, 1, 1, 3, 11]],
  [14, [1, 3, 5, 5, 31]],
  [1, [1, 3, 3, 9, 7, 49]],
  [13, [1, 1, 1, 15, 21, 21]],
  [16, [1, 3, 1, 13, 27, 49]],
  [19, [1, 1, 1, 15, 7, 5]],
  [22, [1, 3, 1, 15, 13, 25]],
  [25, [1, 1, 5, 5, 19, 61]],
  [1, [1, 3, 7, 11, 23, 15, 103]],
  [4, [1, 3, 7, 13, 13, 15, 69]],
  [7, [1, 1, 3, 13, 7, 35, 63]],
  [8, [1, 3, 5, 9, 1, 25, 53]],
  [14, [1, 3, 1, 13, 9, 35, 107]],
  [19, [1, 3, 1, 5, 27, 61, 31]],
  [21, [1, 1, 5, 11, 19, 41, 61]],
  [28, [1, 3, 5, 3, 3, 13, 69]],
  [31, [1, 1, 7, 13, 1, 19, 1]],
  [32, [1, 3, 7, 5, 13, 19, 59]],
  [37, [1, 1, 3, 9, 25, 29, 41]],
  [41, [1, 3, 5, 13, 23, 1, 55]],
  [42, [1, 3, 7, 3, 13, 59, 17]],
  [50, [1, 3, 1, 3, 5, 53, 69]],
  [55, [1, 1, 5, 5, 23, 33, 13]],
  [56, [1, 1, 7, 7, 1, 61, 123]],
  [59, [1, 1, 7, 9, 13, 61, 49]],
  [62, [1, 3, 3, 5, 3, 55, 33]],
  [14, [1, 3, 1, 15, 31, 13, 49, 245]],
  [21, [1, 3, 5, 15, 31, 59, 63, 97]],
  [22, [1, 3, 1, 11, 11, 11, 77, 249]],
];

/** The largest number of dimensions: two for each of 20 parameters. */
export const largestDimension = directionTable.length + 1;

/** Direction numbers of one dimension, scaled to 32 bits. */
function directionsOf(dimension: number): Uint32Array {
  const directions = new Uint32Array(bits);
  const row = directionTable[dimension - 1];
  if (row === undefined) return directions.map((_, bit) => 2 ** (bits - 1 - bit));
  const [coefficients, initial] = row;
  const degree = initial.length;
  for (const [bit, number] of initial.entries()) directions[bit] = number << (bits - 1 - bit);
  for (let bit = degree; bit < bits; bit++) {
    const earlier = directions[bit - degree];
    let value = earlier ^ (earlier >>> degree);
    for (let back = 1; back < degree; back++) {
      if ((coefficients >>> (degree - 1 - back)) & 1) value ^= directions[bit - back];
    }
    directions[bit] = value;
  }
  return directions;
}

/** A digital shift: 32 random bits for each dimension, which are exclusive-ored into every point. */
export type DigitalShift = Uint32Array;

/** The shift of `seed`: dimension i takes the first draw of stream (`sobol-shift`, i), however many dimensions there are. */
export function digitalShift(dimensions: number, seed: number): DigitalShift {
  const streams = createStreams(seed);
  return Uint32Array.from({ length: dimensions }, (_, dimension) =>
    Math.floor(streams.stream("sobol-shift", dimension).uniform() * twoTo32),
  );
}

/**
 * The first `count` points in [0, 1)^dimensions, row after row (count x dimensions), in the order of Antonov and Saleev.
 * Without a shift the first point is the origin. With one, each point is uniform, points keep the balance of the
 * sequence, and a mean over them is unbiased: L'Ecuyer and Lemieux, "Recent advances in randomized quasi-Monte Carlo
 * methods" (2002). More points extend the sequence; they never change its beginning.
 *
 * @throws `invalid dimensions` outside 1 to `largestDimension`.
 */
export function sobolPoints(count: number, dimensions: number, shift?: DigitalShift): Float64Array {
  if (!(Number.isInteger(dimensions) && dimensions >= 1 && dimensions <= largestDimension)) {
    throw new Error(`invalid dimensions: ${dimensions} (expected 1 to ${largestDimension})`);
  }
  const directions = Array.from({ length: dimensions }, (_, dimension) => directionsOf(dimension));
  const points = new Float64Array(count * dimensions);
  const state = new Uint32Array(dimensions);
  for (let row = 0; row < count; row++) {
    const changedBit = row === 0 ? -1 : bits - 1 - Math.clz32(row & -row);
    for (let dimension = 0; dimension < dimensions; dimension++) {
      if (changedBit >= 0) state[dimension] ^= directions[dimension][changedBit];
      points[row * dimensions + dimension] = ((state[dimension] ^ (shift?.[dimension] ?? 0)) >>> 0) / twoTo32;
    }
  }
  return points;
}
