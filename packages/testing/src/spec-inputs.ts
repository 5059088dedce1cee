/** Arbitrary inputs for a specification, made from its JSON Schema, so that a new parameter is varied without more ado. */
import { dimensions } from "@shardlab/contracts";
import { exp, log } from "@shardlab/numerics";
import fc from "fast-check";
import { z } from "zod";

/** The part of JSON Schema that specifications use. */
export interface InputSchema {
  readonly properties?: Readonly<Record<string, InputSchema>>;
  readonly anyOf?: readonly InputSchema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly examples?: readonly unknown[];
  readonly items?: InputSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/**
 * Maps that the schema of a strict object describes: each parameter is left to its default or drawn. Quantities carry one
 * of their units. Bounds that JSON Schema cannot say (of quantities, counts and shares) are the caller's to filter by.
 *
 * @throws `no arbitrary for: {"type": …}` for a parameter of a type not known here
 */
export function specInputs(schema: InputSchema): fc.Arbitrary<Record<string, unknown>> {
  const entries = Object.entries(schema.properties ?? {});
  const isFixed = (name: string): boolean => schema.properties?.[name].const !== undefined;
  const arbitraries = Object.fromEntries(entries.map(([name, property]) => [name, inputOf(property)]));
  return fc.record(arbitraries, { requiredKeys: entries.map(([name]) => name).filter(isFixed) });
}

/**
 * Inputs drawn for the spec of a method, such as a mechanism's; what the spec refuses in the end is drawn again.
 *
 * @param spec strict object with the literal `kind`.
 */
export function randomSpecInputs(spec: z.ZodObject, count: number, seed = 7): Record<string, unknown>[] {
  const schema = z.toJSONSchema(spec, { io: "input" }) as InputSchema;
  const inputs = specInputs(schema).filter((input) => spec.safeParse(input).success);
  return fc.sample(inputs, { numRuns: count, seed });
}

function inputOf(schema: InputSchema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return shareOrCount(schema.anyOf);
  switch (schema.type) {
    case "boolean":
      return fc.boolean();
    case "integer":
      return magnitudes(Math.max(1, schema.minimum ?? 1), Math.min(1e6, schema.maximum ?? 1e6)).map(Math.round);
    case "number":
      return fc.oneof(fc.constant(1), magnitudes(1e-2, Math.min(1e4, schema.maximum ?? 1e4)));
    case "string":
      return quantityLike(schema);
    case "array":
      return listOf(schema);
    default:
      throw new Error(`no arbitrary for: ${JSON.stringify(schema)}`);
  }
}

/** Short lists, so that those of a length that the spec asks for come up. */
function listOf({ items = {}, minItems = 0, maxItems = longestList }: InputSchema): fc.Arbitrary<unknown[]> {
  return fc.array(inputOf(items), {
    minLength: minItems,
    maxLength: Math.max(minItems, Math.min(longestList, maxItems)),
  });
}

const longestList = 8;

/** Log-uniform between two positive bounds. */
const magnitudes = (low: number, high: number): fc.Arbitrary<number> =>
  fc.double({ min: log(low), max: log(high), noNaN: true }).map(exp);

/** A percentage in its examples tells a share from a count. */
function shareOrCount(choices: readonly InputSchema[]): fc.Arbitrary<number> {
  const isShare = choices.some(({ examples }) => String(examples?.[0]).endsWith("%"));
  return isShare ? fc.double({ min: 0, max: 1, noNaN: true }) : magnitudes(1, 1e12).map(Math.round);
}

/** The dimension is known by its example; any number of a magnitude near the example's, in the example's unit. */
function quantityLike(schema: InputSchema): fc.Arbitrary<string> {
  const [example] = schema.examples ?? [];
  const dimension = Object.values(dimensions).find((known) => known.example === example);
  if (dimension === undefined) throw new Error(`no arbitrary for: ${JSON.stringify(schema)}`);
  if (dimension.noun === "a duration") return magnitudes(1, 400).map((days) => `${days.toFixed(3)} d`);
  const numeral = /\d[\d.]*/.exec(dimension.example)?.[0] ?? "1";
  return magnitudes(0.01, 100).map((factor) =>
    dimension.example.replace(numeral, (Number(numeral) * factor).toFixed(6)),
  );
}
