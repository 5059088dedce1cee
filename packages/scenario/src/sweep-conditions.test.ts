import { describe, expect, it } from "vitest";
import { faultsOf, load, sampleWith } from "./fixtures/sample.ts";
import { pointLabel } from "./loaded-scenario.ts";
import { sweepLines } from "./sweep-size.ts";

const swept = (...lines: string[]) => load(sampleWith({}, "sweep:", ...lines.map((line) => `  ${line}`)));
const faults = (...lines: string[]) => faultsOf(sampleWith({}, "sweep:", ...lines.map((line) => `  ${line}`)));
const labels = (...lines: string[]) => swept(...lines).points.map(pointLabel);

describe("when", () => {
  const arms = "mechanism: [grant, { kind: protocol-models, label: late, earlyWeight: 0 }, protocol-models]";

  it("sweeps a key only for the arm that has it; other points exist once", () => {
    const { points, size } = swept(
      arms,
      "mechanism.revenueShare: { values: [0.5, 0.9], when: { mechanism: protocol-models } }",
      "mechanism.approval: { from: 0.2, to: 0.4, points: 3, when: { mechanism: grant } }",
    );
    expect(points.map(pointLabel)).toEqual([
      "grant, 0.2",
      "grant, 0.3",
      "grant, 0.4",
      "late, 0.5",
      "late, 0.9",
      "protocol-models, 0.5",
      "protocol-models, 0.9",
    ]);
    expect(points[0]?.coordinates).toEqual({ mechanism: "grant", "mechanism.approval": 0.2 });
    expect(points[3]?.resolved.mechanism).toMatchObject({ earlyWeight: 0, revenueShare: 0.5 });
    expect(new Set(points.map(({ hash }) => hash)).size).toBe(7);
    expect(size).toEqual({
      parts: [
        { kind: "list", paths: ["mechanism"], values: 3 },
        { kind: "list", paths: ["mechanism.revenueShare"], values: 2, when: "mechanism: protocol-models" },
        { kind: "range", paths: ["mechanism.approval"], values: 3, when: "mechanism: grant" },
      ],
      combinations: 7,
      conditions: [],
      points: 7,
    });
    expect(sweepLines(size)).toEqual([
      "mechanism: 3 values",
      "mechanism.revenueShare: 2 values where mechanism: protocol-models",
      "mechanism.approval: 3 values of a range where mechanism: grant",
      "7 points",
    ]);
  });

  it("tells labels of one kind apart, takes several values, zips, samples, and what is not swept", () => {
    expect(labels(arms, "zip: { horizon: [1 y, 2 y], when: { mechanism: [grant, late] } }")).toEqual([
      "grant, 1 y",
      "grant, 2 y",
      "late, 1 y",
      "late, 2 y",
      "protocol-models",
    ]);
    expect(labels("sample: { points: 3, over: { horizon: [1 y] }, when: { engine: simulation } }")).toEqual(["1 y"]);
    expect(labels("horizon: { values: [1 y, 2 y], when: { mechanism: grant } }")).toEqual([""]);
  });

  it.each([
    [
      "mechanism.approval: { values: [0.5], when: { mechanism: grnt } }",
      "26:59 value that mechanism never has: grnt (expected grant, late, protocol-models; did you mean grant?)",
    ],
    [
      "mechanism.approval: { values: [0.5], when: { mechansm: grant } }",
      "26:48 unknown key: mechansm (did you mean mechanism?)",
    ],
    [
      "mechanism.approval: { values: [0.5] }",
      "26:3 unknown key: approval under mechanism (expected kind, revenueShare, dataShare, earlyWeight, exclusive, settlement, matchOutlay, uptimeWorkPerHour or 1 other); sweep it with when: { mechanism: grant }",
    ],
  ])("%s", (line, fault) => {
    expect(faults(arms, line)).toContain(`x.yaml:${fault}`);
  });

  it("depends on what stands above, and sets no path twice", () => {
    expect(faults("horizon: { values: [1 y], when: { mechanism: grant } }", arms)).toEqual([
      "x.yaml:25:37 swept below: mechanism (expected above what depends on it)",
    ]);
    expect(faults("horizon: [1 y]", "zip: { horizon: [2 y] }")).toEqual([
      "x.yaml:26:3 swept twice at one point: horizon",
    ]);
  });
});

describe("where", () => {
  const axes = [
    "mechanism: [grant, protocol-models]",
    "market.outsideAppeal: [0, 1, 2, 3]",
    "market.growth: [10 %/y, 20 %/y]",
  ];
  const count = (...where: string[]) => swept(...axes, `where: ${JSON.stringify(where)}`).points.length;

  it.each([
    ["market.outsideAppeal <= 1", 8],
    ["market.outsideAppeal * 2 + 1 == 3", 4],
    ["-(market.outsideAppeal - 2) > 1 or market.outsideAppeal / 3 >= 1", 8],
    ["not market.outsideAppeal < 1 and market.growth < 15 %/y", 6],
    ["market.growth * horizon <= 0.2", 8],
    ['mechanism == "grant" and market.growth != 10 %/y', 4],
    ["mechanism.revenueShare > 1", 8],
    ["outlay <= $5M and outlay >= $2_000k", 16],
    ["models.open-8b.parameters == 8B", 16],
    ["providers.*.riskAversion == 2", 16],
    ["providers.*.opportunity > 50 %", 0],
    ["providers.*.discountRate >= 15 %/y", 16],
    ["models.*.targetTokens * 5 == models.*.publicTokens", 16],
    ["(market.outsideAppeal) == (1 + 1) * 1.5", 4],
  ])("%s leaves %i points", (where, points) => {
    if (points === 0) {
      expect(faults(...axes, `where: ${JSON.stringify([where])}`)).toEqual([
        "x.yaml:28:3 no points: the conditions leave out every one",
      ]);
    } else expect(count(where)).toBe(points);
  });

  it("counts what each condition leaves out", () => {
    const { size } = swept(...axes, 'where: ["market.outsideAppeal <= 1", "market.growth < 15 %/y"]');
    expect(size).toMatchObject({ combinations: 16, points: 4 });
    expect(sweepLines(size).slice(-2)).toEqual([
      "where market.growth < 15 %/y: leaves out 4",
      "4 points of 16 combinations",
    ]);
    expect(size.conditions.map(({ leavesOut }) => leavesOut)).toEqual([8, 4]);
  });

  it("chooses from more combinations than there may be points", () => {
    const many = [
      "market.outsideAppeal: { from: 0, to: 1, points: 150 }",
      "market.competitorImprovement: { from: 0, to: 1, points: 150 }",
    ];
    expect(faults(...many)).toEqual(["x.yaml:24:1 too many points: 22500 (expected at most 10000)"]);
    // Pairs i, j of 0 to 149 with i <= j - 100: 50 + 49 + … + 1.
    expect(
      swept(...many, 'where: ["market.outsideAppeal + 0.671 <= market.competitorImprovement"]').points,
    ).toHaveLength(1275);
    expect(faults(...many, 'where: ["market.outsideAppeal < 0.9"]')).toEqual([
      "x.yaml:24:1 too many points: more than 10000 (expected at most 10000)",
    ]);
  });

  it.each([
    ["market.outsideAppeal <=", "unexpected end (expected a number, a path or () at column 24 of the condition"],
    [
      "market.outsideAppeal < 1)",
      "unexpected ) (expected an operator such as <= or and) at column 25 of the condition",
    ],
    ["0 < market.outsideAppeal < 1", "unexpected < (expected and or or) at column 26 of the condition"],
    [
      "market.outsideAppeal + 1",
      "no comparison (expected one such as market.growth <= 20 %/y) at column 1 of the condition",
    ],
    [
      "market.outsideApeal < 1",
      "unknown key: outsideApeal under market (did you mean outsideAppeal?) at column 1 of the condition",
    ],
    ["1 < outsideAppeal", "unknown key: outsideAppeal"],
    ["market.growth < 10", "different units: 1/s < plain number at column 15 of the condition"],
    ["horizon + outlay < 10 y", "different units: s + $ at column 9 of the condition"],
    ["mechanism < 3", "text against a number at column 11 of the condition"],
    ["market.outsideAppeal * (mechanism) < 3", "not a number: mechanism at column 25 of the condition"],
    ["market.spending < $5M/y", "nothing there at any point: market.spending at column 1 of the condition"],
    ["mechanism.revenuShare < 1", "unknown key: revenuShare under mechanism"],
    ["market.outsideAppeal < 1 ; 2", "unexpected ; at column 26 of the condition"],
    ["providers.*.count < models.*.parameters + providers.*.count * data.*.tokens", "nothing selected: data.*.tokens"],
  ])("%s", (where, fault) => {
    expect(faults(...axes, `where: ${JSON.stringify([where])}`)[0]).toContain(`x.yaml:28:11 ${fault}`);
  });

  it("reads long conditions in little time", () => {
    expect(count(`${"(".repeat(150)}market.outsideAppeal${")".repeat(150)} < ${"1 + ".repeat(150)}1`)).toBe(16);
  });
});
