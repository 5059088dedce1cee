/** What `sweep:` says: values of paths, ranges, zips, samples, and the conditions between them. */
import { z } from "zod";

const rawValue = z.unknown().describe("a value as it would stand at the path");
export const valueList = z.array(rawValue).min(1).max(1000);

/** A number, or a quantity in the notation of the file. */
export const rawNumber = z.union([z.number(), z.string()], {
  error: (issue) => (issue.input === undefined ? undefined : "expected a number or a quantity such as 20 %/y"),
});

const scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: (issue) => (issue.input === undefined ? undefined : "expected a value or a list of values"),
});

const when = z
  .record(
    z.string(),
    z.union([scalar, z.array(scalar).min(1).max(1000)], {
      error: (issue) => (issue.input === undefined ? undefined : "expected a value or a list of values"),
    }),
  )
  .optional()
  .describe(
    "swept only where each of these paths has this value, or one of these; other points have no such coordinate. A path that is swept too stands above",
  )
  .meta({ examples: [{ mechanism: "protocol-models" }] });

const scale = z.enum(["linear", "log"]).default("linear").describe("log spaces the logarithm evenly");

/** More values than this are more likely a slip than a plan. */
export const mostValues = 10_000;

const rangeFields = { from: rawNumber.describe("first value"), to: rawNumber.describe("last value") };
const pointsField = z.number().int().min(2).max(mostValues).optional().describe("number of values, both ends included");

const evenFields = {
  ...rangeFields,
  points: pointsField,
  step: rawNumber.optional().describe("instead of points: distance between two values; it has to reach the last"),
  scale,
};

const listed = valueList.describe("values, one after the other");
const evenRange = z.strictObject(evenFields).describe("evenly spaced values, both ends exact");

/** Values that move together: a list, or a range. */
export const columnSpec = z.union([listed, evenRange], {
  error: (issue) =>
    issue.input === undefined
      ? undefined
      : "expected a list of values or a range such as { from: 1, to: 6, points: 6 }",
});

/** What one swept path takes. */
export const axisValuesSpec = z.union(
  [
    listed,
    z.strictObject({ ...evenFields, when }).describe("evenly spaced values, both ends exact"),
    z.strictObject({ values: valueList, when }).describe("values under a condition"),
  ],
  {
    error: (issue) =>
      issue.input === undefined
        ? undefined
        : "expected a list of values or a range such as { from: 1, to: 6, points: 6 }",
  },
);

const zipSpec = z
  .object({ when })
  .catchall(columnSpec)
  .describe("paths that move together, value by value; all have the same number of values")
  .meta({ examples: [{ "market.growth": ["10 %/y", "30 %/y"], "models.*.hazard": ["5 %/y", "20 %/y"] }] });

const drawnRange = z
  .strictObject({
    ...rangeFields,
    step: rawNumber.optional().describe("only multiples of it above the first value, such as whole numbers with 1"),
    scale: z.enum(["linear", "log"]).default("linear").describe("log draws the logarithm evenly"),
  })
  .describe("any value between the two, to a millionth of the range");

export const drawnSpec = z.union([valueList.describe("each value with the same chance"), drawnRange], {
  error: (issue) =>
    issue.input === undefined ? undefined : "expected a list of values or a range such as { from: 1, to: 6 }",
});

export const sampleSpec = z
  .strictObject({
    method: z
      .enum(["random", "latin-hypercube"])
      .default("latin-hypercube")
      .describe("latin-hypercube draws once from each of as many equal parts of a range as there are points"),
    points: z.number().int().min(1).max(mostValues),
    seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(1).describe("of these draws alone"),
    over: z
      .record(z.string(), drawnSpec)
      .refine((over) => Object.keys(over).length > 0, { error: "expected at least one path" })
      .describe("dotted path to the range or the values that are drawn from"),
    when,
  })
  .describe("points drawn at random; a combination that is drawn twice is one point")
  .meta({ examples: [{ points: 64, over: { "market.growth": { from: "5 %/y", to: "50 %/y", scale: "log" } } }] });

const oneOrMore = <T extends z.ZodType>(schema: T, noun: string) =>
  z.union([schema, z.array(schema).min(1).max(100)], {
    error: (issue) => (issue.input === undefined ? undefined : `expected ${noun} or a list of them`),
  });

/** Keys of a sweep that are no paths. No key of a scenario has such a name. */
export const sweepWords = {
  zip: oneOrMore(zipSpec, "a map of paths to values").optional(),
  sample: oneOrMore(sampleSpec, "a sample such as { points: 64, over: { … } }").optional(),
  where: z
    .array(z.string().min(1).max(1000))
    .max(100)
    .optional()
    .describe(
      "conditions on the numbers of a scenario, with + - * / ( ) < <= > >= == != and or not; other points are left out",
    )
    .meta({ examples: [["market.growth <= 20 %/y", "models.*.targetTokens <= 4 * models.*.publicTokens"]] }),
} as const;

export const sweepSpec = z
  .object(sweepWords)
  .catchall(axisValuesSpec)
  .describe("dotted path to the values that it takes; everything is combined in full, what stands last varying fastest")
  .meta({
    examples: [
      { mechanism: ["grant", "protocol-models"], "market.growth": { from: "10 %/y", to: "50 %/y", points: 5 } },
      { "mechanism.approval": { values: [0.3, 0.9], when: { mechanism: "grant" } } },
    ],
  });
