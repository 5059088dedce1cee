/** The game of contributors that a specification names: whose values a rule reads, and the shares that it makes of them. */
import type { Estimate } from "@shardlab/contracts";
import {
  declaredShares,
  exactShapleyPlayers,
  gameAmong,
  leaveOneOutValues,
  payableShares,
  playersOf,
  sampledShapleyValues,
  shapleyValues,
} from "@shardlab/games";
import { z } from "zod";
import { type ContributionTable, coalitionValues, qualities } from "./tables/contribution-table.ts";
import { dataProviders } from "./tables/data-providers.ts";
import { privateLayers } from "./tables/private-layers.ts";

const tables = { "data-providers": dataProviders, "private-layers": privateLayers } as const;
export const contributionTableKinds = [
  "data-providers",
  "private-layers",
] as const satisfies readonly (keyof typeof tables)[];
export type ContributionTableKind = (typeof contributionTableKinds)[number];

/** A measured table by its name. */
export const contributionTable = (kind: ContributionTableKind): ContributionTable => tables[kind];

const mostContributors = 16;

/** Parameters of every rule that pays by measured contribution. */
export const contributionFields = {
  values: z
    .array(z.number())
    .min(2)
    .max(1 << mostContributors)
    .optional()
    .describe(
      "v(S) of each of the 2^n coalitions of n contributors, bit i of the index for contributor i; instead of the table",
    ),
  quality: z.enum(qualities).default("loss").describe("how a lower loss in the table becomes value"),
  pairs: z
    .number()
    .int()
    .min(12)
    .max(100_000)
    .default(200)
    .describe("orders drawn, each with its reverse, where there are more than 12 contributors"),
} as const;

export interface ContributionChoice {
  readonly table: ContributionTableKind;
  readonly values?: readonly number[] | undefined;
  readonly quality: (typeof qualities)[number];
}

/** v(S) of the values given, or of the table. */
export function contributionValues({ table, values, quality }: ContributionChoice): Float64Array {
  return values === undefined ? coalitionValues(tables[table], quality) : Float64Array.from(values);
}

/** What is wrong with the values of a specification, or undefined. */
export function contributionValuesFault(values: readonly number[] | undefined): string | undefined {
  if (values === undefined) return undefined;
  const below = 1 << (31 - Math.clz32(values.length));
  if (values.length === below) return undefined;
  const wanted = "expected 2^n values, one for each coalition of n contributors";
  return `${wanted}, such as ${below} or ${2 * below}; found ${values.length}`;
}

/** Of decimals that add up to 1. */
const rounding = 1e-9;

/** What is wrong with shares of one revenue that sum to `given`, or undefined; `whose` says which they are. */
export function sharesFault(given: number, whose: string): string | undefined {
  return given > 1 + rounding ? `shares sum to more than 1: ${Number(given.toPrecision(6))} (${whose})` : undefined;
}

/** Contributors of the values given, or of the table. */
export const contributorsOf = ({ table, values }: Pick<ContributionChoice, "table" | "values">): number =>
  values === undefined ? tables[table].contributors.length : 31 - Math.clz32(values.length);

export type ContributionSplit =
  | { readonly by: "declared"; readonly declarations: Float64Array }
  | { readonly by: "leave-one-out" }
  | { readonly by: "shapley"; readonly pairs: number; readonly uniform: (draw: number) => number };

/**
 * Shares of a royalty, 0 to 1 for each contributor of the game: 0 for those who are not among `members` (a bit mask), at most 1 in all.
 * Shares come from the game among the members alone. Those by sampling have an interval, whose ends are scaled like the share itself;
 * all others are exact, with `low` and `high` equal to `value`.
 *
 * @param values v(S) of all contributors
 */
export function contributionShares(values: Float64Array, members: number, split: ContributionSplit): Estimate[] {
  const players = playersOf(values);
  const none: Estimate = { value: 0, low: 0, high: 0 };
  const shares = new Array<Estimate>(players).fill(none);
  const present = Array.from({ length: players }, (_, player) => player).filter((player) => (members >> player) & 1);
  if (present.length === 0) return shares;
  const found = sharesAmong(gameAmong(values, members), present, split);
  for (const [index, player] of present.entries()) shares[player] = found[index];
  return shares;
}

const exactly = (values: Float64Array): Estimate[] =>
  Array.from(values, (value) => ({ value, low: value, high: value }));

function sharesAmong(game: Float64Array, present: readonly number[], split: ContributionSplit): Estimate[] {
  const total = game[game.length - 1] - game[0];
  if (split.by === "declared") {
    const declarations = Float64Array.from(present, (player) => split.declarations[player]);
    // Members who all declared nothing get nothing.
    return exactly(declarations.some((declared) => declared > 0) ? declaredShares(declarations) : declarations);
  }
  if (split.by === "leave-one-out") return exactly(payableShares(leaveOneOutValues(game), total));
  if (present.length <= exactShapleyPlayers) return exactly(payableShares(shapleyValues(game), total));
  const sampled = sampledShapleyValues({
    players: present.length,
    value: (members) => game[members.reduce((mask, isMember, player) => mask | (isMember << player), 0)],
    pairs: split.pairs,
    uniform: split.uniform,
  });
  const shares = payableShares(
    Float64Array.from(sampled, ({ value }) => value),
    total,
  );
  const positive = sampled.reduce((sum, { value }) => sum + Math.max(0, value), 0);
  const scale = 1 / Math.max(total, positive, Number.MIN_VALUE);
  return sampled.map(({ low, high }, index) => ({
    value: shares[index],
    low: Math.max(0, low * scale),
    high: Math.max(0, high * scale),
  }));
}
