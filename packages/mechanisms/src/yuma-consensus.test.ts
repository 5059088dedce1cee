import { createStreams } from "@shardlab/random";
import { type DeliveryRow, exampleAccounts, exampleWorld } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type YumaConsensusState, yumaConsensus, yumaConsensusSpec } from "./yuma-consensus.ts";

const parse = (changes: object = {}) => yumaConsensusSpec.parse({ kind: "yuma-consensus", ...changes });
const coin = 1;

/** A world in which provider i begins with `coins[i]` smallest units, and draws come from `seed`. */
function worldOf(changes: object, coins: readonly number[], seed = 1) {
  const draws = createStreams(seed).stream("draws");
  const world = exampleWorld(yumaConsensus(parse(changes)), {
    uniform: (draw) => (draw < 4 ? draw / 4 : draws.uniformAt(draw)),
  });
  const to = Int32Array.from(coins.keys());
  world.ledger.postBatch({
    reason: "genesis",
    asset: coin,
    from: exampleAccounts.issuer,
    to,
    amount: Float64Array.from(coins),
  });
  return world;
}

const work = (...quantities: number[]): DeliveryRow[] =>
  quantities.map((quantity, account) => ({ account, model: 0, quantity }));

const amounts = (
  posted: ReturnType<ReturnType<typeof worldOf>["step"]>["postings"],
  reason: string,
): Map<number, number> => {
  const found = posted.filter((posting) => posting.reason === reason);
  return new Map(
    found.flatMap(({ to, amount }) =>
      [...amount].map((units, row) => [(to as Int32Array)[row] ?? (to as number), units] as const),
    ),
  );
};

describe("emission", () => {
  it("is 41 % to miners by agreed weight, 41 % to validators and 18 % to the designer", () => {
    const world = worldOf({ emission: 100, noise: 0, validators: 2 }, [3e9, 1e9, 0, 0]);
    const { postings } = world.step({ work: work(0, 0, 6, 2) });
    const near = (units: number) => expect.closeTo(units, -1);
    expect([...amounts(postings, "emission to miners")]).toEqual([
      [2, near(0.41e10 * 0.75)],
      [3, near(0.41e10 * 0.25)],
    ]);
    expect([...amounts(postings, "dividends of validators")]).toEqual([
      [0, near(0.41e10 * 0.75)],
      [1, near(0.41e10 * 0.25)],
    ]);
    expect(world.ledger.balance(exampleAccounts.designers, coin)).toBe(0.18e10);
    expect(world.ledger.balance(exampleAccounts.issuer, coin)).toBe(-(4e9 + 1e10));
  });

  it("is the designer's to weigh, and its dividends, until a provider holds the coin", () => {
    const world = worldOf({ emission: 100, noise: 0 }, []);
    const first = world.step({ work: work(1, 3) }).postings;
    expect([...amounts(first, "dividends of validators").keys()]).toEqual([exampleAccounts.designers]);
    const second = world.step({ work: work(1, 3) }).postings;
    expect([...amounts(second, "dividends of validators").keys()].sort()).toEqual([0, 1]);
  });

  it("quotes what work then earns, at the coin's price", () => {
    const changes = { emission: 50, coinPrice: "$3", coinPriceGrowth: "20 %/y", noise: 0 };
    const world = worldOf(changes, [1e9, 0, 0, 0]);
    const recentWork = Float64Array.of(80);
    const { offer, postings } = world.step({ epoch: 365.25, work: work(0, 20, 60), situation: { recentWork } });
    const coins = (amounts(postings, "emission to miners").get(2) ?? 0) / 1e8;
    expect(offer.coinPerWork[0] * 60).toBeCloseTo(coins * 3 * Math.exp(0.2), 6);
  });

  it("quotes for the pace of the target before anybody works, and for no less than a hundredth of it after a pause", () => {
    const world = worldOf({ emission: 50, coinPrice: "$2" }, []);
    const quoted = (recentWork: number) =>
      world.quote({ situation: { recentWork: Float64Array.of(recentWork) } }).coinPerWork[0];
    // A target of 1,000 PFLOP within 1,000 epochs.
    expect(quoted(0)).toBeCloseTo(0.41 * 50 * 2, 6);
    expect(quoted(1e-6)).toBeCloseTo(0.41 * 50 * 200, 4);
  });

  it("does not happen where nobody mines or the model is done, and takes the miners with most work", () => {
    const world = worldOf({ miners: 2, noise: 0 }, [1e9, 0, 0, 0]);
    expect(world.step({}).postings).toEqual([]);
    expect(world.step({ work: work(1), situation: { training: Uint8Array.of(0) } }).postings).toEqual([]);
    const paid = amounts(world.step({ work: work(3, 5, 1, 4) }).postings, "emission to miners");
    expect([...paid.keys()]).toEqual([1, 3]);
    const names = world.step({
      work: [{ account: 0, model: 0, quantity: 8, identities: 2 }, ...work(3, 5, 1, 3).slice(1)],
    }).postings;
    // Names of 5, 4 and 4: the two best are account 1 and one of account 0.
    expect([...amounts(names, "emission to miners").keys()]).toEqual([1, 0]);
  });

  it("carries bonds by validator and miner, whoever comes and goes", () => {
    const world = worldOf({ emission: 1, noise: 0, bondAlpha: 0.25, validators: 2 }, [3e15, 1e15, 0, 0]);
    world.step({ work: work(0, 0, 1) });
    world.step({ work: work(0, 0, 1, 1) });
    const { markets } = world.state as YumaConsensusState;
    expect([...markets[0].validator]).toEqual([0, 1]);
    // In the first miner the whole bond, in the newcomer a quarter of it.
    const bonds = [0.75, 0.75 * 0.25, 0.25, 0.25 * 0.25];
    for (const [index, bond] of bonds.entries()) expect(markets[0].bonds[index]).toBeCloseTo(bond, 6);
    world.step({ work: work(0, 0, 0, 1) });
    const after = (world.state as YumaConsensusState).markets[0];
    expect(after.miner).toHaveLength(1);
    expect(after.bonds[0]).toBeCloseTo(0.75 * (0.25 + 0.75 * 0.25), 6);
  });
});

describe("weight copying", () => {
  /**
   * Dividends per stake of provider 0, who copies, over those of the honest 1 and 2, in the epochs around a switch: the
   * miners 2 and 3 change places as the better one halfway, and every `period` epochs after that.
   */
  function advantage(
    { revealEpochs, noise, seed, copier }: { revealEpochs: number; noise: number; seed: number; copier: number },
    changes: object = {},
  ): number {
    const stakes = [copier, (1 - copier) * 0.4, (1 - copier) * 0.6, 0].map((part) => Math.round(part * 4e15));
    // The first draws are 0, 1/4, 1/2, 3/4: only provider 0 is below the share that copies.
    const spec = { emission: 1, copyingShare: 0.1, noise, revealEpochs, validators: 3, ...changes };
    const world = worldOf(spec, stakes, seed);
    const earned = new Float64Array(3);
    for (let epoch = 0; epoch < 48; epoch++) {
      const isSwitched = Math.floor(epoch / 12) % 2 === 1;
      const { postings } = world.step({ work: work(0, 0, isSwitched ? 1 : 9, isSwitched ? 9 : 1) });
      for (const [account, units] of amounts(postings, "dividends of validators")) earned[account] += units;
    }
    return earned[0] / stakes[0] / ((earned[1] + earned[2]) / (stakes[1] + stakes[2]));
  }

  const worlds = fc.record({
    noise: fc.double({ min: 0.02, max: 0.5, noNaN: true }),
    seed: fc.integer({ min: 1, max: 1e6 }),
    copier: fc.double({ min: 0.02, max: 0.3, noNaN: true }),
  });
  const bondAlphas = fc.double({ min: 0.05, max: 1, noNaN: true });

  it("pays more than honest work where weights are seen at once, even though miners switch", () => {
    fc.assert(
      fc.property(worlds, bondAlphas, (world, bondAlpha) => {
        expect(advantage({ ...world, revealEpochs: 0 }, { bondAlpha })).toBeGreaterThan(1);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it("pays less where they are revealed some epochs later", () => {
    fc.assert(
      fc.property(worlds, bondAlphas, fc.integer({ min: 1, max: 6 }), (world, bondAlpha, revealEpochs) => {
        expect(advantage({ ...world, revealEpochs }, { bondAlpha })).toBeLessThan(1);
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  it("pays as much as honest work with relative bonds, and less once weights are revealed later", () => {
    fc.assert(
      fc.property(worlds, bondAlphas, fc.integer({ min: 1, max: 6 }), (world, bondAlpha, revealEpochs) => {
        const changes = { bondAlpha, bonds: "relative" };
        expect(Math.abs(advantage({ ...world, revealEpochs: 0 }, changes) - 1)).toBeLessThan(0.02);
        expect(advantage({ ...world, revealEpochs }, changes)).toBeLessThan(1);
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  it("is not deterred by late reveals where slow bonds follow weights as they were set", () => {
    // Between switches, bonds in the miner that comes back are worth more than agreement with the others.
    for (const seed of [1, 2, 3]) {
      const world = { noise: 0.05, seed, copier: 0.1, revealEpochs: 6 };
      expect(advantage(world, { bondPenalty: 0, bondAlpha: 0.05 })).toBeGreaterThan(1.2);
    }
  });
});
