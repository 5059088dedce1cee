/** What `game:` says in a scenario of the economy: which strategies the members of a group choose from, and how that is measured. */
import { share } from "@shardlab/contracts";
import { z } from "zod";

const strategyName = z.string().min(1).max(24);

export const mostGameStrategies = 10;

export const gameSpec = z
  .strictObject({
    group: z.string().min(1).max(40).describe("provider group whose members choose"),
    strategies: z
      .record(strategyName, z.record(z.string(), z.unknown()))
      .refine((strategies) => Object.keys(strategies).length >= 2, { error: "expected at least two strategies" })
      .refine((strategies) => Object.keys(strategies).length <= mostGameStrategies, {
        error: `expected at most ${mostGameStrategies} strategies`,
      })
      .describe("name of a strategy to the fields of the group that it changes; {} changes nothing")
      .meta({ examples: [{ sober: {}, bold: { optimism: 1 } }] }),
    players: z
      .number()
      .int()
      .min(2)
      .max(6)
      .default(2)
      .describe(
        "players of the reduced game: 2 asks what a few earn among many of one strategy; more ask for mixtures as well",
      ),
    deviators: share({ min: 0.001, max: 0.5 })
      .prefault(0.05)
      .describe("share of the group that plays the strategy whose payoff is measured; at least one provider"),
    ownInfluence: z
      .enum(["removed", "kept"])
      .default("removed")
      .describe(
        "of the few on what they earn themselves, with 2 players: removed as if payoffs were linear in the shares, or kept as it was measured",
      ),
    seeds: z.number().int().min(2).max(1000).default(8).describe("runs of each profile"),
    measure: z
      .string()
      .min(1)
      .max(100)
      .default("payoff")
      .describe("what a strategy earns: the measure of this name of its part of the group, as in payoff/GROUP"),
    draws: z
      .number()
      .int()
      .min(100)
      .max(100_000)
      .default(1000)
      .describe("payoff tables within the errors, for intervals of equilibria and regrets"),
    starts: z.number().int().min(10).max(10_000).default(200).describe("starting points for the basins of attraction"),
    arms: z
      .array(z.string().min(1).max(200))
      .min(1)
      .max(20)
      .optional()
      .describe("labels of the arms, a game each; all of them unless given"),
    with: z
      .record(z.string(), z.unknown())
      .default({})
      .describe(
        "dotted path to the value that it has in these runs; participation.revision is a day unless given, so that few decide on as many days as many",
      ),
  })
  .describe("the choice between strategies as a game, answered by shardlab game");

export type GameSpec = z.output<typeof gameSpec>;
