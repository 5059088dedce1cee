/** The committed tables against the training that they come from: two coalitions are trained anew. */
import { type DataPlan, dataCoalitionLoss, openBackend } from "@shardlab/learning";
import { expect, it } from "vitest";
import { data, layers } from "../../../learning/bench/contribution-plans.mjs";
import { dataProviders } from "./data-providers.ts";
import { privateLayers } from "./private-layers.ts";

it("holds what training gives, of useful text and of noise", async () => {
  const backend = await openBackend({ kind: "wasm" });
  const seed = 2;
  const plan = data.plan(backend, seed) as DataPlan;
  for (const name of ["novel", "noise"]) {
    const coalition = 1 << dataProviders.contributors.indexOf(name);
    const stored = dataProviders.losses[dataProviders.seeds.indexOf(seed)][coalition];
    // Stored with five decimals; wasm computes the same bits everywhere.
    expect(Math.abs((await dataCoalitionLoss(plan, coalition)) - stored)).toBeLessThan(1e-5);
  }
  backend.dispose();
});

it("names the contributors of the measurement", () => {
  expect(dataProviders.contributors).toEqual(Object.keys(data.contributors));
  expect(privateLayers.contributors).toEqual(Object.keys(layers.contributors));
});
