/** The conformance suite over the whole registry of mechanisms, and the registry against the files beside it. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createMechanism, type MechanismKind, mechanismKinds, mechanismSpec } from "@shardlab/mechanisms";
import { mechanismConformance, randomSpecInputs } from "@shardlab/testing";
import { describe, expect, it } from "vitest";

const sources = join(dirname(fileURLToPath(import.meta.url)), "../packages/mechanisms/src");

const create = (input: unknown) => createMechanism(mechanismSpec.parse(input));

/** Specifications drawn from the schema of a kind. */
function randomInputs(kind: MechanismKind, count: number): Record<string, unknown>[] {
  const option = mechanismSpec.options.find(({ shape }) => shape.kind.value === kind);
  if (option === undefined) throw new Error(`no schema: ${kind}`);
  return randomSpecInputs(option, count);
}

describe.each(mechanismKinds)("%s", (kind) => {
  describe("with default parameters", () => {
    for (const { name, run } of mechanismConformance(() => create({ kind }), { worlds: 20 })) it(name, run);
  });

  describe.each(randomInputs(kind, 6).map((input) => [JSON.stringify(input), input] as const))("%s", (_, input) => {
    for (const { name, run } of mechanismConformance(() => create(input), { worlds: 5, seed: 2 })) it(name, run);
  });

  it("varies its parameters", () => {
    const specs = randomInputs(kind, 6).map((input) => JSON.stringify(mechanismSpec.parse(input)));
    expect(new Set(specs).size).toBeGreaterThan(3);
  });
});

describe("the registry of mechanisms", () => {
  it("has every file that describes a mechanism, under the file's name", () => {
    const described = readdirSync(sources)
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && file !== "registry.ts")
      .filter((file) => readFileSync(join(sources, file), "utf8").includes("kind: z.literal("))
      .map((file) => file.slice(0, -".ts".length));
    expect([...mechanismKinds].sort()).toEqual(described.sort());
    for (const kind of mechanismKinds) expect(create({ kind }).kind).toBe(kind);
  });
});
