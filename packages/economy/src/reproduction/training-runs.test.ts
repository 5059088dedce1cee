import { describe, expect, test } from "vitest";
import { trainingRun } from "../tables/training-runs.ts";
import {
  chooseGoodputModel,
  chosenGoodputModel,
  compareCosts,
  fitGoodput,
  goodput,
  goodputModels,
  judgingRuns,
  leaveOneOut,
  leaveOneOutWithChoice,
  predictDeviceHours,
  summarizeErrors,
  type TimedRun,
  trainingFlop,
} from "./training-runs.ts";

const runs = judgingRuns();
const timed = (kind: string): TimedRun => runs.find((run) => run.kind === kind) as TimedRun;

describe("FLOP", () => {
  test("are 6ND on active parameters, and 8ND of hardware where everything was recomputed", () => {
    expect(trainingFlop(trainingRun("deepseek-v3"), "hardware")).toBe(6 * 37e9 * 14.8e12);
    expect(trainingFlop(trainingRun("bloom-176b"), "model")).toBe(6 * 176.247e9 * 366e9);
    expect(trainingFlop(trainingRun("bloom-176b"), "hardware")).toBe(8 * 176.247e9 * 366e9);
  });

  test("LLaMA-13B ran at 51.4 % of its devices' peak, as Epoch has it", () => {
    expect(goodput(timed("llama-1-13b"), "model")).toBeCloseTo(0.514, 3);
  });

  test("goodput stays below the utilisation that a paper reports for its best hours", () => {
    for (const run of runs) {
      const published = run.publishedUtilization;
      if (published) expect(goodput(run, published.of), run.kind).toBeLessThanOrEqual(published.share * 1.02);
    }
  });
});

describe("leaving one out", () => {
  test("the hours of the run left out do not change its prediction, and those of others do", () => {
    const model = chosenGoodputModel;
    for (const hold of ["run", "family"] as const) {
      const before = leaveOneOut(runs, model, hold);
      for (const [index, run] of runs.entries()) {
        const perturbed = runs.map((other) =>
          other === run ? { ...other, deviceHours: other.deviceHours * 7 } : other,
        );
        const after = leaveOneOut(perturbed, model, hold);
        expect(after[index]?.predicted, run.kind).toEqual(before[index]?.predicted);
        const changed = after.filter((row, i) => row.predicted.hours !== before[i]?.predicted.hours);
        expect(changed.length, run.kind).toBeGreaterThan(0);
      }
    }
  });

  test("holding out a family, no sibling's hours change the prediction either, choice of the model included", () => {
    const before = leaveOneOutWithChoice(runs, "family");
    for (const family of ["llama-1", "llama-3.1"]) {
      const perturbed = runs.map((run) => (run.family === family ? { ...run, deviceHours: run.deviceHours / 5 } : run));
      const after = leaveOneOutWithChoice(perturbed, "family");
      for (const [index, run] of runs.entries()) {
        if (run.family === family) expect(after[index]?.predicted).toEqual(before[index]?.predicted);
      }
    }
  });

  test("runs of equal goodput are predicted exactly", () => {
    const share = 0.4;
    const ideal = runs.map((run) => ({ ...run, deviceHours: (run.deviceHours * goodput(run, "model")) / share }));
    for (const row of leaveOneOut(ideal, { accounting: "model", grouping: "all" })) {
      expect(row.logError).toBeCloseTo(0, 12);
      expect(row.predicted.high / row.predicted.low).toBeCloseTo(1, 10);
    }
  });

  test("the fit is the mean and deviation of the logarithms, by hand for three runs", () => {
    const three = [0.25, 0.5, 1].map((share) => {
      const run = timed("llama-1-65b");
      return { ...run, deviceHours: (run.deviceHours * goodput(run, "model")) / share };
    });
    const fit = fitGoodput(three, { accounting: "model", grouping: "all" }, "a100-80gb");
    expect(fit.logMean).toBeCloseTo(Math.log(0.5), 12);
    expect(fit.logDeviation).toBeCloseTo(Math.log(2), 12);
    const predicted = predictDeviceHours(three, timed("llama-1-65b"), { accounting: "model", grouping: "all" });
    // t(2) = 2.920; a new run's deviation is that of the fit times sqrt(4/3).
    expect(Math.log(predicted.high / predicted.hours)).toBeCloseTo(2.92 * Math.log(2) * Math.sqrt(4 / 3), 9);
  });

  test("too few runs are refused", () => {
    expect(() => fitGoodput(runs.slice(0, 2), chosenGoodputModel, "h100-sxm")).toThrow("too few training runs: 2");
    expect(() => summarizeErrors([])).toThrow("no held-out runs: 0");
  });
});

describe("how good the predictions are", () => {
  test("the model written down is the one that the runs choose", () => {
    expect(chooseGoodputModel(runs)).toEqual(chosenGoodputModel);
  });

  test("no candidate is better by more than a standard error when single runs are held out", () => {
    const chosen = summarizeErrors(leaveOneOut(runs, chosenGoodputModel));
    for (const model of goodputModels) {
      const other = summarizeErrors(leaveOneOut(runs, model));
      expect(chosen.meanAbsoluteLogError).toBeLessThanOrEqual(other.meanAbsoluteLogError + other.standardError);
    }
  });

  test("at least nine runs; the median error is below 25 % and the worst below a factor of 2.5", () => {
    for (const hold of ["run", "family"] as const) {
      const summary = summarizeErrors(leaveOneOut(runs, chosenGoodputModel, hold));
      expect(summary.count).toBeGreaterThanOrEqual(9);
      expect(summary.medianAbsoluteLogError).toBeLessThan(Math.log(1.25));
      expect(Math.abs(summary.worst.logError)).toBeLessThan(Math.log(2.5));
    }
  });

  test("90 % intervals hold about nine runs in ten (binomial, 4 deviations)", () => {
    for (const rows of [leaveOneOut(runs, chosenGoodputModel), leaveOneOutWithChoice(runs)]) {
      const { coverage, count } = summarizeErrors(rows);
      expect(Math.abs(coverage - 0.9)).toBeLessThan(4 * Math.sqrt((0.9 * 0.1) / count));
    }
  });

  test("it beats taking every device at its peak, and at half of it", () => {
    const { meanAbsoluteLogError } = summarizeErrors(leaveOneOutWithChoice(runs));
    for (const share of [1, 0.5]) {
      const errors = runs.map((run) => Math.abs(Math.log(goodput(run, "model") / share)));
      expect(meanAbsoluteLogError).toBeLessThan(errors.reduce((sum, error) => sum + error, 0) / errors.length);
    }
  });
});

test("costs: DeepSeek-V3's pre-training is $5.328M of its $5.576M, and every ratio is that of the hours", () => {
  const costs = compareCosts(runs, chosenGoodputModel);
  const deepseek = costs.find((row) => row.run === "deepseek-v3");
  expect(deepseek?.publishedDollars).toBeCloseTo(5.328e6, 0);
  expect(deepseek?.publishedDollarsPerDeviceHour).toBe(2);
  const mpt = costs.find((row) => row.run === "mpt-7b");
  // $200k is rounded from 100,320 hours at $2.
  expect(mpt?.publishedDollars).toBe(200_000);
  for (const row of costs) {
    expect(row.predictedDollars / row.publishedDollars / row.ratio, row.run).toBeCloseTo(1, 1);
  }
});
