import { describe, expect, it } from "vitest";
import { createMechanism, mechanismKinds, mechanismSpec } from "./registry.ts";

const messagesOf = (input: unknown): string => mechanismSpec.safeParse(input).error?.message ?? "";

describe("mechanismSpec", () => {
  it.each(mechanismKinds)("%s takes its defaults, and makes a mechanism of its kind", (kind) => {
    const mechanism = createMechanism(mechanismSpec.parse({ kind }));
    expect(mechanism.kind).toBe(kind);
  });

  it("knows five kinds", () => {
    expect([...mechanismKinds].sort()).toEqual([
      "closed-lab",
      "grant",
      "proof-of-work",
      "protocol-models",
      "volunteer",
    ]);
  });

  it.each(["grants", undefined, 3])("refuses the kind %s and names those there are", (kind) => {
    const message = messagesOf({ kind });
    for (const known of mechanismKinds) expect(message).toContain(known);
  });

  it.each(mechanismKinds)("refuses a misspelt parameter of %s by name", (kind) => {
    expect(messagesOf({ kind, revenuShare: 0.5 })).toContain("revenuShare");
  });

  it("refuses values out of bounds and quantities without a unit", () => {
    expect(messagesOf({ kind: "grant", approval: 0 })).toContain("expected a share between 0.001 and 1");
    expect(messagesOf({ kind: "grant", delay: 365 })).toContain("expected a duration with a unit");
    expect(messagesOf({ kind: "protocol-models", earlyWeight: 21 })).not.toBe("");
    expect(messagesOf({ kind: "proof-of-work", blockTime: "2 d" })).toContain("at most 1 d");
  });

  it("reads units into SI", () => {
    const spec = mechanismSpec.parse({ kind: "closed-lab", rent: "$3.60/h", accelerator: "1 PFLOP/s", setup: "1 d" });
    expect(spec).toMatchObject({ rent: 0.001, accelerator: 1e15, setup: 86_400 });
  });
});
