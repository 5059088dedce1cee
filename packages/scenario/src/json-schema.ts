/** The JSON Schema of scenario files, for editors. */
import { z } from "zod";
import { keysOfOneForm, type ScenarioForm, scenarioForms } from "./scenario-spec.ts";
import { kindsAt } from "./schema-place.ts";

const title = "ShardLab scenario";
const description = "One experiment: a question, a world, and how runs are varied.";

/** A draft-7 schema of what a file of one form may say: keys, kinds, bounds, units as patterns, defaults. */
export function scenarioJsonSchema(form: ScenarioForm = "economy"): Record<string, unknown> {
  const schema = z.toJSONSchema(scenarioForms[form], {
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
  const { $schema, description: _, ...rest } = schema;
  return { $schema, title, description, ...rest };
}

interface InnerSchema {
  readonly schema: object;
  readonly definitions: Readonly<Record<string, unknown>>;
}

/**
 * The part of a form's schema that stands inside another one, and what it refers to. Definitions are numbered within each
 * form: the form's name tells them apart.
 */
function inner(form: ScenarioForm): InnerSchema {
  const own = JSON.stringify(scenarioJsonSchema(form)).replaceAll('"#/definitions/__schema', `"#/definitions/${form}`);
  const { $schema: _, title: _title, description: _description, definitions = {}, ...schema } = JSON.parse(own);
  const named = Object.entries(definitions).map(([name, value]) => [name.replace("__schema", form), value]);
  return { schema, definitions: Object.fromEntries(named) };
}

/** Whether a file is meant as one of the swarm, in the terms of a schema; see `formOf`. */
const isOfSwarm = {
  anyOf: [
    { properties: { resolution: { const: "events" } }, required: ["resolution"] },
    { properties: { engine: { const: "hardware" } }, required: ["engine"] },
    ...keysOfOneForm("swarm").map((key) => ({ required: [key] })),
  ],
};

/** The schema of files of both forms: which one holds is decided by what the file says. */
function anyScenarioJsonSchema(): Record<string, unknown> {
  const [swarm, economy] = [inner("swarm"), inner("economy")];
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    ...{ title, description, type: "object", if: isOfSwarm },
    // biome-ignore lint/suspicious/noThenProperty: the word of JSON Schema for what holds where `if` does
    then: swarm.schema,
    else: economy.schema,
    // What contains itself is referred to from the root.
    definitions: { ...economy.definitions, ...swarm.definitions },
  };
}

/** The schema as the text of its committed file. */
export const scenarioJsonSchemaText = (): string => `${JSON.stringify(anyScenarioJsonSchema(), null, 2)}\n`;
