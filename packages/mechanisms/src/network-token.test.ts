import { exampleAccounts, exampleWorld } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { networkToken, networkTokenSpec, unitsPerToken } from "./network-token.ts";
import { createMechanism, mechanismSpec } from "./registry.ts";

const { treasuries, designers, sponsor, suppliers, issuer, vault } = exampleAccounts;
const coin = 1;
/** Round figures: fees of 10 %, half of them buy back, 1,000 tokens, half of them for work, as much work checks as solves. */
const token = (changes: object = {}) =>
  networkToken(
    networkTokenSpec.parse({
      ...{ kind: "network-token", protocolFee: 0.1, buyBackShare: 0.5, supply: 1000, issuedForWork: 0.5 },
      ...{ verification: 1, stake: 0, settlement: "1 d", ...changes },
    }),
  );
const work = (account: number, quantity: number, model = 0) => ({ account, model, quantity });

describe("network token", () => {
  it("splits the submitter's price over solvers, verifiers, the operator and what buys back", () => {
    const world = exampleWorld(token({ settlement: "30 d" }));
    const { offer, postings } = world.step({ work: [work(0, 10)] });
    expect([offer.usefulShare[0], offer.cashPerWork[0]]).toEqual([0.5, 0.9]);
    const paid = Object.fromEntries(postings.map(({ reason, amount }) => [reason, amount[0]]));
    // Ten dollars: nine are paid, half of that to solvers; of the fee of one, half waits to buy back.
    expect(paid).toMatchObject({ "fees of solvers": 4_500_000, "fees of verifiers": 4_500_000 });
    expect([world.cash(suppliers), world.cash(treasuries)]).toEqual([500_000, 90_500_000]);
  });

  it("issues as many tokens for a PFLOP of any model, until the target work has had them", () => {
    const world = exampleWorld(token({ multiple: 0 }), { targetWork: [100, 300] });
    world.step({ work: [work(0, 100, 0), work(1, 100, 1)] });
    // 500 tokens over 400 PFLOP.
    const units = 125 * unitsPerToken;
    expect([0, 1].map((account) => world.ledger.balance(account, coin))).toEqual([units, units]);
    world.step({ work: [work(2, 150, 0), work(3, 450, 1)] });
    expect([2, 3].map((account) => world.ledger.balance(account, coin))).toEqual([
      62.5 * unitsPerToken,
      187.5 * unitsPerToken,
    ]);
    expect(world.quote({}).access[0]).toBe(0);
  });

  it("quotes a provider the same for every model, by what all models together are believed to earn", () => {
    const values = fc.record({
      one: fc.double({ min: 0, max: 1e6, noNaN: true }),
      other: fc.double({ min: 0, max: 1e6, noNaN: true }),
    });
    const same = ({ one, other }: { one: number; other: number }) => {
      const world = exampleWorld(token(), { targetWork: [100, 300] });
      const { coinPerWork } = world.quote({ situation: { expectedValueDollars: Float64Array.of(one, other) } });
      // 5 % of all revenue and of the outlay of $100 buys back 1,000 tokens, and a PFLOP earns 1.25 of them.
      const expected = (1.25 * 0.05 * (one + other + 100)) / 1000;
      expect(coinPerWork[0]).toBe(coinPerWork[1]);
      expect(coinPerWork[0]).toBeCloseTo(expected, 9);
    };
    fc.assert(fc.property(values, same), { seed: 12, numRuns: 200 });
  });

  it("counts on no fees from an outlay that is not spent: of a model that is shut, or where tasks cost nothing", () => {
    const quoted = (changes: object, training: readonly number[]) => {
      const world = exampleWorld(token(changes), { targetWork: [100, 300] });
      const situation = { expectedValueDollars: Float64Array.of(40, 0), training: Uint8Array.from(training) };
      return [world.quote({ situation }).coinPerWork[1], world.cash(sponsor)];
    };
    // A PFLOP earns 1.25 of 1,000 tokens, which 5 % of $40 and of what is left to spend are to buy back.
    const of = (dollars: number) => expect.closeTo((1.25 * 0.05 * dollars) / 1000, 12);
    expect(quoted({}, [1, 1])).toEqual([of(140), -100e6]);
    expect(quoted({}, [0, 1])).toEqual([of(115), -100e6]);
    expect(quoted({ multiple: 0 }, [1, 1])).toEqual([of(40), 0]);
  });

  it("buys back pro rata: cash to holders, tokens to the issuer, at the share of this cash in all that is to come", () => {
    const world = exampleWorld(token({ multiple: 0 }), { outlayDollars: 0 });
    world.step({ work: [work(0, 400), work(1, 100)] });
    const before = world.ledger.balance(issuer, coin);
    // $5 buy now, $15 are believed to come: a quarter of all tokens. Holders: 500 the founders, 200 and 50 providers.
    world.step({ revenueDollars: [100], situation: { expectedValueDollars: Float64Array.of(300) } });
    // Five million in parts of 500, 200 and 50: thirds of micro-dollars go to the first of equal remainders.
    expect([designers, 0, 1].map(world.cash)).toEqual([93_333_333, 1_333_334, 333_333]);
    expect([designers, 0, 1].map((account) => world.ledger.balance(account, coin) / unitsPerToken)).toEqual([
      375, 150, 37.5,
    ]);
    expect(world.ledger.balance(issuer, coin) - before).toBe(187.5 * unitsPerToken);
    expect([world.cash(suppliers), world.cash(treasuries)]).toEqual([5_000_000, 0]);
  });

  it("buys at the price of all tokens, those that the vault holds back included", () => {
    const of = {
      kind: "network-token",
      multiple: 0,
      protocolFee: 0.1,
      buyBackShare: 0.5,
      supply: 1000,
      issuedForWork: 0.5,
    };
    const vested = { kind: "vesting", duration: "9 d", every: "1 d", of: { ...of, stake: 0, settlement: "1 d" } };
    const world = exampleWorld(createMechanism(mechanismSpec.parse(vested)));
    world.step({ work: [work(0, 400), work(1, 100)] });
    world.step({ revenueDollars: [100], situation: { expectedValueDollars: Float64Array.of(300) } });
    // As above, $5 buy a quarter of 750 tokens; here the founders alone can sell theirs.
    expect(world.cash(designers)).toBe(95_000_000);
    expect(world.ledger.balance(designers, coin)).toBe((500 - 187.5) * unitsPerToken);
    expect(world.ledger.balance(vault, coin)).toBeGreaterThan(0);
    expect(world.cash(vault)).toBe(0);
  });

  it("pays out at most what fees bring, whatever is believed, and conserves every token", () => {
    const days = fc.array(
      fc.record({
        revenue: fc.double({ min: 0, max: 1e4, noNaN: true }),
        value: fc.double({ min: 0, max: 1e6, noNaN: true }),
        quantity: fc.double({ min: 0, max: 200, noNaN: true }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    const balances = (epochs: readonly { revenue: number; value: number; quantity: number }[]) => {
      const world = exampleWorld(token(), { outlayDollars: 50 });
      let fees = 0;
      for (const { revenue, value, quantity } of epochs) {
        const before = world.cash(0) + world.cash(1) + world.cash(designers);
        const { postings } = world.step({
          work: [work(0, quantity), work(1, quantity / 3)],
          revenueDollars: [revenue],
          situation: { expectedValueDollars: Float64Array.of(value) },
        });
        expect(world.cash(0) + world.cash(1) + world.cash(designers)).toBeGreaterThanOrEqual(before);
        const bought = postings.filter(({ reason }) => reason === "tokens bought back");
        fees += bought.reduce((sum, { amount }) => sum + amount.reduce((a, b) => a + b, 0), 0);
      }
      const revenue = epochs.reduce((sum, day) => sum + day.revenue, 0);
      expect(fees / 1e6).toBeLessThanOrEqual(0.05 * (revenue + 50) + 1e-3);
      const held = [0, 1, 2, 3, designers].reduce((sum, account) => sum + world.ledger.balance(account, coin), 0);
      expect(held).toBe(-world.ledger.balance(issuer, coin));
      world.ledger.checkConservation();
    };
    fc.assert(fc.property(days, balances), { seed: 13, numRuns: 100 });
  });

  it("is finite where nothing is issued for work, nor bought back", () => {
    for (const changes of [
      { issuedForWork: 0 },
      { supply: 1, issuedForWork: 1e-9 },
      { protocolFee: 0 },
      { protocolFee: 1 },
    ]) {
      const world = exampleWorld(token({ stake: 1, ...changes }));
      const { offer } = world.step({ work: [work(0, 3)] });
      for (const name of ["cashPerWork", "coinPerWork", "stakePerWork"] as const) {
        expect(Number.isFinite(offer[name][0]), name).toBe(true);
      }
    }
  });

  it("has 10^10 tokens, a fee of half a per cent and 70 % of it bought back, unless told otherwise", () => {
    const spec = networkTokenSpec.parse({ kind: "network-token" });
    expect(spec).toMatchObject({ supply: 1e10, protocolFee: 0.005, buyBackShare: 0.7 });
    const world = exampleWorld(networkToken(spec));
    expect(world.ledger.balance(designers, coin)).toBe(0.7 * 1e10 * unitsPerToken);
  });

  it("takes stake from those found bad and buys back with it", () => {
    const world = exampleWorld(token({ stake: 3, multiple: 1 }));
    world.ledger.postBatch({ reason: "wealth", asset: 0, from: 12, to: 2, amount: Float64Array.of(1e9) });
    const { offer } = world.step({ verdicts: [work(2, 10)] });
    const stake = offer.stakePerWork[0] * 10;
    expect(offer.stakePerWork[0]).toBeCloseTo(3 * (offer.cashPerWork[0] + offer.coinPerWork[0]), 12);
    expect(world.cash(2) / 1e6).toBeCloseTo(1000 - stake, 5);
    // The founders hold all tokens and sell some of them for it.
    expect(world.cash(designers) / 1e6).toBeCloseTo(stake, 5);
  });
});
