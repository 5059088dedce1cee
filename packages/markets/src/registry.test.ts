import { expect, test } from "vitest";
import { createMarket, marketKinds, marketSpec } from "./registry.ts";

const needed: Readonly<Record<string, object>> = { "inference-demand": { spending: "$1M/d" }, leak: { day: "30 d" } };

test.each(marketKinds)("%s is made from its defaults and knows its kind", (kind) => {
  expect(createMarket(marketSpec.parse({ kind, ...needed[kind] })).kind).toBe(kind);
});

test("unknown kinds and fields are refused", () => {
  expect(marketSpec.safeParse({ kind: "bonding-curve" }).success).toBe(false);
  for (const kind of marketKinds) {
    expect(marketSpec.safeParse({ kind, ...needed[kind], feee: 1 }).error?.issues[0].message).toContain("feee");
  }
});
