import { scenarioJsonSchema } from "@shardlab/scenario";
import { describe, expect, it } from "vitest";
import { notationAt, notationOf, pathLabel } from "./scenario-notation.ts";

describe("notationOf", () => {
  it("tells a rate per year in the unit of the file", () => {
    const notation = notationOf("15 %/y");
    // 15 % a Julian year of 365.25 d is 0.15 / 31,557,600 s.
    expect(notation.unit).toBe("%/y");
    expect(notation.scale(0.15 / 31_557_600)).toBeCloseTo(15, 9);
    expect(notation.write(0.15 / 31_557_600)).toBe("15 %/y");
  });

  it("tells money in dollars, shares in per cent, and numbers as they are", () => {
    expect(notationOf("$1M").write(2_500_000)).toBe("$2.5M");
    expect(notationOf("5 %").scale(0.05)).toBeCloseTo(5, 12);
    expect(notationOf("2")).toMatchObject({ unit: "" });
    expect(notationOf("70B").scale(7e10)).toBe(7e10);
  });
});

describe("notationAt", () => {
  const schema = scenarioJsonSchema();
  it.each([
    ["market.growth", "%/y"],
    ["providers.*.discountRate", "%/y"],
    ["providers.0.upkeep", "/h"],
    ["horizon", "y"],
    ["mechanism.settlement", "d"],
    ["outlay", "$"],
    ["market.revenueMultiple", ""],
    ["nowhere.at.all", ""],
  ])("tells %s in %j", (path, unit) => {
    expect(notationAt(schema, path).unit).toContain(unit);
    if (unit === "") expect(notationAt(schema, path).unit).toBe("");
  });
});

describe("pathLabel", () => {
  it("names a parameter by its last part", () => {
    expect(pathLabel("market.revenueMultiple")).toBe("revenue multiple");
  });
});
