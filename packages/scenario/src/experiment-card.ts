/** The experiment card: what is asked and expected, and how runs are varied. It is the same in every world. */
import { z } from "zod";
import { gameSpec } from "./game-spec.ts";
import { rawNumber, sweepSpec, valueList } from "./sweep-spec.ts";

const rawValue = z.unknown().describe("a value as it would stand at the path");
const pathText = z.string().min(1).max(200).describe("dotted path, such as market.growth or models.*.hazard");
const label = z.string().min(1).max(200);

const isPowerOfTwo = (value: number): boolean => Number.isInteger(value) && (value & (value - 1)) === 0;

const isPluginPath = (path: string): boolean => /[^\\/]\.(ts|js|mjs)$/.test(path);

export const seedsSpec = z
  .strictObject({
    count: z.number().int().min(1).max(10_000).default(20).describe("runs of each point"),
    first: z.number().int().min(0).default(1).describe("the first seed; the others follow it"),
  })
  .describe("seeds that every point is run with");

/** The Sobol' sequence behind the design has two dimensions for each parameter, and direction numbers for 40. */
const mostParameters = 20;

export const rangeSpec = z.strictObject({
  low: rawNumber,
  high: rawNumber,
  scale: z.enum(["linear", "log"]).default("linear").describe("log draws the logarithm evenly"),
  whole: z
    .boolean()
    .default(false)
    .describe("whether values are rounded to whole numbers, as of things counted one by one"),
});

/** A range of a claim's region, with the name that a reader sees. */
export const regionRangeSpec = rangeSpec.extend({
  label: z
    .string()
    .min(1)
    .max(40)
    .optional()
    .describe("what figures call it, such as audit rate; its key unless given"),
});

/** What both analyses can narrow down: their arms, and values that hold in their runs alone. */
const analysisFields = {
  arms: z.array(label).min(1).max(200).optional().describe("labels of the arms to run; all of them unless given"),
  with: z.record(z.string(), rawValue).default({}).describe("dotted path to the value that it has in these runs"),
};

export const sensitivitySpec = z
  .strictObject({
    ...analysisFields,
    draws: z
      .number()
      .int()
      .min(8)
      .max(4096)
      .refine(isPowerOfTwo, { error: "expected a power of two" })
      .default(32)
      .describe("points of the quasi-random sequence, a power of two"),
    parameters: z
      .record(z.string(), rangeSpec)
      .refine((parameters) => Object.keys(parameters).length > 0, { error: "expected at least one parameter" })
      .refine((parameters) => Object.keys(parameters).length <= mostParameters, {
        error: `expected at most ${mostParameters} parameters`,
      })
      .describe("dotted path to the range that it varies over"),
    measure: label,
  })
  .describe("which parameters move a measure");

export const axisSpec = z.strictObject({ path: pathText, values: valueList });

export const frontierSpec = z
  .strictObject({
    ...analysisFields,
    challenger: label.describe("label of the arm that is compared with the others, such as protocol-models"),
    over: axisSpec.describe("horizontal axis of the figure"),
    lines: axisSpec.describe("one line for each value"),
    find: z
      .strictObject({
        path: pathText,
        low: rawNumber,
        high: rawNumber,
        points: z.number().int().min(3).max(30).default(7),
      })
      .describe("where the challenger starts to win: a range above 0, searched evenly in its logarithm"),
    measure: label,
    seeds: z.number().int().min(1).max(10_000).default(3),
  })
  .describe("the value at which one arm overtakes the others");

const powerOfTwo = (most: number) =>
  z.number().int().min(4).max(most).refine(isPowerOfTwo, { error: "expected a power of two" });

export const claimSpec = z
  .strictObject({
    ...analysisFields,
    number: z.number().int().min(1).max(999).describe("place in the register of claims"),
    statement: z.string().min(1).max(400).describe("the claim as a full sentence that can be false"),
    source: z.string().min(1).max(400).optional().describe("who makes the claim, and where"),
    criteria: z
      .array(
        z.strictObject({
          says: z.string().min(1).max(300).describe("what this part of the claim says, in words"),
          holds: z
            .string()
            .min(1)
            .max(1000)
            .describe("relation of measures that holds where it is true, such as a:compute >= 2 * b:compute"),
        }),
      )
      .min(1)
      .max(8)
      .describe("the claim is true where all of them hold"),
    region: z
      .record(z.string(), regionRangeSpec)
      .refine((region) => Object.keys(region).length > 0, { error: "expected at least one parameter" })
      .refine((region) => Object.keys(region).length <= mostParameters, {
        error: `expected at most ${mostParameters} parameters`,
      })
      .describe("dotted path to the range in which the parameter may plausibly lie"),
    draws: powerOfTwo(4096).default(8).describe("rows of the design of a quick look, a power of two"),
    indexDraws: powerOfTwo(4096)
      .optional()
      .describe(
        "rows of a quick look that tell what moves the claim; all unless given; all rows of a full look tell it",
      ),
    fullDraws: powerOfTwo(4096).default(64).describe("rows of the design of a full look, a power of two"),
    seeds: z.number().int().min(2).max(1000).default(2).describe("runs of each point of the region"),
  })
  .refine(({ draws, fullDraws }) => draws <= fullDraws, {
    error: "expected at most fullDraws",
    path: ["draws"],
  })
  .describe("a claim that the scenario puts to the test over a region of parameters");

/** What belongs to the experiment and not to the world: it changes no run, and so no hash. */
export const experimentFields = {
  question: z.string().min(1).max(2000).describe("what this experiment is to answer"),
  expect: z.string().min(1).max(2000).describe("what is expected, and why"),
  reference: z.string().min(1).max(2000).optional().describe("publication or figure that this compares with"),
  yesIf: z
    .enum(["challenger-leads"])
    .optional()
    .describe("what a yes to the question means: the challenger is better than every other arm in the first measure"),
  runningTime: z.string().min(1).max(200).optional().describe("how long it takes, and on what"),
  seeds: seedsSpec.prefault({}),
  sweep: sweepSpec.default({}),
  sensitivity: sensitivitySpec.optional(),
  frontier: frontierSpec.optional(),
  claim: claimSpec.optional(),
  game: gameSpec.optional(),
  measure: z.array(label).max(200).optional().describe("measures to show; all of them unless given"),
  plugins: z
    .array(z.string().max(1000).refine(isPluginPath, { error: "expected a path that ends in .ts, .js or .mjs" }))
    .max(50)
    .optional()
    .describe("files with mechanisms of one's own, relative to this file; their kinds stand beside the built-in ones")
    .meta({ examples: [["./my-rule.ts"]] }),
} as const;

export type RangeSpec = z.output<typeof rangeSpec>;
export type SensitivitySpec = z.output<typeof sensitivitySpec>;
export type FrontierSpec = z.output<typeof frontierSpec>;
export type ClaimSpec = z.output<typeof claimSpec>;
