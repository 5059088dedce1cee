/** Profiles of attacks: the registry against its files, rates in order and within bounds, and what is refused. */
import { readdirSync, readFileSync } from "node:fs";
import type { Estimate } from "@shardlab/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { attackKinds, attackSpec, createAttack } from "./registry.ts";

const make = (input: unknown) => createAttack(attackSpec.parse(input));

/** What a kind cannot do without. */
const needed: Record<string, object> = { profile: { costSaved: 0.5, detection: 0.5 } };

const files = readdirSync(new URL(".", import.meta.url))
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && file !== "registry.ts")
  .filter((file) => readFileSync(new URL(file, import.meta.url), "utf8").includes("kind: z.literal("))
  .map((file) => file.slice(0, -".ts".length));

const rates = ["costSaved", "detection", "damage", "qualityLoss"] as const;
const most = { costSaved: 1, detection: 1, damage: 10, qualityLoss: 1 } as const;

function expectOrdered({ value, low, high }: Estimate, largest: number): void {
  expect(low).toBeGreaterThanOrEqual(0);
  expect(value).toBeGreaterThanOrEqual(low);
  expect(high).toBeGreaterThanOrEqual(value);
  expect(high).toBeLessThanOrEqual(largest);
}

describe("the registry", () => {
  it("has every file that describes an attack on training, under the file's name", () => {
    expect([...attackKinds].sort()).toEqual(files.sort());
    for (const kind of attackKinds) expect(make({ kind, ...needed[kind] }).kind).toBe(kind);
  });

  it("calls a profile what the scenario calls it", () => {
    expect(make({ kind: "profile", name: "lazy-worker", costSaved: 0.2, detection: 0.9 }).kind).toBe("lazy-worker");
  });
});

describe.each(attackKinds.map((kind) => [kind, { kind, ...needed[kind] }] as const))("%s", (kind, defaults) => {
  it("has rates in order, a source, and something to gain", () => {
    const profile = make(defaults);
    for (const rate of rates) expectOrdered(profile[rate], most[rate]);
    expect(profile.costSaved.value).toBeGreaterThan(0);
    expect(profile.source.citation.length).toBeGreaterThan(10);
    expect(profile.overlap).toBeGreaterThanOrEqual(0);
    expect(profile.overlap).toBeLessThanOrEqual(1);
    expect(Number.isInteger(profile.stepsBehind) && profile.stepsBehind >= 0).toBe(true);
  });

  it("takes any rates, and gives each the range of the relative error, cut at what is possible", () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    const inputs = fc.record({
      ...{ costSaved: unit, detection: unit, qualityLoss: unit, relativeError: unit },
      damage: fc.double({ min: 0, max: 10, noNaN: true }),
    });
    fc.assert(
      fc.property(inputs, (input) => {
        const profile = make({ kind, ...input });
        for (const rate of rates) {
          const { value, low, high } = profile[rate];
          expectOrdered(profile[rate], most[rate]);
          expect(value).toBe(input[rate]);
          expect(low).toBeCloseTo(value - value * input.relativeError, 12);
          expect(high).toBeCloseTo(Math.min(most[rate], value + value * input.relativeError), 12);
        }
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    [{ costSaved: 1.01 }, "costSaved"],
    [{ detection: -0.1 }, "detection"],
    [{ detection: "120 %" }, "detection"],
    [{ damage: 11 }, "damage"],
    [{ damage: -1 }, "damage"],
    [{ qualityLoss: 2 }, "qualityLoss"],
    [{ relativeError: -0.2 }, "relativeError"],
    [{ detecton: 0.5 }, "detecton"],
  ])("refuses %j, and says where", (wrong, where) => {
    const { error } = attackSpec.safeParse({ ...defaults, ...wrong });
    expect(error && z.prettifyError(error)).toContain(where);
  });
});

describe("a spec", () => {
  it.each([
    [{ kind: "zero-gradients" }],
    [{ kind: "profile" }],
    [{ kind: "profile", costSaved: 1 }],
    [{ kind: "profile", name: "Two words", costSaved: 1, detection: 1 }],
    [{}],
  ])("is not %j", (input) => {
    expect(attackSpec.safeParse(input).success).toBe(false);
  });
});
