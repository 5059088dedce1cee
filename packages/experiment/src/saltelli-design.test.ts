import { describe, expect, it } from "vitest";
import { smallScenario } from "./fixtures/small-scenario.ts";
import { planExperiment } from "./plan.ts";
import { saltelliEvaluations, sampleA, sampleB } from "./saltelli-design.ts";

const loaded = smallScenario();
const { arms } = planExperiment(loaded, { modelHash: "0123456789abcdef" });
const parameters = {
  "market.revenueMultiple": { low: 1, high: 6, scale: "log", whole: false },
  outlay: { low: "$1M", high: "$6M", scale: "linear", whole: false },
} as const;
const keyOf = ({ arm, point, seed, coordinates }: ReturnType<typeof saltelliEvaluations>[number]): string =>
  JSON.stringify([arm.label, point, seed, coordinates]);

describe("rows that are not mixed", () => {
  const [draws, seedsEach] = [8, 3];
  const all = saltelliEvaluations(loaded, arms, { parameters, draws, seedsEach });

  it("have their points of A and B alone, with the seeds, values and numbers that they have when mixed", () => {
    for (const mixedDraws of [1, 2, 4, 8]) {
      const some = saltelliEvaluations(loaded, arms, { parameters, draws, mixedDraws, seedsEach });
      expect(some).toHaveLength(arms.length * seedsEach * (2 * draws + 2 * mixedDraws));
      const isWanted = ({ row, matrix }: (typeof all)[number]["coordinates"]): boolean =>
        Number(row) < mixedDraws || matrix === sampleA || matrix === sampleB;
      expect(some.map(keyOf)).toEqual(all.filter(({ coordinates }) => isWanted(coordinates)).map(keyOf));
    }
  });

  it("leave each point a number of its own, counted by row, matrix and arm", () => {
    const numbers = new Set(all.map(({ point }) => point));
    expect([...numbers]).toEqual(Array.from({ length: draws * 4 * arms.length }, (_, point) => point));
  });
});
