/** Best replies, which several strategies share. */
import { attackOfOption, type Decide, type DecisionTable } from "@shardlab/contracts";

/** What strategies have in common that act under one name and for themselves. */
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

const isAnything = (): boolean => true;

/** Begins a group whose members each take the best of all options. */
export const replyBest = (): Decide => (table, choice) => {
  for (let row = 0; row < table.rows; row++) choice[row] = bestOption(table, row, isAnything);
};
