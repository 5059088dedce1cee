import { expect, test } from "vitest";
import { figuresUsed } from "./figures-used.ts";
import { economyWith } from "./fixtures/small-economy.ts";

test("names every device, link and region of the population once, and the scaling law", () => {
  const spec = economyWith({
    providers: [
      { group: "homes", count: 1, device: "rtx-4090", link: "cable", region: "china" },
      { group: "halls", count: 1, device: "h100-sxm", link: "fibre-gigabit" },
      { group: "more", count: 1, device: "rtx-4090", link: "cable" },
    ],
  });
  const named = figuresUsed(spec).map(({ of, what }) => `${of} ${what}`);
  expect(new Set(named).size).toBe(named.length);
  expect([...new Set(figuresUsed(spec).map(({ of }) => of))]).toEqual([
    ...["h100-sxm", "rtx-4090", "cable", "fibre-gigabit", "china", "united-states"],
    spec.scalingLaw,
  ]);
});

test("gives what the product pages say: an RTX 4090 peaks at 165 TFLOP/s, a household pays cents for a kWh", () => {
  const figures = figuresUsed(economyWith({ providers: [{ group: "homes", count: 1, device: "rtx-4090" }] }));
  const valueAt = (what: string) => figures.find((figure) => figure.what === what)?.value;
  expect(valueAt("peak")).toBeCloseTo(165.2, 0);
  expect(valueAt("electricity")).toBeGreaterThan(0.1);
  expect(valueAt("electricity")).toBeLessThan(0.3);
});

test("gives the figures of the closed lab where models are held against one", () => {
  const lab = (crossing: object | undefined) =>
    figuresUsed(economyWith(crossing ? { crossing } : {})).filter(({ of }) => of === "closed lab");
  expect(lab(undefined)).toEqual([]);
  expect(lab({}).map(({ value }) => value)).toEqual([100_000, 0.4, 2.5, 4.5]);
});
