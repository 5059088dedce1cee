/** Best replies, which several strategies share. */
import { attackOfOption, type DecisionTable } from "@shardlab/contracts";

/** What every strategy of a single honest name starts from. */
export const ownInterest = { interest: "own", identities: { most: 1, costDollarsPerEpoch: 0 } } as const;

/** The option of most utility in a row among those that `isAllowed` takes; the first of equals, and 0 (rest) where none is possible. */
export function bestOption(table: DecisionTable, row: number, isAllowed: (option: number) => boolean): number {
  const { utilities, options } = table;
  let best = 0;
  for (let option = 1; option < options; option++) {
    if (utilities[row * options + option] > utilities[row * options + best] && isAllowed(option)) best = option;
  }
  return best;
}

/** Not working, and honest work. */
export const isHonest =
  ({ attacks }: DecisionTable) =>
  (option: number): boolean =>
    attackOfOption(option, attacks) < 0;

export const isAnything = (): boolean => true;
