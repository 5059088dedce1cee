import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import fc from "fast-check";
import { expect, test } from "vitest";
import { economyWith, givers, measured, modelWith } from "../fixtures/small-economy.ts";
import { measureNames } from "../measure-names.ts";
import { runEconomy } from "../run.ts";
import { clusterDevices, clusterGrowth, clusterUtilization } from "../tables/frontier-compute.ts";
import { crossingSpec } from "./crossing-spec.ts";

const volunteers = createMechanism(mechanismSpec.parse({ kind: "volunteer" }));

/** Volunteers who all work from the first day to the last: a steady rate. */
const steady = (fields: object) =>
  economyWith({
    horizon: "200 d",
    providers: [givers],
    data: [],
    participation: { temperature: 0, revision: "1 d" },
    models: [modelWith({ targetTokens: "100T", deadline: "10 y", plannedTraining: "63 d" })],
    market: { spending: "$1M/y" },
    shocks: "expected",
    beliefs: { kind: "adaptive" },
    ...fields,
  });

/** Useful FLOP/s of the collective: what a run says of the first day. */
const rateOf = () => {
  const outcome = runEconomy(steady({}), volunteers, { seed: 1, detail: "measures" });
  return (measured(outcome, "compute") * 1e21) / (200 * 86_400);
};

test("in compute comes when a shrinking lab meets a steady collective: after ln(L / R) / g days", () => {
  const rate = rateOf();
  expect(rate).toBeGreaterThan(0);
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 6, noNaN: true }),
      fc.double({ min: 2, max: 20, noNaN: true }),
      (lead, g) => {
        const labGrowth = -g / (365.25 * 86_400);
        const spec = { ...steady({}), crossing: { labCompute: rate * Math.exp(lead), labGrowth } };
        const outcome = runEconomy(spec, volunteers, { seed: 1, detail: "measures" });
        const exact = (lead / g) * 365.25;
        // Before the first whole day beyond it the lab is ahead; rates are compared at the start of a day.
        const day = Math.floor(exact) + 2;
        if (Math.abs(exact - Math.round(exact)) < 1e-6) return;
        expect(measured(outcome, "compute-crossing")).toBe(day <= 200 ? 1 : 0);
        expect(measured(outcome, "compute-crossing-day")).toBe(Math.min(200, day));
      },
    ),
    { numRuns: 15 },
  );
});

test("in loss comes on the day on which the timeline shows a better model in service", () => {
  const spec = economyWith({
    models: [modelWith({ targetTokens: "5B", maximumTokens: "800B", releaseEvery: "7 d", deadline: "300 d" })],
    horizon: "300 d",
    market: { spending: "$10M/y", competitorLoss: 2.35, competitorImprovement: 0, freeLoss: 20 },
    providers: [{ group: "givers", count: 60, device: "rtx-4090", warmGlow: "$9/h", wealth: "$1M", riskAversion: 0 }],
    participation: { temperature: 0, revision: "1 d" },
    crossing: {},
  });
  const outcome = runEconomy(spec, volunteers, { seed: 2, detail: "full" });
  const columns = outcome.tables.find(({ name }) => name === "timeline")?.columns ?? [];
  const column = (name: string) => columns.find((found) => found.name === name)?.data.values as Float64Array;
  const [days, losses, rivals] = ["day", "loss", "competitor-loss"].map(column);
  const first = losses.findIndex((loss, row) => loss < rivals[row]);
  expect(first).toBeGreaterThan(1);
  expect(measured(outcome, "crossing")).toBe(1);
  // Training passes the mark in the week that ends at this row; what is in service follows within a week.
  expect(measured(outcome, "crossing-day")).toBeGreaterThan(days[first - 1]);
  expect(measured(outcome, "crossing-day")).toBeLessThanOrEqual(days[first] + 8);
  expect(measured(outcome, "compute-ratio/peak")).toBeLessThan(1e-3);
  expect(outcome.measures.map(({ name }) => name)).toEqual(measureNames(spec));
});

test("never comes against a lab that is ahead for good: the day is then the horizon", () => {
  const outcome = runEconomy(steady({ crossing: {}, market: { spending: "$1M/y", competitorLoss: 1.7 } }), volunteers, {
    seed: 1,
    detail: "measures",
  });
  expect(measured(outcome, "crossing")).toBe(0);
  expect(measured(outcome, "crossing-day")).toBe(200);
  expect(measured(outcome, "compute-crossing")).toBe(0);
});

test("is measured against the published cluster unless another is given", () => {
  const { labCompute, labGrowth } = crossingSpec.parse({});
  expect(labCompute / (clusterDevices.value * 989.5e12 * clusterUtilization.value)).toBeCloseTo(1, 3);
  expect(Math.exp(labGrowth * 365.25 * 86_400)).toBeCloseTo(clusterGrowth.value, 2);
});

test("leaves the run as it is without it", () => {
  const [plain, measuredToo] = [{}, { crossing: {} }].map((fields) =>
    runEconomy(steady(fields), volunteers, { seed: 3, detail: "measures" }),
  );
  expect(measuredToo.traceHash).toBe(plain.traceHash);
});
