import { exampleAccounts, exampleWorld } from "@shardlab/testing";
import { describe, expect, it } from "vitest";
import { dataShapley, dataShapleySpec } from "./data-shapley.ts";

const { designers, treasuries } = exampleAccounts;
const people = { providers: { first: 0, count: 2 }, dataProviders: { first: 2, count: 4 } };

/** A tenth to design, two fifths to data, half to compute; pays out every day, unless told otherwise. */
const shared = (changes: object) =>
  dataShapley(
    dataShapleySpec.parse({
      ...{ kind: "data-shapley", designShare: 0.1, dataShare: 0.4, settlement: "1 d", matchOutlay: false },
      ...changes,
    }),
  );

/** Dollars of both workers, of all data providers and of the designer, once $100 have come in. */
function paid(changes: object, tokens: readonly number[], work: readonly number[] = [3, 1]): number[] {
  const world = exampleWorld(shared(changes), people);
  world.step({
    work: work.map((quantity, account) => ({ account, model: 0, quantity })),
    data: tokens.map((quantity, index) => ({ account: 2 + index, model: 0, quantity })),
  });
  world.step({ revenueDollars: [100] });
  expect(world.cash(treasuries)).toBe(0);
  return [0, 1, 2, 3, 4, 5, designers].map((account) => world.cash(account) / 1e6);
}

/** v(S) of three providers: `useful` brings 6, `copy` the same, `noise` takes 1 away. */
const withCopy = [0, 6, 6, 6, -1, 5, 5, 5];

describe("revenue", () => {
  it("is shared between compute by work, data by contribution, and design", () => {
    // phi of the copies: 3 each, of noise -1; v(N) = 5, so that 6 shares out $40.
    expect(paid({ values: withCopy }, [10, 20, 30])).toEqual([37.5, 12.5, 20, 20, 0, 0, 10]);
  });

  it("pays copies nothing by leave-one-out, and says who keeps it", () => {
    expect(paid({ values: withCopy, method: "leave-one-out" }, [10, 20, 30])).toEqual([37.5, 12.5, 0, 0, 0, 0, 50]);
    // Without its copy the useful text has all of it.
    expect(paid({ values: withCopy, method: "leave-one-out" }, [10])).toEqual([37.5, 12.5, 40, 0, 0, 0, 10]);
  });

  it("is not proof against several names: a copy at a place of its own may bring its owner more", () => {
    // Any one of three equal texts brings 6. Alone against one other, its owner has half; with two names against it, two thirds.
    const values = [0, 6, 6, 6, 6, 6, 6, 6];
    const [one, two] = [paid({ values }, [10, 10]), paid({ values }, [10, 10, 10])];
    expect(one[2]).toBe(20);
    expect(two[2] + two[4]).toBeCloseTo(80 / 3, 5);
  });

  it("goes by what data did, and not by its tokens, where providers are alone at their place", () => {
    const [few, many] = [paid({ values: [0, 1, 3, 4] }, [1, 1e6]), paid({ values: [0, 1, 3, 4] }, [1e6, 1])];
    expect(few.slice(2, 4)).toEqual([10, 30]);
    expect(many.slice(2, 4)).toEqual([10, 30]);
  });

  it("is the designer's where nobody has worked or delivered", () => {
    expect(paid({ values: withCopy }, [], [])).toEqual([0, 0, 0, 0, 0, 0, 100]);
    expect(paid({ values: withCopy }, [10], [])).toEqual([0, 0, 40, 0, 0, 0, 60]);
  });

  it("by the measured table: copies alike, and noise nothing", () => {
    const world = exampleWorld(shared({}), {
      ...people,
      providers: { first: 0, count: 0 },
      dataProviders: { first: 0, count: 6 },
    });
    world.step({ data: [0, 1, 2, 3, 4, 5].map((account) => ({ account, model: 0, quantity: 100 })) });
    world.step({ revenueDollars: [100] });
    const [late, copy, novel, early, code, noise] = [0, 1, 2, 3, 4, 5].map(world.cash);
    expect(Math.abs(late - copy)).toBeLessThanOrEqual(1);
    expect(noise).toBe(0);
    expect(novel).toBeGreaterThan(late);
    for (const each of [late, early, code]) expect(each).toBeGreaterThan(0);
    expect(late + copy + novel + early + code).toBeGreaterThanOrEqual(40e6 - 6);
  });
});

describe("specifications", () => {
  const messageOf = (changes: object): string =>
    dataShapleySpec.safeParse({ kind: "data-shapley", ...changes }).error?.message ?? "";

  it("are refused with what is wrong", () => {
    expect(messageOf({ designShare: 0.6, dataShare: 0.5 })).toContain("shares sum to more than 1: 1.1");
    expect(messageOf({ values: [0, 1, 2, 3, 4] })).toContain("expected 2^n values");
    expect(messageOf({ values: [0, 1, 2, 3, 4] })).toContain("such as 4 or 8; found 5");
    expect(messageOf({ method: "banzhaf" })).toContain("leave-one-out");
    expect(messageOf({ designShare: 1.2 })).toContain("expected a share between 0 and 1");
    expect(messageOf({ pairs: 3 })).not.toBe("");
    expect(messageOf({ declared: [1] })).toContain("declared");
    expect(messageOf({ designShare: "10 %", dataShare: "90 %" })).toBe("");
  });
});
