import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { expect, test } from "vitest";
import { economyWith, modelWith } from "./fixtures/small-economy.ts";
import { measureNames, measureUnits } from "./measure-names.ts";
import { runEconomy } from "./run.ts";

test.each([1, 2, 3])("are those that a run with %d models gives, in its order", (count) => {
  const models = Array.from({ length: count }, (_, index) => modelWith({ name: `model-${index}` }));
  const spec = economyWith({ models, horizon: "30 d", market: { spending: "$1M/y" } });
  const { measures } = runEconomy(spec, createMechanism(mechanismSpec.parse({ kind: "grant" })), {
    seed: 1,
    detail: "measures",
  });
  expect(measureNames(spec)).toEqual(measures.map(({ name }) => name));
  expect([...measureUnits(spec).values()]).toEqual(measures.map(({ unit }) => unit));
});
