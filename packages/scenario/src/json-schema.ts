/** The JSON Schema of scenario files, for editors. */
import { z } from "zod";
import { scenarioSpec } from "./scenario-spec.ts";
import { kindsAt } from "./schema-place.ts";

/** A draft-7 schema of what a file may say: keys, kinds, bounds, units as patterns, defaults. */
export function scenarioJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(scenarioSpec, {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
    // A bare kind stands for the kind with its defaults.
    override: ({ zodSchema, jsonSchema }) => {
      // Wrappers share the JSON of the union inside them, which would get the kinds twice.
      const kinds = zodSchema._zod.def.type === "union" ? kindsAt(zodSchema) : [];
      if (kinds.length > 0) jsonSchema.oneOf?.unshift({ type: "string", enum: [...kinds] });
    },
  });
  const { $schema, description, ...rest } = schema;
  return {
    $schema,
    title: "ShardLab scenario",
    description: "One experiment: a question, a world, and how runs are varied.",
    ...rest,
  };
}

/** The schema as the text of its committed file. */
export const scenarioJsonSchemaText = (): string => `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
