/** The conformance suites over rules that go around others: each around several, with default parameters and with random ones. */
import { type MechanismKind, mechanismKinds, mechanismSpec } from "@shardlab/mechanisms";
import { type InputSchema, mechanismConformance, specInputs } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { makerOf, specOf } from "./mechanism-specs.ts";

/** Rules that a rule can go around: cash and claims, by work and by name, with and without ownership, nested and not. */
const innerRules = [
  { kind: "spot-rental" },
  { kind: "protocol-models", settlement: "1 d" },
  { kind: "equal-epoch-split", term: "60 d" },
  { kind: "protocol-models", uptimeWorkPerHour: 40, matchOutlay: false },
  { kind: "equal-epoch-split", pays: "ownership" },
  { kind: "grant", approval: 1, delay: "1 d", term: "90 d" },
  { kind: "proof-of-work" },
  { kind: "composable-layers" },
  { kind: "gauntlet" },
  { kind: "slashing", payMultiple: 0.5, of: { kind: "reputation", of: { kind: "protocol-models" } } },
  { kind: "escrow", challenge: "40 d", of: { kind: "slashing", of: { kind: "spot-rental" } } },
] as const;

const combinators = mechanismKinds.filter((kind) => !mechanismSpec.safeParse({ kind }).success);

/** The rules that `kind` takes within it. */
const innersOf = (kind: MechanismKind) => innerRules.filter((of) => mechanismSpec.safeParse({ kind, of }).success);

/** Specifications drawn from the schema of a kind, each around one of the rules. */
function randomInputs(kind: MechanismKind, count: number): Record<string, unknown>[] {
  const schema = z.toJSONSchema(specOf(kind), { io: "input" }) as InputSchema;
  const { of: _, ...properties } = schema.properties ?? {};
  const drawn = fc
    .tuple(specInputs({ ...schema, properties }), fc.constantFrom(...innersOf(kind)))
    .map(([input, of]): Record<string, unknown> => ({ ...input, of }));
  const sound = drawn.filter((input) => mechanismSpec.safeParse(input).success);
  return fc.sample(sound, { numRuns: count, seed: 7 });
}

describe.each(combinators)("%s", (kind) => {
  const inners = innersOf(kind);
  const inputs = randomInputs(kind, 5);

  describe.each(inners.map((of) => [JSON.stringify(of), of] as const))("of %s", (_, of) => {
    for (const { name, run } of mechanismConformance(makerOf({ kind, of }), { worlds: 3 })) it(name, run);
  });

  describe.each(inputs.map((input) => [JSON.stringify(input), input] as const))("%s", (_, input) => {
    for (const { name, run } of mechanismConformance(makerOf(input), { worlds: 2, seed: 2 })) it(name, run);
  });

  it("varies its parameters, and what it goes around", () => {
    const specs = inputs.map((input) => JSON.stringify(mechanismSpec.parse(input)));
    expect(new Set(specs).size).toBeGreaterThan(3);
    expect(inners.length).toBeGreaterThan(3);
  });
});
