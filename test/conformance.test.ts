/** The conformance suites over the whole registries of mechanisms and compressors, and the registries against their files. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compressorKinds, compressorSpec, createCompressor } from "@shardlab/compressors";
import { createMechanism, type MechanismKind, mechanismKinds, mechanismSpec } from "@shardlab/mechanisms";
import { compressorConformance, mechanismConformance, randomSpecInputs } from "@shardlab/testing";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { exampleSpecs } from "./compressor-specs.ts";

const packages = join(dirname(fileURLToPath(import.meta.url)), "../packages");

/** The files of a family that describe a method, by the literal of their kind. */
const describedKinds = (family: string): string[] =>
  readdirSync(join(packages, family, "src"))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && file !== "registry.ts")
    .filter((file) => readFileSync(join(packages, family, "src", file), "utf8").includes("kind: z.literal("))
    .map((file) => file.slice(0, -".ts".length))
    .sort();

const create = (input: unknown) => createMechanism(mechanismSpec.parse(input));

/** Kinds that take their defaults; those that go around another rule have a file of their own. */
const rules = mechanismKinds.filter((kind) => mechanismSpec.safeParse({ kind }).success);

/** Specifications drawn from the schema of a kind. */
function randomInputs(kind: MechanismKind, count: number): Record<string, unknown>[] {
  const { options } = mechanismSpec as unknown as { readonly options: readonly z.ZodObject[] };
  const option = options.find(({ shape }) => (shape.kind as z.ZodLiteral).value === kind);
  if (option === undefined) throw new Error(`no schema: ${kind}`);
  return randomSpecInputs(option, count);
}

describe.each(rules)("%s", (kind) => {
  describe("with default parameters", () => {
    for (const { name, run } of mechanismConformance(() => create({ kind }), { worlds: 12 })) it(name, run);
  });

  describe.each(randomInputs(kind, 5).map((input) => [JSON.stringify(input), input] as const))("%s", (_, input) => {
    for (const { name, run } of mechanismConformance(() => create(input), { worlds: 4, seed: 2 })) it(name, run);
  });

  it("varies its parameters", () => {
    const specs = randomInputs(kind, 6).map((input) => JSON.stringify(mechanismSpec.parse(input)));
    expect(new Set(specs).size).toBeGreaterThan(3);
  });
});

describe("the registry of mechanisms", () => {
  it("has every file that describes a mechanism, under the file's name", () => {
    expect([...mechanismKinds].sort()).toEqual(describedKinds("mechanisms"));
    for (const kind of rules) expect(create({ kind }).kind).toBe(kind);
  });
});

describe.each(exampleSpecs.map((example) => [JSON.stringify(example.spec), example] as const))(
  "%s",
  (_, { spec, errorBound }) => {
    const parsed = compressorSpec.parse(spec);
    const options = errorBound === undefined ? {} : { errorBound };
    for (const { name, run } of compressorConformance((context) => createCompressor(parsed, context), options)) {
      it(name, run);
    }
  },
);

describe("the registry of compressors", () => {
  it("has every file that describes a compressor, under the file's name", () => {
    expect([...compressorKinds].sort()).toEqual(describedKinds("compressors"));
  });

  it("is tested whole, each under its kind", () => {
    const context = { width: 12, vocabulary: 23, seed: 5 };
    for (const { spec } of exampleSpecs) {
      expect(createCompressor(compressorSpec.parse(spec), context).kind).toBe(spec.kind);
    }
    expect(new Set(exampleSpecs.map(({ spec }) => spec.kind))).toEqual(new Set<string>(compressorKinds));
  });
});
