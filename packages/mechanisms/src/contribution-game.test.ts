/** What the measured tables say, and how sure they are of it. */
import { leaveOneOutValues, shapleyValues } from "@shardlab/games";
import { describe, expect, it } from "vitest";
import { contributionShares, contributionTable, contributionTableKinds } from "./contribution-game.ts";
import { type ContributionTable, coalitionValues, overSeeds, spreadInDeviations } from "./tables/contribution-table.ts";

const toy = (losses: readonly (readonly number[])[]): ContributionTable => ({
  ...{ kind: "toy", contributors: ["a"], seeds: losses.map((_, seed) => seed), losses },
  ...{ machine: "none", date: "2026-01-01", source: { citation: "made up", sureness: "derived" } },
});

describe("values of coalitions", () => {
  const table = toy([
    [3, 2],
    [4, 2],
    [5, 2],
  ]);

  it("are means of what the loss falls by, each seed from its own beginning", () => {
    expect([...coalitionValues(table)]).toEqual([0, 2]);
    const falls = [3, 4, 5].map((loss) => Math.exp(loss) - Math.exp(2));
    expect(coalitionValues(table, "perplexity")[1]).toBeCloseTo((falls[0] + falls[1] + falls[2]) / 3, 9);
  });

  it("have Student's intervals", () => {
    // Falls of 1, 2 and 3: mean 2, deviation 1, t = 4.3027 with 2 degrees of freedom.
    const [nobody, both] = overSeeds(table, (values) => values);
    expect(nobody).toEqual({ value: 0, low: 0, high: 0 });
    expect(both.value).toBe(2);
    expect(both.high - 2).toBeCloseTo(4.3027 / Math.sqrt(3), 9);
    expect(2 - both.low).toBeCloseTo(4.3027 / Math.sqrt(3), 9);
    expect(() => overSeeds(toy([[1, 2]]), (values) => values)).toThrow("unsuitable number of seeds: 1");
  });

  it("spread by so many deviations between seeds", () => {
    expect(spreadInDeviations(table)).toBe(2);
  });
});

describe.each(contributionTableKinds)("the table of %s", (kind) => {
  const table = contributionTable(kind);

  it("is whole: every coalition in at least three seeds, with machine, date and source", () => {
    expect(table.kind).toBe(kind);
    expect(table.losses.length).toBe(table.seeds.length);
    expect(table.seeds.length).toBeGreaterThanOrEqual(3);
    for (const row of table.losses) {
      expect(row.length).toBe(2 ** table.contributors.length);
      // Bytes that are all alike likely cost ln 256 nats.
      for (const loss of row) expect(loss > 1 && loss < Math.log(256) + 0.5).toBe(true);
    }
    expect(table.date).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(table.machine).toMatch(/Node v\d+.*wasm/);
    expect(table.source.citation).toContain("measure-contributions");
  });

  it("has the power to tell contributors apart: at least ten deviations between seeds", () => {
    expect(spreadInDeviations(table)).toBeGreaterThan(10);
  });

  it("has Shapley values whose means over seeds are those of the mean values", () => {
    const means = shapleyValues(coalitionValues(table));
    for (const [index, { value, low, high }] of overSeeds(table, shapleyValues).entries()) {
      expect(value).toBeCloseTo(means[index], 12);
      expect(low <= value && value <= high).toBe(true);
    }
  });
});

describe("what was measured", () => {
  const find = (kind: (typeof contributionTableKinds)[number], measure: (values: Float64Array) => Float64Array) => {
    const table = contributionTable(kind);
    const found = overSeeds(table, measure);
    return (name: string) => found[table.contributors.indexOf(name)];
  };

  it("noise does models trained on it no good, and useful texts do", () => {
    const shapley = find("data-providers", shapleyValues);
    for (const useful of ["late-speeches", "novel", "early-speeches", "code"])
      expect(shapley(useful).low).toBeGreaterThan(0);
    expect(shapley("noise").low).toBeLessThan(0);
    expect(shapley("noise").high).toBeLessThan(shapley("code").low);
    expect(find("data-providers", leaveOneOutValues)("noise").value).toBeLessThan(0);
  });

  it("a copy is worth the same, and less to leave out than to bring", () => {
    const [shapley, lastIn] = [shapleyValues, leaveOneOutValues].map((rule) => find("data-providers", rule));
    expect(shapley("late-speeches").value).toBeCloseTo(shapley("late-speeches-copy").value, 9);
    expect(lastIn("late-speeches").high).toBeLessThan(shapley("late-speeches").low);
  });

  it("layers from other fields help the stack, and a layer of noise is not told from nothing", () => {
    const shapley = find("private-layers", shapleyValues);
    for (const useful of ["novel", "novel-copy", "german", "french", "code"])
      expect(shapley(useful).low).toBeGreaterThan(0);
    expect(shapley("noise").low).toBeLessThan(0);
    expect(find("private-layers", leaveOneOutValues)("noise").high).toBeLessThan(0);
  });
});

describe("shares", () => {
  it("are none of nobody, and never more than all", () => {
    const values = coalitionValues(contributionTable("private-layers"));
    expect(contributionShares(values, 0, { by: "leave-one-out" }).every(({ value }) => value === 0)).toBe(true);
    for (let members = 1; members < values.length; members++) {
      for (const split of [
        { by: "leave-one-out" },
        { by: "shapley", pairs: 12, uniform: () => 0.5 },
        { by: "declared", declarations: new Float64Array(8).fill(1) },
      ] as const) {
        const shares = contributionShares(values, members, split);
        expect(shares.reduce((sum, { value }) => sum + value, 0)).toBeLessThan(1 + 1e-12);
        for (const [place, { value, low, high }] of shares.entries()) {
          expect([low, high]).toEqual([value, value]);
          if (((members >> place) & 1) === 0) expect(value).toBe(0);
        }
      }
    }
  });
});
