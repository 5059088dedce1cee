/** What rules by measured contribution claim, and counter-examples to what they do not. */
import { mechanismProperties } from "@shardlab/contracts";
import { judgeProperty } from "@shardlab/testing";
import { describe, expect, it } from "vitest";
import { composableLayers, composableLayersSpec } from "./composable-layers.ts";
import { dataShapley, dataShapleySpec } from "./data-shapley.ts";

const layered = (changes: object) => () =>
  composableLayers(composableLayersSpec.parse({ kind: "composable-layers", ...changes }));
const shared = (changes: object) => () => dataShapley(dataShapleySpec.parse({ kind: "data-shapley", ...changes }));

const rules = {
  "layers by Shapley": layered({ matchOutlay: false }),
  "layers by leave-one-out": layered({ split: "leave-one-out", matchOutlay: false, settlement: "1 d" }),
  "layers by declaration": layered({ split: "declared", declared: [1, 2, 3, 0, 5, 6, 7, 8] }),
  "data by Shapley": shared({ matchOutlay: false }),
  "data by leave-one-out, with harm": shared({ method: "leave-one-out", values: [0, 5, -3, 4, 1, 6, -2, 5] }),
};

/** Places have values of their own, and names at several places are several contributors. */
const unclaimed = ["sybil-proofness", "symmetry"] as const;

describe.each(Object.entries(rules))("%s", (_, create) => {
  it("claims all but what it does not keep", () => {
    const claims = new Set<string>(create().claims);
    expect(mechanismProperties.filter((property) => !claims.has(property))).toEqual(unclaimed);
  });

  it.each(unclaimed)("does not keep %s: there is a counter-example", (property) => {
    const { verdict, isClaimed } = judgeProperty(() => create() as never, property, { cases: 100, seed: 3 });
    expect([verdict, isClaimed]).toEqual(["counter-example", false]);
  });
});
