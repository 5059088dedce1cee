/** Ownership that is issued for what was delivered: compute ownership by the PFLOP, data ownership by the token. */
import type { AssetId, Deliveries, MechanismContext, PostingBatch } from "@shardlab/contracts";

/** One unit of compute ownership stands for a TFLOP of full-weight work, fine enough that rounding down costs nothing. */
export const unitsPerWork = 1000;

/**
 * Issues what every row earns, rounded down to whole units.
 *
 * @property assets ownership of each model
 * @property unitsOf units that a row earns
 */
export function issueOwnership(
  context: MechanismContext,
  {
    reason,
    assets,
    deliveries,
    unitsOf,
  }: {
    readonly reason: string;
    readonly assets: readonly AssetId[];
    readonly deliveries: Deliveries;
    readonly unitsOf: (row: number) => number;
  },
): PostingBatch[] {
  const { count, account, model } = deliveries;
  const asset = new Int32Array(count);
  const amount = new Float64Array(count);
  let issued = 0;
  for (let row = 0; row < count; row++) {
    asset[row] = assets[model[row]];
    amount[row] = Math.floor(unitsOf(row));
    issued += amount[row];
  }
  if (issued === 0) return [];
  const to = account.slice(0, count);
  return [{ reason, asset: assets.length === 1 ? assets[0] : asset, from: context.issuer, to, amount }];
}
