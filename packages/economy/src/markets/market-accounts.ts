/** The accounts that a market for ownership needs, in the order in which they follow the providers. */
import type { Books } from "../books.ts";
import type { EconomySpec } from "../spec.ts";

/** Where the accounts of a market are. */
export interface MarketAccounts {
  readonly speculators: { readonly first: number; readonly count: number };
  readonly marketMaker: number;
  readonly lenders: number;
  readonly liquidator: number;
  /** One of each model. */
  readonly pools: Int32Array;
  readonly collateral: Int32Array;
}

/** Names of the accounts; none without a market for ownership. */
export function marketAccountNames({ markets, speculators = [], models }: EconomySpec): string[] {
  if (markets?.ownership === undefined) return [];
  return [
    ...speculators.flatMap(({ group, count }) => Array.from({ length: count }, (_, i) => `speculator/${group}/${i}`)),
    "market-maker",
    "lenders",
    "liquidator",
    ...models.map(({ name }) => `pool/${name}`),
    ...models.map(({ name }) => `collateral/${name}`),
  ];
}

export function marketAccounts({ speculators = [], models }: EconomySpec, { providers }: Books): MarketAccounts {
  const count = speculators.reduce((sum, group) => sum + group.count, 0);
  const first = providers.first + providers.count;
  const after = first + count;
  const perModel = (offset: number) => Int32Array.from(models, (_, model) => after + offset + model);
  return {
    speculators: { first, count },
    marketMaker: after,
    lenders: after + 1,
    liquidator: after + 2,
    pools: perModel(3),
    collateral: perModel(3 + models.length),
  };
}
