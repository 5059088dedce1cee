import { exampleAccounts, exampleWorld } from "@shardlab/testing";
import { describe, expect, it } from "vitest";
import { volunteer, volunteerSpec } from "./volunteer.ts";

const { treasuries, designers, sponsor } = exampleAccounts;
const volunteers = (changes: object) => volunteer(volunteerSpec.parse({ kind: "volunteer", ...changes }));

describe("volunteer", () => {
  it("appeals half as much after each half-life", () => {
    const world = exampleWorld(volunteers({ halfLife: "20 d" }));
    const appeals = [0, 20, 40, 100].map((epoch) => world.quote({ epoch }).donationAppeal[0]);
    for (const [index, appeal] of [1, 1 / 2, 1 / 4, 1 / 32].entries()) expect(appeals[index]).toBeCloseTo(appeal, 14);
    expect(world.quote({ epoch: 10 }).donationAppeal[0]).toBeCloseTo(Math.SQRT1_2, 14);
  });

  it("pays back electricity and never more", () => {
    const world = exampleWorld(volunteers({ term: "10 d" }));
    const situation = { electricityPerWork: 0.25 };
    // $10 for this epoch: 20 PFLOP would get $0.50 each, 80 get $0.125.
    for (const [recent, price] of [
      [0, 0.25],
      [20, 0.25],
      [80, 0.125],
    ] as const) {
      const offer = world.quote({ situation: { ...situation, recentWork: Float64Array.of(recent) } });
      expect(offer.cashPerWork[0]).toBeCloseTo(price, 14);
    }
    const work = [
      { account: 1, model: 0, quantity: 8 },
      { account: 2, model: 0, quantity: 3 },
    ];
    world.step({ work, situation });
    expect([world.cash(1), world.cash(2)]).toEqual([2_000_000, 750_000]);
    expect(world.cash(treasuries)).toBe(97_250_000);
  });

  it("never pays more than the outlay", () => {
    const world = exampleWorld(volunteers({ term: "3 d" }), { outlayDollars: 5 });
    for (let epoch = 0; epoch < 6; epoch++) world.step({ work: [{ account: 0, model: 0, quantity: 16 }] });
    // $4 in the first epoch, the last dollar in the second.
    expect([world.cash(0), world.cash(treasuries), world.cash(sponsor)]).toEqual([5_000_000, 0, -5_000_000]);
    expect(world.quote({}).cashPerWork[0]).toBe(0);
  });

  it("asks for nothing and pays nothing where it does not reimburse, or the model is done", () => {
    const free = exampleWorld(volunteers({ reimburse: false }));
    free.step({ work: [{ account: 0, model: 0, quantity: 16 }], revenueDollars: [3] });
    expect([free.cash(0), free.cash(sponsor), free.cash(designers)]).toEqual([0, 0, 3_000_000]);
    const { access, donationAppeal } = free.quote({ situation: { training: Uint8Array.of(0) } });
    expect([access[0], donationAppeal[0]]).toEqual([0, 0]);
  });
});
