/** What the nodes of a subspace method share: an orthonormal basis and a frozen token embedding, both from the seed. */
import type { SubspaceConstraint } from "@shardlab/contracts";
import { createStreams } from "@shardlab/random";

/**
 * `rank` orthonormal columns [width, rank], row-major: Gaussian columns, made orthogonal by modified Gram and Schmidt in double
 * precision (off by at most about 2^-53 times their condition number: Bjorck, BIT 7, 1967; a square Gaussian matrix of width d
 * has one of the order of d), and rounded to float32. Column j comes from a stream of its own, so that a basis of lower rank is
 * the beginning of one of higher rank.
 */
export function drawBasis({ width, rank, seed }: { width: number; rank: number; seed: number | bigint }): Float32Array {
  const streams = createStreams(seed);
  const columns: Float64Array[] = [];
  const basis = new Float32Array(width * rank);
  for (let j = 0; j < rank; j++) {
    const stream = streams.stream("subspace-basis", j);
    const column = new Float64Array(width);
    for (let i = 0; i < width; i++) column[i] = stream.normal();
    for (const other of columns) subtractProjection(column, other);
    normalize(column);
    columns.push(column);
    for (let i = 0; i < width; i++) basis[i * rank + j] = column[i];
  }
  return basis;
}

/** [vocabulary, width] of independent normals of mean zero, row-major; token t comes from a stream of its own. */
export function drawFrozenEmbedding({
  width,
  vocabulary,
  seed,
  deviation,
}: {
  width: number;
  vocabulary: number;
  seed: number | bigint;
  deviation: number;
}): Float32Array {
  const streams = createStreams(seed);
  const embedding = new Float32Array(vocabulary * width);
  for (let token = 0, at = 0; token < vocabulary; token++) {
    const stream = streams.stream("subspace-embedding", token);
    for (let i = 0; i < width; i++) embedding[at++] = stream.normal(0, deviation);
  }
  return embedding;
}

/** The constraint, whose arrays are drawn when they are first asked for: counting bytes needs neither. */
export function lazyConstraint(
  rank: number,
  draw: { basis: () => Float32Array; frozenEmbedding: () => Float32Array },
): SubspaceConstraint {
  let basis: Float32Array | undefined;
  let frozenEmbedding: Float32Array | undefined;
  return {
    rank,
    get basis() {
      basis ??= draw.basis();
      return basis;
    },
    get frozenEmbedding() {
      frozenEmbedding ??= draw.frozenEmbedding();
      return frozenEmbedding;
    },
  };
}

/** column -= (column . unit) unit */
function subtractProjection(column: Float64Array, unit: Float64Array): void {
  let product = 0;
  for (let i = 0; i < column.length; i++) product += column[i] * unit[i];
  for (let i = 0; i < column.length; i++) column[i] -= product * unit[i];
}

function normalize(column: Float64Array): void {
  let square = 0;
  for (let i = 0; i < column.length; i++) square += column[i] * column[i];
  const length = Math.sqrt(square);
  for (let i = 0; i < column.length; i++) column[i] /= length;
}
