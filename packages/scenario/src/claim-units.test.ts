/** Units of what a claim demands are checked with the file, not after its runs. */
import { describe, expect, it } from "vitest";
import { faultsOf, sampleWith } from "./fixtures/sample.ts";

const claimed = (holds: string, ...more: readonly string[]): string =>
  sampleWith(
    {},
    ...[
      "claim:",
      "  number: 1",
      "  statement: Much is gathered.",
      "  criteria:",
      `    - { says: much, holds: "${holds}" }`,
    ],
    ...["  region:", "    market.growth: { low: 0 %/y, high: 30 %/y }", ...more],
  );

describe("a claim's criteria", () => {
  it.each([
    ["compute >= 3 apples", "column 12 of the expression: unknown unit: apples (expected share, %, $, "],
    ["compute >= gini", "column 12 of the expression: units do not fit: ZFLOP and a plain number"],
    ["loss + compute >= 3", "column 6 of the expression: units do not fit: nat/token and ZFLOP"],
    ["market:growth >= $3", "unknown arm: market"],
    ["clearing-price >= $3", "unknown measure: clearing-price"],
    ["compute >=", "column 11 of the expression: unexpected end"],
  ])("tell what is wrong with %s", (holds, fault) => {
    const faults = faultsOf(claimed(holds));
    expect(faults.filter((line) => line.startsWith(`x.yaml:28:28 ${fault}`))).toHaveLength(1);
  });

  it.each([
    "compute >= 3 ZFLOP",
    "compute >= 3000 EFLOP + 1 ZFLOP",
    "outlay / compute <= 2 * revenue / 1 ZFLOP",
    "time-to-target <= 3 week",
    "participation >= 5 %",
  ])("may say %s", (holds) => {
    expect(faultsOf(claimed(holds))).toEqual([]);
  });

  it("know the units of what sections of the scenario add", () => {
    const searched = "search: { components: 6 }";
    const attacked = "attacks: [zero-gradient]";
    expect(faultsOf(`${claimed("cheating-share <= 1 %")}\n${attacked}`)).toEqual([]);
    expect(faultsOf(`${claimed("cheating-share <= 1 d")}\n${attacked}`)).toEqual([
      "x.yaml:28:28 column 19 of the expression: units do not fit: share and d",
    ]);
    expect(faultsOf(`${claimed("wasted-work <= 1 EFLOP")}\n${attacked}\n${searched}`)).toEqual([]);
  });
});
