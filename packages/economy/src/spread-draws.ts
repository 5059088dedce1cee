/** Draws by which the members of a group differ, one for each from the group's own stream of what is drawn. */
import { exp } from "@shardlab/numerics";
import { normalQuantile, type Streams } from "@shardlab/random";

/** Standard normal draws. */
export function normalDraws(streams: Streams, stream: string, count: number): Float64Array {
  const draws = new Float64Array(count);
  streams.uniformsAcross(stream, 0, 0, draws);
  // A uniform can be 0, where the quantile is infinite; half a step up it is not.
  for (let member = 0; member < count; member++) draws[member] = normalQuantile(draws[member] + 2 ** -54);
  return draws;
}

/** Log-normal draws around `median`; `spread` is the standard deviation of their logarithm. Nothing is drawn where it is 0. */
export function logNormalDraws(
  streams: Streams,
  stream: string,
  { count, median, spread }: { readonly count: number; readonly median: number; readonly spread: number },
): Float64Array {
  if (spread === 0 || median === 0) return new Float64Array(count).fill(median);
  return normalDraws(streams, stream, count).map((normal) => median * exp(spread * normal));
}
