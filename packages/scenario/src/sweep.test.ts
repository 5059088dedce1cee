import { exp, log } from "@shardlab/numerics";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scenarioHash } from "./canonical.ts";
import { faultsOf, load, sampleWith } from "./fixtures/sample.ts";
import { pointLabel } from "./loaded-scenario.ts";
import { scenarioForms } from "./scenario-spec.ts";
import { sweepWords } from "./sweep-spec.ts";
import { resolvedNumber } from "./values.ts";

const swept = (...lines: string[]) => load(sampleWith({}, "sweep:", ...lines.map((line) => `  ${line}`)));
const faults = (...lines: string[]) => faultsOf(sampleWith({}, "sweep:", ...lines.map((line) => `  ${line}`)));
const labels = (...lines: string[]) => swept(...lines).points.map(pointLabel);

describe("ranges", () => {
  it.each([
    ["market.revenueMultiple: { from: 1, to: 6, points: 6 }", "1 2 3 4 5 6"],
    ["market.revenueMultiple: { from: 0.1, to: 0.7, points: 7 }", "0.1 0.2 0.3 0.4 0.5 0.6 0.7"],
    ["market.revenueMultiple: { from: 0.1, to: 0.7, step: 0.1 }", "0.1 0.2 0.3 0.4 0.5 0.6 0.7"],
    ["market.outsideAppeal: { from: -1, to: 1, step: 0.5 }", "-1 -0.5 0 0.5 1"],
    ["market.outsideAppeal: { from: -0.3, to: 0.3, points: 7 }", "-0.3 -0.2 -0.1 0 0.1 0.2 0.3"],
    ["market.revenueMultiple: { from: 1, to: 2, points: 4 }", "1 1.33333 1.66667 2"],
    ["market.revenueMultiple: { from: 1, to: 1.0078125, points: 5 }", "1 1.001953125 1.00390625 1.005859375 1.0078125"],
    ["market.revenueMultiple: { from: 0.001, to: 1000, points: 7, scale: log }", "0.001 0.01 0.1 1 10 100 1000"],
    ["outlay: { from: $1M, to: $100M, points: 5, scale: log }", "$1M $3.1623M $10M $31.623M $100M"],
    ["outlay: { from: $500k, to: $2M, points: 4 }", "$500k $1000k $1500k $2M"],
    ["market.growth: { from: 5 %/y, to: 15 %/y, step: 2.5 %/y }", "5 %/y|7.5 %/y|10 %/y|12.5 %/y|15 %/y"],
    ["market.growth: { from: -5%/y, to: 5%/y, points: 3 }", "-5%/y 0%/y 5%/y"],
    ["horizon: { from: 365.25 d, to: 3 y, step: 1 y }", "365.25 d|730.5 d|3 y"],
    ["models.*.publicTokens: { from: 1T, to: 2T, points: 3 }", "1T 1.5T 2T"],
    ["providers.gamers.availability: { from: 10 %, to: 0.9, points: 3 }", "10 %|50 %|0.9"],
    ["mechanism.settlement: { from: 1 d, to: 4 week, step: 9 d }", "1 d|10 d|19 d|4 week"],
  ])("%s", (line, expected) => {
    expect(labels(line)).toEqual(expected.split(expected.includes("|") ? "|" : " "));
  });

  it("resolve exactly to their labels, with ends as written and spacing to a ten-thousandth", () => {
    const ranges = fc.record({
      from: fc.integer({ min: 1, max: 9999 }),
      width: fc.integer({ min: 1, max: 9999 }),
      places: fc.integer({ min: 0, max: 3 }),
      points: fc.integer({ min: 2, max: 40 }),
      isLog: fc.boolean(),
    });
    fc.assert(
      fc.property(ranges, ({ from, width, places, points, isLog }) => {
        const [low, high] = [from, from + width].map((value) => value / 10 ** places) as [number, number];
        const scenario = swept(
          `outlay: { from: $${low}k, to: $${high}k, points: ${points}, scale: ${isLog ? "log" : "linear"} }`,
        );
        expect(scenario.points).toHaveLength(points);
        expect(scenario.points[0]?.coordinates.outlay).toBe(`$${low}k`);
        expect(scenario.points[points - 1]?.coordinates.outlay).toBe(`$${high}k`);
        for (const [index, { coordinates, resolved, hash }] of scenario.points.entries()) {
          const label = coordinates.outlay as string;
          expect(label.length).toBeLessThan(18);
          expect(resolved.outlay).toBe(resolvedNumber(scenario, "outlay", label));
          const share = index / (points - 1);
          const exact = isLog ? exp(log(low) + share * (log(high) - log(low))) : low + share * (high - low);
          const spacing = (isLog ? exact * (log(high) - log(low)) : high - low) / (points - 1);
          expect(Math.abs(resolved.outlay / 1000 - exact)).toBeLessThan(0.6e-4 * spacing);
          expect(hash).toBe(scenarioHash(resolved));
        }
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  it.each([
    [
      "market.growth: { from: 40 ms, to: 3 %/y, points: 3 }",
      "25:37 from and to measure different things: 40 ms, 3 %/y",
    ],
    [
      "horizon: { from: 5 %/y, to: 9 %/y, points: 2 }",
      "25:20 invalid horizon: 5 %/y (expected a duration such as 40 ms; units: ns, us, ms, s, min, h, d, week, y)",
    ],
    [
      "market.growth: { from: 1 parsec, to: 3 %/y, points: 3 }",
      "25:26 invalid from: 1 parsec (expected a number or a quantity such as 20 %/y)",
    ],
    [
      "market.outsideAppeal: { from: 0, to: 3, points: 3, scale: log }",
      "25:33 from too small: 0 (expected more than 0 on a log scale)",
    ],
    ["market.outsideAppeal: { from: 3, to: 3, points: 3 }", "25:40 to not above from: 3 (expected more than 3)"],
    [
      "market.outsideAppeal: { from: 1, to: 6, step: 2 }",
      "25:49 step does not reach 6: 2 (the nearest values are 5 and 7)",
    ],
    ["market.outsideAppeal: { from: 1, to: 6, step: -1 }", "25:49 step too small: -1 (expected more than 0)"],
    [
      "market.outsideAppeal: { from: 1, to: 6, step: 1e-9 }",
      "25:49 step too small: 1e-9 (expected at most 10000 values)",
    ],
    ["market.outsideAppeal: { from: 1, to: 6 }", "25:33 invalid range: expected exactly one of points and step"],
    [
      "market.outsideAppeal: { from: 1, to: 6, points: 2, step: 5 }",
      "25:60 invalid range: expected exactly one of points and step",
    ],
    [
      "market.outsideAppeal: { from: 1, to: 6, point: 2 }",
      "25:43 unknown key: point (expected points, step, scale, when; did you mean points?)",
    ],
    [
      "market.outsideAppeal: { from: 1, points: 2 }",
      "25:3 missing key: to (expected a number or a quantity such as 20 %/y)",
    ],
    ["market.outsideAppeal: { from: 1, to: 6, points: 1 }", "25:51 points too small: 1 (expected at least 2)"],
    [
      "market.outsideAppeal: 5",
      "25:25 invalid market.outsideAppeal: 5 (expected a list of values or a range such as { from: 1, to: 6, points: 6 })",
    ],
    ["market.outsideAppeal: { from: 1, to: 30, points: 2 }", "25:40 outsideAppeal too large: 30 (expected at most 20)"],
    ["beliefs.iterations: { from: 1, to: 2, points: 3 }", "25:23 invalid iterations: 1.5 (expected a whole number)"],
  ])("%s", (line, fault) => {
    expect(faults(line)).toContain(`x.yaml:${fault}`);
  });
});

describe("zip", () => {
  it("moves paths together and combines with the rest", () => {
    const lines = [
      "mechanism: [grant, protocol-models]",
      "zip: { market.growth: [10 %/y, 20 %/y], models.*.hazard: { from: 1 %/y, to: 2 %/y, points: 2 } }",
      "market.outsideAppeal: [0]",
    ];
    expect(labels(...lines)).toEqual([
      "grant, 10 %/y, 1 %/y, 0",
      "grant, 20 %/y, 2 %/y, 0",
      "protocol-models, 10 %/y, 1 %/y, 0",
      "protocol-models, 20 %/y, 2 %/y, 0",
    ]);
  });

  it("refuses different lengths and names both", () => {
    expect(faults("zip: [{ market.growth: [1 %/y, 2 %/y, 3 %/y], horizon: [1 y, 2 y] }]")).toEqual([
      "x.yaml:25:49 zip of different lengths: horizon has 2, market.growth has 3",
    ]);
  });

  it.each([
    ["zip: {}", "25:8 empty zip (expected paths with values)"],
    ["zip: 3", "25:8 invalid zip: 3 (expected a map of paths to values or a list of them)"],
    ["zip: { market.grwth: [1 %/y] }", "25:10 unknown key: grwth under market (did you mean growth?)"],
    ["zip: { horizon: [1 y, 1 y], market.growth: [2 %/y, 2 %/y] }", "25:25 duplicate values: 1 y, 2 %/y"],
    [
      "zip: { horizon: [1 y, 1 parsec] }",
      "25:25 invalid horizon: 1 parsec (expected a duration such as 40 ms; units: ns, us, ms, s, min, h, d, week, y; did you mean 1 y?)",
    ],
  ])("%s", (line, fault) => {
    expect(faults(line)[0]?.replace(/; did you mean .*\)/, ")")).toBe(
      `x.yaml:${fault.replace(/; did you mean 1 y\?\)/, ")")}`,
    );
  });
});

describe("samples", () => {
  const over =
    "over: { market.growth: { from: 5 %/y, to: 50 %/y, scale: log }, market.outsideAppeal: { from: -1, to: 3 }, shocks: [drawn, expected] }";

  it.each([1, 7, 64])("of a Latin hypercube fall once into each of %i parts of a range", (points) => {
    const scenario = swept(`sample: { points: ${points}, ${over} }`);
    expect(scenario.points).toHaveLength(points);
    const year = 365.25 * 86_400;
    const parts = scenario.points.map(({ resolved }) => [
      Math.floor((points * Math.log((resolved.market.growth * year) / 0.05)) / Math.log(10)),
      Math.floor((points * (resolved.market.outsideAppeal + 1)) / 4),
    ]);
    const all = Array.from({ length: points }, (_, index) => index);
    for (const column of [0, 1]) {
      expect(parts.map((row) => row[column] as number).sort((a, b) => a - b)).toEqual(all);
    }
    const drawn = scenario.points.filter(({ resolved }) => resolved.shocks === "drawn").length;
    expect(Math.abs(drawn - points / 2)).toBeLessThanOrEqual(0.5);
  });

  it("are the same again, differ by seed, and do not depend on other paths", () => {
    const coordinates = (text: string) => swept(text).points.map((point) => point.coordinates);
    const first = coordinates(`sample: { points: 20, ${over} }`);
    expect(coordinates(`sample: { points: 20, ${over} }`)).toEqual(first);
    expect(coordinates(`sample: { points: 20, seed: 2, ${over} }`)).not.toEqual(first);
    const alone = coordinates("sample: { points: 20, over: { market.outsideAppeal: { from: -1, to: 3 } } }");
    expect(alone.map((point) => point["market.outsideAppeal"])).toEqual(
      first.map((point) => point["market.outsideAppeal"]),
    );
  });

  it("at random are uniform, and more points leave the first ones as they are", () => {
    const draw = (points: number) =>
      swept(
        `sample: { method: random, points: ${points}, over: { market.outsideAppeal: { from: -1, to: 3 } } }`,
      ).points.map(({ coordinates }) => coordinates["market.outsideAppeal"] as number);
    const many = draw(2000);
    expect(draw(100)).toEqual(many.slice(0, 100));
    // Mean 1 and standard deviation 4 / sqrt(12) of the uniform distribution on [-1, 3].
    const mean = many.reduce((sum, value) => sum + value, 0) / many.length;
    expect(Math.abs(mean - 1)).toBeLessThan((4 * 4) / Math.sqrt(12 * many.length));
    expect(many.every((value) => String(value).length <= 9)).toBe(true);
  });

  it("of steps and lists are points once", () => {
    expect(
      labels(
        "sample: { method: random, points: 500, over: { beliefs.iterations: { from: 1, to: 4, step: 1 } } }",
      ).sort(),
    ).toEqual(["1", "2", "3", "4"]);
    const logged = labels(
      "sample: { points: 40, over: { beliefs.iterations: { from: 1, to: 100, step: 1, scale: log } } }",
    );
    expect(logged.every((label) => Number.isInteger(Number(label)))).toBe(true);
    // Half of the logarithm of 1 to 100 lies below 10.
    expect(logged.filter((label) => Number(label) > 10).length).toBeGreaterThanOrEqual(19);
  });

  it.each([
    ["sample: { points: 4, over: {} }", "25:30 invalid over: a map (expected at least one path)"],
    ["sample: { points: 4 }", "25:3 missing key: over (expected a map)"],
    ["sample: { points: 0, over: { horizon: [1 y] } }", "25:21 points too small: 0 (expected at least 1)"],
    [
      "sample: { method: latin, points: 2, over: { horizon: [1 y] } }",
      "25:21 unknown method: latin (expected random, latin-hypercube)",
    ],
    [
      "sample: { points: 4, over: { horizn: { from: 1 y, to: 2 y } } }",
      "25:32 unknown key: horizn (did you mean horizon?)",
    ],
    [
      "sample: { points: 4, over: { horizon: { from: 1 y, to: 2 y, points: 3 } } }",
      "25:63 unknown key: points (expected from, to, step, scale)",
    ],
    ["sample: { points: 4, over: { market.outsideAppeal: { from: 40, to: 50 } } }", "25:54 outsideAppeal too large"],
  ])("%s", (line, fault) => {
    expect(faults(line)[0]).toContain(`x.yaml:${fault}`);
  });
});

describe("sweeps", () => {
  it("keep their words apart from the keys of a scenario", () => {
    for (const { shape } of Object.values(scenarioForms))
      expect(Object.keys(sweepWords).filter((word) => Object.hasOwn(shape, word))).toEqual([]);
  });

  it("tell the cause alone where a kind is wrong", () => {
    const source = sampleWith(
      { 22: "  kind: protocl-models" },
      "sweep: { mechanism.earlyWeight: [0, 1] }",
      "sensitivity: { measure: compute, parameters: { mechanism.earlyWeight: { low: 1, high: 2 } }, with: { mechanism.revenueShare: 0.5 } }",
    );
    expect(faultsOf(source)).toEqual([expect.stringContaining("x.yaml:22:9 unknown mechanism: protocl-models")]);
  });

  it("tell the cause alone where a swept kind is wrong", () => {
    const faulty = faults("mechanism: [grnt]", "mechanism.approval: [0.1, 0.2]");
    expect(faulty).toEqual([expect.stringContaining("x.yaml:25:15 unknown mechanism: grnt")]);
  });

  it("give every point the hash and the values of its own file", () => {
    const { points } = swept("mechanism: [grant, volunteer]", "market.growth: { from: 1 %/y, to: 2 %/y, points: 3 }");
    for (const { resolved, hash, coordinates } of points) {
      const own = load(
        sampleWith({
          20: `  growth: ${coordinates["market.growth"]}`,
          21: `mechanism: ${coordinates.mechanism}`,
          22: "",
          23: "",
        }),
      );
      expect(own.hash).toBe(hash);
      expect(own.resolved).toEqual({ ...resolved, sweep: {} });
    }
  });
});
