import { describe, expect, it } from "vitest";
import { compareSamples, intervalOf, verdictOf } from "./compare.ts";
import { permutationProbability, signFlipProbability } from "./compare-permutation.ts";

const bySeed = (values: readonly number[], first = 1): Map<number, number> =>
  new Map(values.map((value, index) => [first + index, value]));

/** Student, "The probable error of a mean" (Biometrika 6, 1908): hours of sleep gained by ten patients under two drugs. */
const firstDrug = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
const secondDrug = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

describe("compareSamples on Student's sleep data", () => {
  it("pairs by seed, as R's t.test(paired = TRUE) does", () => {
    const compared = compareSamples(bySeed(firstDrug), bySeed(secondDrug));
    expect(compared).toMatchObject({ method: "paired", seeds: { left: 10, right: 10 }, degreesOfFreedom: 9 });
    expect(compared?.difference).toBeCloseTo(-1.58, 12);
    expect(compared?.pValue).toBeCloseTo(0.002832890197, 10);
    expect(compared?.ci95?.[0]).toBeCloseTo(-2.4598858, 6);
    expect(compared?.ci95?.[1]).toBeCloseTo(-0.7001142, 6);
    expect(compared?.relative).toBeCloseTo(-1.58 / 2.33, 10);
    // scipy's permutation_test over all 1024 sign patterns.
    expect(compared?.relabellingP).toBe(0.00390625);
    expect(compared && verdictOf(compared, compared.pValue)).toBe("lower");
  });

  it("treats sides without shared seeds as independent, as R's t.test does", () => {
    const compared = compareSamples(bySeed(firstDrug), bySeed(secondDrug, 101));
    expect(compared).toMatchObject({ method: "welch", seeds: { left: 10, right: 10 } });
    expect(compared?.degreesOfFreedom).toBeCloseTo(17.776473516, 8);
    expect(compared?.pValue).toBeCloseTo(0.0793941401873, 10);
    expect(compared?.ci95?.[0]).toBeCloseTo(-3.3654832, 6);
    expect(compared?.ci95?.[1]).toBeCloseTo(0.2054832, 6);
    // All 184,756 divisions give 0.08145 (scipy); 9,999 draws have a standard error of 0.0027.
    expect(Math.abs((compared?.relabellingP ?? 0) - 0.08145)).toBeLessThan(4 * 0.0027);
    expect(compared && verdictOf(compared, compared.pValue)).toBe("no difference shown");
  });

  it("gives intervals at other levels", () => {
    const compared = compareSamples(bySeed(firstDrug), bySeed(secondDrug));
    if (!compared) throw new Error("not compared");
    // R: t.test(extra ~ group, paired = TRUE, conf.level = 0.99) has t quantile 3.249836 and standard error 0.3889587.
    expect(intervalOf(compared, 0.99)?.[0]).toBeCloseTo(-1.58 - 3.249836 * 0.3889587, 5);
  });
});

describe("which seeds are compared", () => {
  it("leaves out seeds that one side lacks, and says so", () => {
    const compared = compareSamples(bySeed([1, 2, 3, 4]), bySeed([0, 1, 3], 2));
    expect(compared).toMatchObject({ method: "paired", seeds: { left: 3, right: 3 } });
    expect(compared?.cautions[0]).toMatch(/^1 values have no partner/);
  });

  it("does not throw most values away for a few shared seeds", () => {
    const compared = compareSamples(bySeed([1, 2, 3, 4, 5, 6]), bySeed([1, 3, 2, 5, 4, 7], 5));
    expect(compared).toMatchObject({ method: "welch", seeds: { left: 6, right: 6 } });
    expect(compared?.cautions[0]).toMatch(/^2 seeds are shared/);
  });

  it("cannot compare what has no value", () => {
    expect(compareSamples(new Map(), bySeed([1]))).toBeUndefined();
  });
});

describe("degenerate samples", () => {
  const judged = (left: readonly number[], right: readonly number[], first = 1) => {
    const compared = compareSamples(bySeed(left), bySeed(right, first));
    if (!compared) throw new Error("not compared");
    return { ...compared, verdict: verdictOf(compared, compared.pValue) };
  };

  it("show no difference of an arm from itself", () => {
    expect(judged([1, 2, 3], [1, 2, 3])).toMatchObject({
      ...{ verdict: "no difference shown", difference: 0, pValue: null, ci95: null, effect: null },
      cautions: ["the sides are equal in every seed"],
    });
  });

  it("have no power with one seed", () => {
    expect(judged([1], [2])).toMatchObject({ verdict: "no power", pValue: null, ci95: null, mdd: null });
    expect(judged([1, 2], [5], 9)).toMatchObject({ method: "welch", verdict: "no power", pValue: null });
  });

  it("are tested exactly where nothing varies, so that five equal seeds prove nothing and six do", () => {
    expect(judged([1, 1, 1, 1, 1], [0, 0, 0, 0, 0])).toMatchObject({ verdict: "no power", pValue: 2 / 32, ci95: null });
    expect(judged([1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0])).toMatchObject({ verdict: "higher", pValue: 2 / 64 });
    expect(judged([1, 1, 1], [0, 0, 0], 9)).toMatchObject({ verdict: "no power", pValue: 2 / 20 });
    expect(judged([1, 1, 1, 1, 1], [0, 0, 0, 0, 0], 9)).toMatchObject({ verdict: "higher", pValue: 2 / 252 });
  });

  it("take rounding for no spread", () => {
    const noise = [0.1, 0.2, 0.3, 0.7].map((value) => value + 0.1);
    expect(judged(noise, [0.1, 0.2, 0.3, 0.7])).toMatchObject({ pValue: 2 / 16, ci95: null });
  });

  it("warn of many zeros, ties and long tails", () => {
    const zeros = [0, 0, 0, 0, 0, 0, 1, 1];
    const flat = [0, 0, 0, 0, 0, 0, 0, 0];
    expect(judged(zeros, flat).cautions).toEqual(["6 of 8 differences are exactly 0: the interval is rough"]);
    expect(judged([1, 2, 1, 2, 1, 2, 1, 2], flat).cautions).toEqual([
      "only 2 distinct values among 8 differences: the interval is rough",
    ]);
    expect(judged([1, 2, 3, 4, 5, 6, 7, 900], flat).cautions[0]).toMatch(/^differences are skewed/);
    expect(judged([1, 2, 3, 4, 5, 6, 7, 9], flat).cautions).toEqual([]);
  });

  it("say where the t test and the relabelling test disagree about 5 %", () => {
    // One outlier: t = 1.38 of 7 degrees of freedom (p = 0.21), while all eight signs agree (p = 2/256).
    expect(judged([1, 1.1, 0.9, 1.2, 0.8, 1.05, 0.95, 30], [0, 0, 0, 0, 0, 0, 0, 0]).cautions).toContainEqual(
      expect.stringMatching(/disagree about 5 %: p = 0\.\d+ and 0\.0078/),
    );
  });
});

describe("relabelling tests", () => {
  it("count by hand", () => {
    // |sum| >= 6 of +-1 +-2 +-3: two of eight patterns.
    expect(signFlipProbability([1, 2, 3])).toBe(2 / 8);
    expect(signFlipProbability([0, 0, 0])).toBe(1);
    // {1, 2} against {8, 9}: of six divisions only it and its mirror are as far apart.
    expect(permutationProbability([1, 2], [8, 9])).toBe(2 / 6);
  });

  it("draw where there are too many, close to what all would give", () => {
    const values = Array.from({ length: 16 }, (_, index) => index - 5.5);
    // All 65,536 sign patterns give 0.119598 (numpy); 9,999 draws have a standard error of 0.0032.
    expect(Math.abs(signFlipProbability(values) - 0.119598)).toBeLessThan(4 * 0.0032);
    expect(signFlipProbability(values)).toBe(signFlipProbability(values));
  });
});
