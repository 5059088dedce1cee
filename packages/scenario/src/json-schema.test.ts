import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { scenarioJsonSchema, scenarioJsonSchemaText } from "./json-schema.ts";

type Json = { readonly [key: string]: Json } & { readonly properties: Json };

const schema = scenarioJsonSchema() as unknown as Json;

/** Every object schema with fixed keys inside a schema. */
function objectSchemas(value: unknown): readonly Json[] {
  if (typeof value !== "object" || value === null) return [];
  const own = "properties" in value && "type" in value ? [value as Json] : [];
  return [...own, ...Object.values(value).flatMap(objectSchemas)];
}

/** A schema as text, with a number for what it refers to, in the order in which that is met, followed by what that is. */
function spelled(schema: unknown, definitions: Json | undefined): string {
  const met: string[] = [];
  const text = (value: unknown): string =>
    JSON.stringify(value).replaceAll(/"#\/definitions\/([^"]+)"/g, (_, name: string) => {
      if (!met.includes(name)) met.push(name);
      return `"definition ${met.indexOf(name)}"`;
    });
  let all = text(schema);
  for (let next = 0; next < met.length; next++) all += text(definitions?.[met[next] as string]);
  return all;
}

describe("scenarioJsonSchema", () => {
  it("is what the committed file says", () => {
    const committed = readFileSync(new URL("../../../schema/scenario.schema.json", import.meta.url), "utf8");
    // After a change of any spec: npx tsc -b packages/scenario && node packages/scenario/scripts/write-schema.mjs
    expect(committed === scenarioJsonSchemaText()).toBe(true);
  });

  it("refuses unknown keys wherever keys are fixed", () => {
    // A sweep and a zip take paths besides their own words.
    const { sweep, ...others } = schema.properties;
    const objects = objectSchemas({ ...schema, properties: others });
    expect(objectSchemas(sweep).filter((object) => object.properties.from).length).toBeGreaterThan(3);
    expect(objects.length).toBeGreaterThan(15);
    expect(objects.filter((object) => (object.additionalProperties as unknown) !== false)).toEqual([]);
  });

  it("has the units of quantities as patterns", () => {
    const pattern = new RegExp(schema.properties.horizon?.pattern as unknown as string);
    expect(["3 y", "1.5e2 d"].filter((text) => !pattern.test(text))).toEqual([]);
    expect(["3", "3 parsec", "y"].filter((text) => pattern.test(text))).toEqual([]);
  });

  it("takes a bare kind or the map of one kind", () => {
    const choices = schema.properties.beliefs?.oneOf as unknown as readonly Json[];
    expect(choices[0]).toEqual({ type: "string", enum: ["adaptive", "optimistic", "rational"] });
    expect(choices.slice(1).map((choice) => choice.properties.kind?.const)).toEqual(choices[0]?.enum);
  });

  it("requires what has no default", () => {
    expect([...(schema.required as unknown as string[])].sort()).toEqual([
      "expect",
      "market",
      "mechanism",
      "models",
      "outlay",
      "providers",
      "question",
    ]);
    expect(schema.properties.horizon?.default).toBe("3 y");
    expect(schema.$schema).toBe("http://json-schema.org/draft-07/schema#");
  });

  it("tells the two forms apart by what a file says, and refers to nothing that is not there", () => {
    const text = scenarioJsonSchemaText();
    const both = JSON.parse(text) as { if: unknown; then: Json; else: Json; definitions: object };
    expect(JSON.stringify(both.if)).toContain('"population"');
    expect(both.then.properties.population).toBeDefined();
    expect(both.else.properties.providers).toBeDefined();
    const referred = [...text.matchAll(/"\$ref": "#\/definitions\/([^"]+)"/g)].map(([, name]) => name);
    expect(referred.length).toBeGreaterThan(2);
    expect(referred.filter((name) => !Object.hasOwn(both.definitions, name as string))).toEqual([]);
  });

  it.each(["economy", "swarm"] as const)("keeps what the %s refers to apart", (form) => {
    const alone = scenarioJsonSchema(form) as unknown as Json;
    const both = JSON.parse(scenarioJsonSchemaText()) as { then: Json; else: Json; definitions: Json };
    const within = form === "swarm" ? both.then : both.else;
    expect(spelled(within.properties, both.definitions)).toBe(spelled(alone.properties, alone.definitions));
  });
});
