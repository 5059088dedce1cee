/** Profiles of verification: the registry against its files, rates in order and within bounds, and what is refused. */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createVerification, verificationKinds, verificationSpec } from "./registry.ts";

const make = (input: unknown) => createVerification(verificationSpec.parse(input));

const files = readdirSync(new URL(".", import.meta.url))
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && file !== "registry.ts")
  .filter((file) => readFileSync(new URL(file, import.meta.url), "utf8").includes("kind: z.literal("))
  .map((file) => file.slice(0, -".ts".length));

describe("the registry", () => {
  it("has every file that describes a way of checking, under the file's name", () => {
    expect([...verificationKinds].sort()).toEqual(files.sort());
    for (const kind of verificationKinds) expect(make({ kind }).kind).toBe(kind);
  });

  it.each(verificationKinds)("%s has rates in order within [0, 1]", (kind) => {
    const { auditRate, auditCost, falsePositive, sharpness } = make({ kind });
    for (const { value, low, high } of [falsePositive, sharpness]) {
      expect(0 <= low && low <= value && value <= high && high <= 1).toBe(true);
    }
    for (const rate of [auditRate, auditCost]) expect(rate >= 0 && rate <= 1).toBe(true);
  });
});

describe("no-verification", () => {
  it("never audits", () => {
    const { auditRate, auditCost } = make({ kind: "no-verification" });
    expect([auditRate, auditCost]).toEqual([0, 0]);
  });
});

describe("random-audit", () => {
  it("says how far its rates may be off, within [0, 1]", () => {
    const { sharpness, falsePositive } = make({ kind: "random-audit", falsePositive: 0.02, relativeError: 0.5 });
    expect([sharpness.low, sharpness.value, sharpness.high]).toEqual([0.5, 1, 1]);
    expect([falsePositive.low, falsePositive.value, falsePositive.high]).toEqual([0.01, 0.02, 0.03]);
  });

  it("takes any rates as they are", () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    const inputs = fc.record({ rate: unit, sharpness: unit, falsePositive: unit, auditCost: unit });
    fc.assert(
      fc.property(inputs, (input) => {
        const { auditRate, auditCost, falsePositive, sharpness } = make({ kind: "random-audit", ...input });
        expect([auditRate, auditCost]).toEqual([input.rate, input.auditCost]);
        expect([falsePositive.low, falsePositive.value, falsePositive.high]).toEqual(
          Array(3).fill(input.falsePositive),
        );
        expect(sharpness.value).toBe(input.sharpness);
      }),
    );
  });

  it.each([
    [{ rate: 1.2 }, "rate"],
    [{ rate: "-5 %" }, "rate"],
    [{ sharpness: 2 }, "sharpness"],
    [{ falsePositive: -1 }, "falsePositive"],
    [{ auditCost: "many" }, "auditCost"],
    [{ share: 0.1 }, "share"],
  ])("refuses %j, and says where", (wrong, where) => {
    const { error } = verificationSpec.safeParse({ kind: "random-audit", ...wrong });
    expect(error && z.prettifyError(error)).toContain(where);
  });

  it("goes by its whole name, and shares no parameter with no-verification", () => {
    expect(verificationSpec.safeParse({ kind: "audit" }).success).toBe(false);
    expect(verificationSpec.safeParse({ kind: "no-verification", rate: 0.1 }).success).toBe(false);
  });
});
