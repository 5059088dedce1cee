import { describe, expect, it } from "vitest";
import { faultsOf, load, sample, sampleWith } from "./fixtures/sample.ts";

describe("overrides", () => {
  it("change the document before it is checked", () => {
    const { resolved, points } = load(sample, [
      "market.growth=36.525 %/y",
      "seeds.count=7",
      "providers.gamers.count=3k",
      "models.*.deadline=10 d",
      "sweep[models.*.hazard]=[10 %/y, 20 %/y]",
    ]);
    expect(resolved.market.growth).toBeCloseTo(0.36525 / (365.25 * 86_400), 20);
    expect(resolved.seeds).toEqual({ count: 7, first: 1 });
    expect(resolved.providers.map((group) => group.count)).toEqual([3000, 50]);
    expect(resolved.models[0]?.deadline).toBe(864_000);
    expect(points).toHaveLength(2);
  });

  it("take a bare kind", () => {
    expect(load(sample, ["mechanism=grant"]).resolved.mechanism).toMatchObject({ kind: "grant", approval: 0.3 });
  });

  it.each([
    ["market.grwth=1", "--set market.grwth: unknown key: grwth under market (did you mean growth?)"],
    ["market.growth.x=1", "--set market.growth.x: unknown key: x (market.growth has no keys)"],
    ["market.growth", "--set market.growth: no path and value (expected PATH=VALUE, such as market.growth=20 %/y)"],
    ["market.growth=", "--set market.growth: no value"],
    ["horizon=1 h", "--set horizon: horizon too small: 1 h (expected at least 1 d)"],
    [
      "market..growth=1",
      "--set market..growth: invalid path: market..growth (expected keys joined by dots, such as market.growth)",
    ],
    ["data.*.quality=1", "--set data.*.quality: nothing selected: data.*.quality (the list is empty)"],
  ])("%s", (override, fault) => {
    expect(faultsOf(sample, [override])).toEqual([fault]);
  });
});

describe("points", () => {
  it("are every combination in file order, the last path varying fastest", () => {
    const swept = sampleWith(
      {},
      "sweep:",
      "  mechanism: [grant, { kind: protocol-models, label: late, earlyWeight: 0 }]",
      "  models.*.hazard: [10 %/y, 40 %/y]",
      "  beliefs.tolerance: [0.1]",
      "beliefs: rational",
    );
    const { points } = load(swept);
    expect(points.map((point) => point.coordinates)).toEqual([
      { mechanism: "grant", "models.*.hazard": "10 %/y", "beliefs.tolerance": 0.1 },
      { mechanism: "grant", "models.*.hazard": "40 %/y", "beliefs.tolerance": 0.1 },
      { mechanism: "late", "models.*.hazard": "10 %/y", "beliefs.tolerance": 0.1 },
      { mechanism: "late", "models.*.hazard": "40 %/y", "beliefs.tolerance": 0.1 },
    ]);
    expect(points.map((point) => point.index)).toEqual([0, 1, 2, 3]);
    expect(points[3]?.resolved.mechanism).toMatchObject({ kind: "protocol-models", earlyWeight: 0 });
    expect(points[3]?.resolved.models[0]?.hazard).toBeCloseTo(0.4 / (365.25 * 86_400), 20);
    expect(points[0]?.resolved.beliefs).toMatchObject({ kind: "rational", tolerance: 0.1 });
    expect(new Set(points.map((point) => point.hash)).size).toBe(4);
  });

  it("are one without a sweep, with the hash of the scenario", () => {
    const { points, hash, name } = load(sample);
    expect(points).toHaveLength(1);
    expect(points[0]).toMatchObject({ index: 0, coordinates: {}, hash });
    expect(name).toBe("x");
  });

  it("are limited in number", () => {
    const values = JSON.stringify(Array.from({ length: 200 }, (_, index) => index / 1000));
    const swept = sampleWith(
      {},
      "sweep:",
      `  mechanism.earlyWeight: ${values}`,
      `  market.competitorImprovement: ${values}`,
    );
    expect(faultsOf(swept)).toEqual(["x.yaml:24:1 too many points: 40000 (expected at most 10000)"]);
  });
});
