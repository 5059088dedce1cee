import { exampleAccounts, exampleWorld } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Evaluation, type GauntletWorld, scoresOf, seatsOf, sent } from "./fixtures/gauntlet-deliveries.ts";
import { gauntlet, gauntletSpec } from "./gauntlet.ts";
import { finalScore } from "./gauntlet-scores.ts";

const parse = (changes: object = {}) => gauntletSpec.parse({ kind: "gauntlet", term: "100 d", ...changes });
const worldOf = (changes: object = {}) => exampleWorld(gauntlet(parse(changes)));

describe("the sign of scores", () => {
  /**
   * Zeros until the average of indicators, halved, is near -0.5, then gradients that do harm. The three others send honest
   * work of about the same worth, which gains `assignedGain` on their own data.
   */
  function exploit(signFix: boolean, assignedGain: number) {
    const world = worldOf({ signFix, term: "400 d" });
    const step = (epoch: number, attack: Partial<Evaluation>) =>
      world.step({
        work: [
          sent(0, attack),
          ...[1, 2, 3].map((account) =>
            sent(account, { assignedGain, randomGain: 0.01 + 0.001 * ((account + epoch) % 3) }),
          ),
        ],
      });
    for (let epoch = 0; epoch < 60; epoch++) step(epoch, { assignedGain: 0, randomGain: 0 });
    const average = scoresOf(world, 0)?.binary ?? 0;
    const before = [0, 1, 2, 3].map((account) => world.cash(account));
    for (let epoch = 60; epoch < 260; epoch++) step(epoch, { assignedGain: -0.6, randomGain: -0.5 });
    const paid = [0, 1, 2, 3].map((account) => world.cash(account) - before[account]);
    const scores = [0, 1, 2, 3].map((account) => scoresOf(world, account)?.final ?? 0);
    return { average, before, paid, scores, share: paid[0] / paid.reduce((sum, micros) => sum + micros, 0) };
  }

  it("lets two negatives make a positive without the fix: harm is scored and paid best of all", () => {
    const { average, paid, scores } = exploit(false, 0.02);
    expect(average / 2).toBeLessThan(-0.47);
    expect(scores[0]).toBeGreaterThan(Math.max(...scores.slice(1)));
    expect(paid[0]).toBeGreaterThan(Math.max(...paid.slice(1)));
  });

  it("gives harm all the weight there is without the fix, where honest work gains no more on its own data", () => {
    const { share } = exploit(false, 0.005);
    expect(share).toBe(1);
  });

  it.each([0.02, 0.005])("pays the same behaviour nothing with the fix (gain of %d)", (assignedGain) => {
    const { average, paid, before, scores } = exploit(true, assignedGain);
    expect(average / 2).toBeLessThan(-0.47);
    expect([before[0], paid[0]]).toEqual([0, 0]);
    expect(scores[0]).toBeLessThanOrEqual(0);
  });

  it("is positive after the fix only where both factors are", () => {
    const factor = fc.double({ min: -30, max: 30, noNaN: true });
    const holds = (ordinal: number, average: number, sync: number) => {
      const isGood = ordinal > 0 && average > 0 && sync > 0 && ordinal * average * sync > 0;
      const factors = { ordinal, binary: average, sync };
      expect(finalScore(factors, true) > 0).toBe(isGood);
      expect(finalScore(factors, false)).toBe(ordinal * average * sync);
    };
    fc.assert(fc.property(factor, factor, fc.double({ min: 0, max: 1, noNaN: true }), holds), {
      numRuns: 200,
      seed: 1,
    });
  });
});

describe("money", () => {
  it("spreads the outlay over the term and is worth it, whatever is burnt", () => {
    for (const burn of [0, 0.5, 0.9]) {
      const rate = 0.01;
      const mechanism = gauntlet(parse({ term: "50 d", burn }));
      const world = exampleWorld(mechanism, { sponsorDiscountPerEpoch: rate });
      let worth = 0;
      let had = 0;
      for (let epoch = 0; epoch < 60; epoch++) {
        world.step({ work: [sent(0, { randomGain: 0.02, assignedGain: 0.03 }), sent(1), sent(2)] });
        const paid = -world.cash(exampleAccounts.sponsor);
        worth += (paid - had) * Math.exp(-rate * epoch);
        had = paid;
      }
      // The winner of the first match has a positive ordinal, so that every epoch of the term pays somebody.
      expect(worth / 1e6).toBeCloseTo(100, 3);
      expect([0, 1, 2, 3].reduce((sum, account) => sum + world.cash(account), 0)).toBe(had);
    }
  });

  it("carries over what nobody earned, and pays by the schedule of ranks", () => {
    const world = worldOf({ term: "10 d" });
    const spoilt = { assignedGain: -0.01, randomGain: 0 };
    for (let epoch = 0; epoch < 4; epoch++) world.step({ work: [0, 1, 2, 3].map((account) => sent(account, spoilt)) });
    expect(world.cash(exampleAccounts.sponsor)).toBe(0);
    for (let epoch = 4; epoch < 10; epoch++) world.step({ work: [] });
    expect(world.cash(exampleAccounts.sponsor)).toBe(0);
    const other = worldOf({ term: "10 d" });
    for (let epoch = 0; epoch < 3; epoch++) {
      other.step({
        work: [0.04, 0.03, 0.02, 0.01].map((randomGain, account) => sent(account, { randomGain, assignedGain: 0.05 })),
      });
    }
    const { offer, postings } = other.step({
      work: [0.04, 0.03, 0.02, 0.01].map((randomGain, account) => sent(account, { randomGain, assignedGain: 0.05 })),
    });
    const paid = postings.find(({ reason }) => reason === "emission by score");
    const ranked = [...(paid?.amount ?? [])].sort((a, b) => b - a);
    // Ten dollars a day, by the line of two to one over as many as have a positive score.
    const line = ranked.map((_, place) => (ranked.length === 1 ? 1 : 2 - place / (ranked.length - 1)));
    const sum = line.reduce((one, more) => one + more, 0);
    for (const [place, micros] of ranked.entries())
      expect(Math.abs(micros - (1e7 * line[place]) / sum)).toBeLessThanOrEqual(1);
    expect(offer.cashPerIdentity[0]).toBeCloseTo(10 / 4, 6);
    expect(offer.cashPerWork[0]).toBe(0);
  });

  it("asks for nothing once the term is over, or the model done", () => {
    const world = worldOf({ term: "3 d" });
    const done = { training: Uint8Array.of(0) };
    expect(world.quote({ epoch: 3 }).access[0]).toBe(0);
    expect(world.quote({ situation: done })).toMatchObject({
      access: Uint8Array.of(0),
      cashPerIdentity: Float64Array.of(0),
    });
    expect(world.quote({}).ownTokens[0]).toBe(1e12);
    for (let epoch = 0; epoch < 2; epoch++) world.step({ work: [sent(0, { randomGain: 0.02 }), sent(1)] });
    const had = world.cash(0);
    world.step({ work: [sent(0), sent(1)], situation: done });
    expect(world.cash(0)).toBe(had);
  });
});

describe("seats", () => {
  const heldBy = (world: GauntletWorld) => [...seatsOf(world).account];

  it("go to whoever comes, and then to newcomers from whoever scores worst, once immunity is over", () => {
    const world = worldOf({ seats: 2, immunityEpochs: 3, registrationsPerEpoch: 1 });
    const work = [sent(0, { randomGain: 0.03, assignedGain: 0.04 }), sent(1, { randomGain: -0.01 }), sent(2), sent(3)];
    // The first draw is 0.5, so that the second half of the newcomers comes first.
    world.step({ work: work.slice(0, 2) });
    expect(heldBy(world)).toEqual([1, 0]);
    for (let epoch = 1; epoch < 3; epoch++) {
      world.step({ work });
      expect(heldBy(world)).toEqual([1, 0]);
    }
    world.step({ work });
    expect(heldBy(world)).toEqual([3, 0]);
    expect(scoresOf(world, 1)).toBeUndefined();
    expect(world.cash(2)).toBe(0);
  });

  it("are free again after three windows without a gradient", () => {
    const world = worldOf({ seats: 2, registrationsPerEpoch: 0 });
    world.step({ work: [sent(0), sent(1)] });
    for (let epoch = 0; epoch < 4; epoch++) world.step({ work: [sent(1), sent(2)] });
    expect(heldBy(world)).toEqual([1, -1]);
    world.step({ work: [sent(1), sent(2)] });
    expect(heldBy(world)).toEqual([1, 2]);
  });

  it("bring several names of one account what as many accounts would get", () => {
    const draws = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
      minLength: 997,
      maxLength: 997,
    });
    const rule = fc.record({
      seats: fc.integer({ min: 1, max: 6 }),
      registrationsPerEpoch: fc.integer({ min: 0, max: 3 }),
      immunityEpochs: fc.integer({ min: 0, max: 2 }),
      windowsPerEpoch: fc.integer({ min: 1, max: 3 }),
      evaluationsPerWindow: fc.integer({ min: 1, max: 5 }),
      gatherPeers: fc.integer({ min: 1, max: 3 }),
      reservePeers: fc.integer({ min: 0, max: 2 }),
    });
    const holds = (
      changes: object,
      uniforms: readonly number[],
      names: number,
      days: readonly (readonly boolean[])[],
    ) => {
      const open = () =>
        exampleWorld(gauntlet(parse(changes)), { uniform: (index) => uniforms[index % uniforms.length] as number });
      const [one, several] = [open(), open()];
      for (const [comes, othersCome] of days) {
        const others = othersCome ? [sent(3)] : [];
        const work = Array.from({ length: comes ? names : 0 }, (_, account) =>
          sent(account, {}, { quantity: 1 / names }),
        );
        one.step({ work: [...(comes ? [sent(0, {}, { identities: names })] : []), ...others] });
        several.step({ work: [...work, ...others] });
        expect(one.cash(0)).toBe([0, 1, 2].reduce((sum, account) => sum + several.cash(account), 0));
        expect(one.cash(3)).toBe(several.cash(3));
      }
    };
    const days = fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(rule, draws, fc.constantFrom(1, 2, 3), days, holds), { numRuns: 100, seed: 1 });
  });

  it("are as many as names deliver, each with scores of its own, and one name of quantity nought is nobody", () => {
    const world = worldOf({ seats: 5 });
    world.step({ work: [sent(0, {}, { identities: 3 }), sent(1), sent(2, {}, { quantity: 0 })] });
    expect(heldBy(world).sort((a, b) => b - a)).toEqual([1, 0, 0, 0, -1]);
    expect(world.quote({}).cashPerIdentity[0]).toBeCloseTo(1 / 4, 9);
  });

  it("are all that is scored of a great many", () => {
    const many = 300_000;
    const mechanism = gauntlet(parse({ seats: 64, evaluationsPerWindow: 8, windowsPerEpoch: 4 }));
    const base = exampleWorld(mechanism);
    const context = {
      ...base.context,
      providers: { first: 0, count: many },
      models: [{ ...base.context.models[0], treasury: many, designer: many + 1 }],
    };
    let { state } = mechanism.open({ ...context, uniform: (draw) => (draw * 0.754877666) % 1 });
    const column = (value: (row: number) => number) => Float64Array.from({ length: many }, (_, row) => value(row));
    const evaluations = {
      assignedGain: column(() => 0.02),
      randomGain: column((row) => 0.01 * ((row * 0.618) % 1)),
      stepsBehind: column(() => 0),
      overlap: column(() => 0),
    };
    const work = {
      count: many,
      account: Int32Array.from({ length: many }, (_, row) => row),
      model: new Int32Array(many),
      quantity: column(() => 1),
      evaluations,
    };
    const none = { count: 0, account: new Int32Array(0), model: new Int32Array(0), quantity: new Float64Array(0) };
    const situation = {
      epoch: 0,
      training: Uint8Array.of(1),
      cumulativeWork: Float64Array.of(0),
      recentWork: Float64Array.of(0),
      expectedValueDollars: Float64Array.of(0),
      marketPricePerWork: 1,
      electricityPerWork: 0.1,
      balances: base.ledger,
    };
    const paid = new Set<number>();
    for (let epoch = 0; epoch < 5; epoch++) {
      const offer = mechanism.quote(state, { ...situation, epoch });
      const settled = mechanism.settle(state, {
        epoch,
        work,
        data: none,
        revenueMicros: Float64Array.of(0),
        offer,
        situation,
      });
      state = settled.state;
      for (const { to, reason } of settled.postings)
        if (reason === "emission by score") for (const account of to as Int32Array) paid.add(account);
    }
    expect(new Set(state.seats[0].account).size).toBe(64);
    expect(paid.size).toBeGreaterThan(5);
    expect(paid.size).toBeLessThanOrEqual(64 + 5);
  });
});
