import { exampleAccounts, exampleWorld } from "@shardlab/testing";
import { describe, expect, it } from "vitest";
import { closedLab, closedLabSpec, clusterPricePerWork } from "./closed-lab.ts";

const { treasuries, designers, sponsor, suppliers } = exampleAccounts;

/** A cluster at $3.60 an hour that does 1 PFLOP/s at half its peak: $0.001 / s for 1 PFLOP / s. */
const cheap = { accelerator: "2 PFLOP/s", utilization: 0.5, rent: "$3.60/h" } as const;
const lab = (changes: object) => closedLabSpec.parse({ kind: "closed-lab", ...cheap, setup: "0 s", ...changes });

describe("clusterPricePerWork", () => {
  it("is rent over peak times utilisation", () => {
    expect(clusterPricePerWork(lab({}))).toBeCloseTo(0.001, 12);
    // $2.50 an hour over 989 TFLOP/s at 40 %: 2.5 / 3600 * 1000 / 395.6 dollars for a PFLOP.
    const h100 = closedLabSpec.parse({ kind: "closed-lab" });
    expect(clusterPricePerWork(h100)).toBeCloseTo(2500 / 3600 / 395.6, 12);
  });
});

describe("closed lab", () => {
  it("rents what reaches the target within the term, and pays its suppliers for it", () => {
    const world = exampleWorld(closedLab(lab({ term: "10 d", dataShare: 0 })), { outlayDollars: 5 });
    const { offer } = world.step();
    // 1,000 PFLOP in 10 days of one epoch: 100 PFLOP at $0.001.
    expect(offer.ownWork[0]).toBeCloseTo(100, 9);
    expect(offer.ownCostDollars[0]).toBeCloseTo(0.1, 12);
    expect(world.cash(suppliers)).toBe(100_000);
    expect(world.cash(treasuries)).toBe(4_900_000);
    expect(world.cash(sponsor)).toBe(-5_000_000);
    expect([...offer.access, ...offer.cashPerWork, ...offer.claimShare]).toEqual([0, 0, 0]);
  });

  it("never spends more than its capital", () => {
    const world = exampleWorld(closedLab(lab({ term: "10 d", dataShare: 0 })), { outlayDollars: 0.25 });
    const done = Array.from({ length: 5 }, () => world.step().offer.ownWork[0]);
    // $0.25 buys 250 PFLOP: 100, 100, 50.
    for (const [epoch, work] of [100, 100, 50, 0, 0].entries()) expect(done[epoch]).toBeCloseTo(work, 6);
    expect(world.cash(suppliers)).toBe(250_000);
    expect(world.cash(treasuries)).toBe(0);
  });

  it("buys further work with the reinvested share of revenue; the rest is the designer's profit", () => {
    const spec = lab({ term: "1 d", dataShare: 0, reinvest: 0.3 });
    const world = exampleWorld(closedLab(spec), { outlayDollars: 0 });
    expect(world.step({ revenueDollars: [1.000001] }).offer.ownWork[0]).toBe(0);
    expect(world.cash(designers)).toBe(1_000_001 - 300_000);
    expect(world.step().offer.ownWork[0]).toBeCloseTo(300, 6);
    expect(world.cash(suppliers)).toBe(300_000);
  });

  it("takes all revenue of a model that is done as profit, since no work is left to buy", () => {
    const spec = lab({ term: "1 d", dataShare: 0, reinvest: 0.3 });
    const world = exampleWorld(closedLab(spec), { outlayDollars: 0, targetWork: [100, 100] });
    world.step({ revenueDollars: [1, 1], situation: { training: Uint8Array.of(1, 0) } });
    expect([0, 1].map((model) => world.cash(designers + model))).toEqual([700_000, 1_000_000]);
    expect([0, 1].map((model) => world.cash(treasuries + model))).toEqual([300_000, 0]);
  });

  it("computes nothing before it is set up, and nothing for a model that is done", () => {
    const world = exampleWorld(closedLab(lab({ setup: "3 d" })));
    const done = Array.from({ length: 5 }, () => world.step().offer.ownWork[0] > 0);
    expect(done).toEqual([false, false, false, true, true]);
    const { offer } = world.step({ situation: { training: Uint8Array.of(0) } });
    expect([offer.ownWork[0], offer.ownCostDollars[0], offer.cashPerToken[0]]).toEqual([0, 0, 0]);
  });

  it("splits its capital over models by target, and sets a share aside for data", () => {
    const spec = lab({ dataShare: 0.25, dataPrice: "$2/Mtoken", proprietaryTokens: "5M" });
    const world = exampleWorld(closedLab(spec), { outlayDollars: 100, targetWork: [100, 300] });
    expect([world.cash(treasuries), world.cash(treasuries + 1)]).toEqual([25_000_000, 75_000_000]);
    const first = { account: 4, model: 0, quantity: 2e6 };
    const { offer } = world.step({ data: [first, { account: 5, model: 1, quantity: 1e9 }] });
    expect([...offer.ownTokens]).toEqual([5e6, 5e6]);
    // 2 Mtoken at $2 fit the first budget of $6.25; 1,000 Mtoken would cost $2,000 of $18.75.
    expect([world.cash(4), world.cash(5)]).toEqual([4_000_000, 18_750_000]);
    expect([...world.step().offer.ownTokens]).toEqual([0, 0]);
    expect(world.quote({}).cashPerToken[1]).toBe(0);
  });
});
