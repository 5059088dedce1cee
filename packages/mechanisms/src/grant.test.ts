import { createStreams } from "@shardlab/random";
import { exampleAccounts, exampleWorld } from "@shardlab/testing";
import { describe, expect, it } from "vitest";
import { grant, grantSpec } from "./grant.ts";

const { treasuries, designers, sponsor } = exampleAccounts;
const parse = (changes: object) => grantSpec.parse({ kind: "grant", ...changes });
/** Granted at once: a draw of 0.5 is below an approval of 0.8. */
const granted = (changes: object) => grant(parse({ approval: 0.8, delay: "0 s", dataShare: 0, ...changes }));

describe("grant", () => {
  it("is approved as often as it says", () => {
    const draws = createStreams(11).stream("approval");
    const requests = 20_000;
    for (const approval of [0.05, 0.3, 0.9]) {
      const mechanism = grant(parse({ approval, delay: "0 s" }));
      const { context } = exampleWorld(mechanism);
      let yes = 0;
      for (let request = 0; request < requests; request++) {
        const first = draws.uniform();
        const { state } = mechanism.open({ ...context, uniform: () => first });
        yes += state.workMicros[0] > 0 ? 1 : 0;
      }
      const deviation = Math.sqrt(requests * approval * (1 - approval));
      expect(Math.abs(yes - requests * approval) / deviation).toBeLessThan(4);
    }
  });

  it("looks at draw 0 alone, and refuses at the approval itself", () => {
    const approved = (first: number) => {
      const world = exampleWorld(grant(parse({ approval: 0.5, delay: "0 s" })), {
        uniform: (draw) => (draw === 0 ? first : 0),
      });
      world.step();
      return world.cash(sponsor) < 0;
    };
    expect([approved(0.499), approved(0.5), approved(0.9)]).toEqual([true, false, false]);
  });

  it("is the outlay over the approval, carried forward over the delay", () => {
    const mechanism = grant(parse({ approval: 0.8, delay: "100 d", term: "10 d" }));
    const world = exampleWorld(mechanism, { outlayDollars: 1000, sponsorDiscountPerEpoch: 0.001 });
    for (let epoch = 0; epoch < 100; epoch++) {
      const { offer, postings } = world.step();
      expect([offer.access[0], offer.cashPerToken[0], postings.length]).toEqual([0, 0, 0]);
    }
    world.step();
    expect(world.cash(sponsor)).toBe(-Math.floor((1e9 / 0.8) * Math.exp(0.1)));
  });

  it("spends its present value in expectation, whatever the approval and the delay", () => {
    for (const [approval, delayDays] of [
      [0.2, 0],
      [0.6, 40],
      [1, 300],
    ] as const) {
      const world = exampleWorld(grant(parse({ approval, delay: `${delayDays} d` })), {
        sponsorDiscountPerEpoch: 0.002,
        uniform: () => 0,
      });
      world.step({ epoch: delayDays });
      const present = -world.cash(sponsor) * Math.exp(-0.002 * delayDays) * approval;
      expect(present).toBeCloseTo(100e6, -1);
    }
  });

  it("pays one price, an epoch's part over the work that was offered, up to the ceiling", () => {
    // $100 / 0.8 over 5 epochs is $25 in the first.
    const world = exampleWorld(granted({ term: "5 d", priceCeiling: 2 }));
    expect(world.quote({ situation: { recentWork: Float64Array.of(50) } }).cashPerWork[0]).toBeCloseTo(0.5, 12);
    expect(world.quote({ situation: { recentWork: Float64Array.of(5) } }).cashPerWork[0]).toBe(2);
    expect(world.quote({ situation: { marketPricePerWork: 0.1 } }).cashPerWork[0]).toBeCloseTo(0.2, 12);
    const work = [
      { account: 0, model: 0, quantity: 10 },
      { account: 3, model: 0, quantity: 40 },
    ];
    world.step({ work, situation: { recentWork: Float64Array.of(50) } });
    expect([world.cash(0), world.cash(3)]).toEqual([5_000_000, 20_000_000]);
    // $100 is left for 4 epochs, nothing of it is spent in the next, and the sponsor pays once.
    expect(world.cash(sponsor)).toBe(-125_000_000);
    world.step();
    expect(world.cash(sponsor)).toBe(-125_000_000);
    expect(world.quote({ situation: { recentWork: Float64Array.of(100) } }).cashPerWork[0]).toBeCloseTo(1 / 3, 12);
  });

  it("never pays more than the budget: where it falls short, all get the same share of their due", () => {
    const world = exampleWorld(granted({ term: "1 d", priceCeiling: 50, dataShare: 0.2, dataPrice: "$1/Mtoken" }));
    // $125 of which $25 for data; at $50 a PFLOP, 12 PFLOP would cost $600.
    const work = [1, 2, 9].map((quantity, account) => ({ account, model: 0, quantity }));
    world.step({ work, data: [{ account: 4, model: 0, quantity: 3e7 }] });
    const paid = [0, 1, 2].map((account) => world.cash(account));
    expect(paid).toEqual([8_333_333, 16_666_666, 75_000_000]);
    expect(world.cash(4)).toBe(25_000_000);
    expect(world.cash(treasuries)).toBe(1);
    const { offer } = world.step();
    expect(offer.cashPerToken[0]).toBe(0);
  });

  it("pays nothing after a refusal, and revenue goes to the designer", () => {
    const world = exampleWorld(grant(parse({ approval: 0.4, delay: "0 s" })));
    const { offer } = world.step({ revenueDollars: [7] });
    expect(offer.access[0]).toBe(0);
    expect([world.cash(sponsor), world.cash(designers)]).toEqual([0, 7_000_000]);
  });
});
