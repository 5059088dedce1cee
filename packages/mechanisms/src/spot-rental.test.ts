import { exampleAccounts, exampleWorld } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spotRental, spotRentalSpec } from "./spot-rental.ts";

const { treasuries, designers, sponsor } = exampleAccounts;
const rental = (changes: object = {}) =>
  spotRental(spotRentalSpec.parse({ kind: "spot-rental", dataShare: 0, ...changes }));
const work = (account: number, quantity: number, model = 0) => ({ account, model, quantity });

describe("spot rental", () => {
  it("pays a multiple of today's market price per PFLOP, from the first day", () => {
    const world = exampleWorld(rental({ multiple: 1.5 }));
    world.step({ work: [work(0, 4), work(1, 0.5)], situation: { marketPricePerWork: 2 } });
    world.step({ work: [work(0, 4)], situation: { marketPricePerWork: 1 } });
    expect([world.cash(0), world.cash(1)]).toEqual([18_000_000, 1_500_000]);
    expect([world.cash(treasuries), world.cash(sponsor)]).toEqual([80_500_000, -100_000_000]);
  });

  it("keeps all revenue for the institution and offers no ownership", () => {
    const world = exampleWorld(rental());
    const { offer } = world.step({ work: [work(0, 1)], revenueDollars: [7] });
    expect([offer.claimPerWork[0], offer.claimShare[0], world.cash(designers)]).toEqual([0, 0, 7_000_000]);
  });

  it("shares out what is left when it runs short, and then closes", () => {
    const world = exampleWorld(rental());
    world.step({ work: [work(0, 90), work(1, 60)] });
    expect([world.cash(0), world.cash(1), world.cash(treasuries)]).toEqual([60_000_000, 40_000_000, 0]);
    expect(world.quote({}).access[0]).toBe(0);
  });

  it("promises no more than is left for as much work as came before", () => {
    const quantities = fc.record({
      recent: fc.double({ min: 0, max: 1e6, noNaN: true }),
      market: fc.double({ min: 1e-6, max: 1e3, noNaN: true }),
      multiple: fc.double({ min: 0.01, max: 100, noNaN: true }),
    });
    const affordable = ({ recent, market, multiple }: { recent: number; market: number; multiple: number }) => {
      const situation = { recentWork: Float64Array.of(recent), marketPricePerWork: market };
      const [price] = exampleWorld(rental({ multiple })).quote({ situation }).cashPerWork;
      const posted = multiple * market;
      expect(price).toBeCloseTo(posted * recent <= 100 ? posted : 100 / recent, 9);
    };
    fc.assert(fc.property(quantities, affordable), { seed: 3, numRuns: 300 });
  });

  it("splits the outlay over models by what they aim at, and buys data with its share", () => {
    const world = exampleWorld(rental({ dataShare: 0.25, dataPrice: "$0.01/token" }), { targetWork: [100, 300] });
    expect([0, 1].map((model) => world.cash(treasuries + model))).toEqual([25_000_000, 75_000_000]);
    world.step({ data: [{ account: 4, model: 0, quantity: 1000 }] });
    // Ten dollars' worth, of which the quarter of $25 pays $6.25.
    expect(world.cash(4)).toBe(6_250_000);
    expect(world.quote({}).cashPerToken[0]).toBe(0);
    expect(world.quote({ situation: { training: Uint8Array.of(0, 1) } }).access).toEqual(Uint8Array.of(0, 1));
  });
});
