/** Present values of flows over the epochs of a run. */
import { exp } from "@shardlab/numerics";

/**
 * out[t] = sum over u >= t of flow[u] exp(-rate (u - t)): what the rest of the flow is worth at the start of epoch t.
 * Nothing is counted beyond the last epoch.
 */
export function presentValues(
  flow: Float64Array,
  ratePerEpoch: number,
  out = new Float64Array(flow.length),
): Float64Array {
  const discount = exp(-ratePerEpoch);
  let value = 0;
  for (let t = flow.length - 1; t >= 0; t--) {
    value = flow[t] + discount * value;
    out[t] = value;
  }
  return out;
}
