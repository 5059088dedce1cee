/** The conformance suites over the whole registries of mechanisms and compressors, and the registries against their files. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compressorKinds, compressorSpec, createCompressor } from "@shardlab/compressors";
import { mechanismKinds, mechanismSpec } from "@shardlab/mechanisms";
import { compressorConformance, mechanismConformance, randomSpecInputs } from "@shardlab/testing";
import { describe, expect, it } from "vitest";
import { exampleSpecs } from "./compressor-specs.ts";
import { makerOf, specOf } from "./mechanism-specs.ts";

const packages = join(dirname(fileURLToPath(import.meta.url)), "../packages");

/** The files of a family that describe a method, by the literal of their kind. */
const describedKinds = (family: string): string[] =>
  readdirSync(join(packages, family, "src"))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && file !== "registry.ts")
    .filter((file) => readFileSync(join(packages, family, "src", file), "utf8").includes("kind: z.literal("))
    .map((file) => file.slice(0, -".ts".length))
    .sort();

/** Kinds that take their defaults; those that go around another rule have a file of their own. */
const rules = mechanismKinds.filter((kind) => mechanismSpec.safeParse({ kind }).success);

describe.each(rules)("%s", (kind) => {
  describe("with default parameters", () => {
    for (const { name, run } of mechanismConformance(makerOf({ kind }), { worlds: 12 })) it(name, run);
  });

  const inputs = randomSpecInputs(specOf(kind), 5);

  describe.each(inputs.map((input) => [JSON.stringify(input), input] as const))("%s", (_, input) => {
    for (const { name, run } of mechanismConformance(makerOf(input), { worlds: 4, seed: 2 })) it(name, run);
  });

  it("varies its parameters", () => {
    const specs = inputs.map((input) => JSON.stringify(mechanismSpec.parse(input)));
    expect(new Set(specs).size).toBeGreaterThan(3);
  });
});

describe("the registry of mechanisms", () => {
  it("has every file that describes a mechanism, under the file's name", () => {
    expect([...mechanismKinds].sort()).toEqual(describedKinds("mechanisms"));
    for (const kind of rules) expect(makerOf({ kind })().kind).toBe(kind);
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
