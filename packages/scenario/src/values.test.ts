import { describe, expect, it } from "vitest";
import { load, sample } from "./fixtures/sample.ts";
import { numberAt, resolvedNumber, withValues } from "./values.ts";

const loaded = load(`${sample}sweep: { mechanism: [grant, protocol-models] }\n`);
const { resolved } = loaded;

describe("withValues", () => {
  it("sets numbers in a copy, in every element that a wildcard selects", () => {
    const changed = withValues(resolved, {
      "providers.*.riskAversion": 5,
      "market.growth": 1e-8,
      "providers.labs.devices": 9,
    });
    expect(changed.providers.map((group) => group.riskAversion)).toEqual([5, 5]);
    expect(changed.providers.map((group) => group.devices)).toEqual([1, 9]);
    expect(changed.market.growth).toBe(1e-8);
    expect(resolved.providers.map((group) => group.riskAversion)).toEqual([2, 2]);
    expect(changed.models).toBe(resolved.models);
  });

  it("sets a key that is optional and absent", () => {
    expect(withValues(resolved, { "models[open-8b].maximumTokens": 9e11 }).models[0]?.maximumTokens).toBe(9e11);
  });

  it("leaves out a parameter of another kind", () => {
    expect(withValues(resolved, { "mechanism.approval": 0.5 })).toEqual(resolved);
  });

  it.each(["market.grwth", "models.7.hazard", "mechanism.aproval", "", "market."])("refuses %s", (path) => {
    expect(() => withValues(resolved, { [path]: 1 })).toThrow(`unknown path: ${path}`);
  });
});

describe("resolvedNumber", () => {
  it("reads a raw value into SI", () => {
    expect(resolvedNumber(loaded, "horizon", "1 d")).toBe(86_400);
    expect(resolvedNumber(loaded, "providers.*.opportunity", "80 %")).toBe(0.8);
    expect(resolvedNumber(loaded, "models.0.maximumTokens", "1T")).toBe(1e12);
    expect(resolvedNumber(loaded, "mechanism.earlyWeight", 2)).toBe(2);
  });

  it("finds a parameter that only a point of the sweep has", () => {
    expect(resolvedNumber(loaded, "mechanism.approval", "50 %")).toBe(0.5);
  });

  it("refuses what would not load", () => {
    expect(() => resolvedNumber(loaded, "horizon", "1 h")).toThrow("invalid value of horizon: 1 h (horizon too small");
    expect(() => resolvedNumber(loaded, "models.0.name", "x")).toThrow(
      "invalid value of models.0.name: x (not a number)",
    );
  });
});

describe("numberAt", () => {
  it("reads the first number that a path selects", () => {
    expect(numberAt(resolved, "providers.*.count")).toBe(20_000);
    expect(numberAt(resolved, "providers.labs.count")).toBe(50);
    expect(numberAt(resolved, "models.0.name")).toBeUndefined();
    expect(numberAt(resolved, "models.9.hazard")).toBeUndefined();
  });
});
