import { exampleAccounts, exampleWorld } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { issuanceBetween, type ProofOfWorkState, proofOfWork, proofOfWorkSpec, subsidyAt } from "./proof-of-work.ts";

const parse = (changes: object = {}) => proofOfWorkSpec.parse({ kind: "proof-of-work", ...changes });
const coin = 1;

/** A chain that is fed `workPerDay[epoch]` PFLOP by one provider; states after each epoch. */
function mined(changes: object, workPerDay: readonly number[]) {
  const world = exampleWorld(proofOfWork(parse(changes)));
  return workPerDay.map((quantity) => {
    world.step({ work: [{ account: 0, model: 0, quantity }] });
    return { ...(world.state as ProofOfWorkState), coins: world.ledger.exactBalance(0, coin) };
  });
}

describe("issuance", () => {
  it.each([
    [2 ** 51, 1],
    [1, 2 ** 51],
    [2 ** 21, 2 ** 30],
  ])(
    "stays exact with the largest subsidy (%d) that there may be before a halving every %d blocks",
    (subsidy, halvingBlocks) => {
      const spec = parse({ subsidy, halvingBlocks });
      expect(issuanceBetween(spec, 0, Number.MAX_VALUE)).toBeLessThanOrEqual(2n ** 52n);
      const coins = mined({ subsidy, halvingBlocks, workPerBlock: 1e-9, retargetBlocks: 1e9 }, [100, 5]).at(-1)?.coins;
      expect(coins).toBeLessThanOrEqual(2n ** 52n);
      const all = { path: ["subsidy"], message: "too large: expected at most 2251799813685248 / halvingBlocks" };
      const refused = proofOfWorkSpec.safeParse({
        ...spec,
        kind: "proof-of-work",
        coinPrice: "$1",
        blockTime: "600 s",
        coinPriceGrowth: "0 %/y",
        halvingBlocks: 2 * halvingBlocks,
      });
      expect(refused.error?.issues).toMatchObject([all]);
    },
  );

  it("is 20,999,999.9769 BTC in all", () => {
    expect(issuanceBetween(parse(), 0, 64 * 210_000)).toBe(2_099_999_997_690_000n);
    // The last reward is one unit, in the era of halving 32; after it there is nothing.
    expect(issuanceBetween(parse(), 33 * 210_000, 99 * 210_000)).toBe(0n);
    expect(subsidyAt(parse(), 33 * 210_000 - 1)).toBe(1);
  });

  it("halves at the height, not before", () => {
    const heights = [0, 209_999, 210_000, 419_999, 420_000, 10 ** 9];
    expect(heights.map((height) => subsidyAt(parse(), height))).toEqual([5e9, 5e9, 25e8, 25e8, 125e7, 0]);
  });

  it("is the sum of the rewards of its blocks", () => {
    const chains = fc.record({
      subsidy: fc.integer({ min: 1, max: 1000 }),
      halvingBlocks: fc.integer({ min: 1, max: 50 }),
      from: fc.integer({ min: 0, max: 300 }),
      blocks: fc.integer({ min: 0, max: 300 }),
    });
    const agrees = ({
      from,
      blocks,
      ...chain
    }: {
      subsidy: number;
      halvingBlocks: number;
      from: number;
      blocks: number;
    }) => {
      let sum = 0;
      for (let height = from; height < from + blocks; height++) {
        let reward = chain.subsidy;
        for (let halving = 1; halving <= height / chain.halvingBlocks; halving++) reward = Math.floor(reward / 2);
        sum += reward;
      }
      expect(issuanceBetween(chain, from, from + blocks)).toBe(BigInt(sum));
    };
    fc.assert(fc.property(chains, agrees), { numRuns: 200, seed: 1 });
  });
});

describe("mining", () => {
  it("finds 144 blocks a day at the intended rate, across retargets that fall on the end of an epoch", () => {
    const states = mined({ workPerBlock: 1000 }, new Array(60).fill(144_000));
    for (const [day, { height, partialBlock, workPerBlock, coins }] of states.entries()) {
      expect(height + partialBlock).toBeCloseTo(144 * (day + 1), 6);
      expect(workPerBlock).toBeCloseTo(1000, 6);
      expect(coins).toBe(BigInt(height) * 5_000_000_000n);
    }
  });

  it("raises the difficulty by at most 4 and then to where a block takes its time", () => {
    // Blocks of a hundredth of the day's work: 144 take 0.01 d, then 0.04, 0.16 and 0.64 d, and after 0.85 d they take a day.
    const [first, second] = mined({ retargetBlocks: 144, workPerBlock: 1000 }, [14_400_000, 14_400_000]);
    expect(first.workPerBlock).toBeCloseTo(100_000, 6);
    expect(first.height + first.partialBlock).toBeCloseTo(4 * 144 + 0.15 * 144, 8);
    expect(second.height + second.partialBlock).toBeCloseTo(5 * 144 + 0.15 * 144, 8);
    expect(second.workPerBlock).toBeCloseTo(100_000, 6);
  });

  it("lowers the difficulty by at most 4, too", () => {
    // A hundredth of the intended rate: 144 blocks take 100 d, then 25, 6.25 and 1.5625 d: 132.8125 d in all.
    const states = mined({ retargetBlocks: 144, workPerBlock: 1000 }, new Array(140).fill(1440));
    expect(states[98].workPerBlock).toBe(1000);
    expect(states[100].workPerBlock).toBeCloseTo(250, 9);
    expect(states[125].workPerBlock).toBeCloseTo(62.5, 9);
    expect(states[132].workPerBlock).toBeCloseTo(10, 9);
    expect(states[139].height + states[139].partialBlock).toBeCloseTo(4 * 144 + (140 - 132.8125) * 144, 6);
  });

  it("finds the blocks that a miner would who goes from block to block", () => {
    const workPerDay = Array.from({ length: 90 }, (_, day) => 100_000 * 1.07 ** day * (day % 11 === 3 ? 0.01 : 1));
    const states = mined({ retargetBlocks: 300, workPerBlock: 800 }, workPerDay);
    expect(states.map(({ height }) => height)).toEqual(heightsBlockByBlock(workPerDay, 300, 800));
  });

  it("lets time pass without work, which the next retarget counts", () => {
    const [, , last] = mined({ retargetBlocks: 144, workPerBlock: 1000 }, [0, 0, 216_000]);
    // 144 blocks took 2 d and 2/3 d, so that difficulty falls to 3/8; the next 144 take 1/4 d and it rises fourfold, and the
    // 1/12 d that is left is worth 12 blocks.
    expect(last.workPerBlock).toBeCloseTo(1500, 9);
    expect(last.height + last.partialBlock).toBeCloseTo(144 + 144 + 12, 9);
  });

  it("retargets where an epoch ends on the very block", () => {
    const spec = parse({ retargetBlocks: 100, blockTime: "1024 s", workPerBlock: 1024 });
    const world = exampleWorld(proofOfWork(spec), { epochSeconds: 102_400 });
    const paths = [102_400, 204_800, 204_800].map((quantity) => {
      world.step({ work: [{ account: 0, model: 0, quantity }] });
      const { height, workPerBlock } = world.state as ProofOfWorkState;
      return [height, workPerBlock];
    });
    // Powers of two, so exact: the first epoch is on time, and half into the second the work has doubled.
    expect(paths).toEqual([
      [100, 1024],
      [250, 2048],
      [350, 2048],
    ]);
  });

  it.each([
    [
      [1, 1, 1],
      [4, 3, 3],
    ],
    [
      [5, 3, 2],
      [5, 3, 2],
    ],
    [
      [1, 2, 4],
      [1, 3, 6],
    ],
    [
      [0, 7, 0],
      [0, 10, 0],
    ],
  ])("splits ten units over work %j by largest remainder: %j", (work, units) => {
    const workPerBlock = work.reduce((sum, quantity) => sum + quantity, 0);
    const world = exampleWorld(proofOfWork(parse({ subsidy: 10, workPerBlock })));
    world.step({ work: work.map((quantity, account) => ({ account, model: 0, quantity })) });
    expect([0, 1, 2].map((account) => world.ledger.balance(account, coin))).toEqual(units);
    expect(world.ledger.balance(exampleAccounts.issuer, coin)).toBe(-10);
  });

  it("quotes the expected reward at the coin's price, for work that trains nothing", () => {
    const spec = parse({ coinPrice: "$2", coinPriceGrowth: "10 %/y", workPerBlock: 500, halvingBlocks: 144 });
    const world = exampleWorld(proofOfWork(spec), { targetWork: [10, 10] });
    const { offer } = world.step({ work: [{ account: 0, model: 0, quantity: 500 * 144 }] });
    expect(offer.coinPerWork[0]).toBeCloseTo((50 * 2) / 500, 12);
    expect([...offer.access, ...offer.usefulShare, offer.coinPerWork[1]]).toEqual([1, 0, 0, 0, 0]);
    const halved = world.quote({ epoch: 730.5 }).coinPerWork[0];
    expect(halved).toBeCloseTo((25 * 2 * Math.exp(0.2)) / 500, 12);
  });
});

/** Heights after each day, found one block at a time on the axis of work done so far. */
function heightsBlockByBlock(workPerDay: readonly number[], retargetBlocks: number, workPerBlock: number): number[] {
  const intended = retargetBlocks * 600;
  let difficulty = workPerBlock;
  let [height, missing, time, retargetedAt] = [0, workPerBlock, 0, 0];
  return workPerDay.map((work, day) => {
    const perSecond = work / 86_400;
    for (;;) {
      const found = time + missing / perSecond;
      const evening = (day + 1) * 86_400;
      if (found > evening) {
        missing -= (evening - time) * perSecond;
        time = evening;
        return height;
      }
      time = found;
      height += 1;
      if (height % retargetBlocks === 0) {
        difficulty *= Math.min(4, Math.max(1 / 4, intended / (time - retargetedAt)));
        retargetedAt = time;
      }
      missing = difficulty;
    }
  });
}
