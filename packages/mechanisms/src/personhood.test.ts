import type { Mechanism, MechanismContext } from "@shardlab/contracts";
import { exampleAccounts, exampleWorld, mechanismClaims } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMechanism, mechanismSpec } from "./registry.ts";

const { sponsor, suppliers, vault } = exampleAccounts;
const equal = { kind: "equal-epoch-split", dataShare: 0, term: "10 d" };
const personhood = (changes: object = {}, of: object = equal): Mechanism =>
  createMechanism(
    mechanismSpec.parse({ kind: "personhood", undetected: 0, refused: 0, onboarding: "$0", of, ...changes }),
  );
const row = (account: number, identities = 1, quantity = 1, model = 0) => ({ account, model, quantity, identities });
const persons = (...personOf: number[]): Partial<MechanismContext> => ({ personOf: Int32Array.from(personOf) });

describe("personhood", () => {
  it("counts the names of one account as one", () => {
    const world = exampleWorld(personhood());
    world.step({ work: [row(0, 50), row(1, 2), row(2)] });
    expect([0, 1, 2].map(world.cash)).toEqual([3_333_333, 3_333_333, 3_333_333]);
  });

  it("counts the accounts of one person as one, of which the first is paid", () => {
    const world = exampleWorld(personhood(), persons(0, 7, 0, 0));
    world.step({ work: [row(0), row(1), row(2), row(3)] });
    expect([0, 1, 2, 3].map(world.cash)).toEqual([5_000_000, 5_000_000, 0, 0]);
    world.step({ work: [row(3), row(1)] });
    expect(world.cash(0)).toBe(10_000_000);
  });

  it("adds up the work of one person, so that work is paid as ever", () => {
    const of = { kind: "protocol-models", earlyWeight: 0, matchOutlay: false, uptimeWorkPerHour: 1 };
    const world = exampleWorld(personhood({}, of), persons(0, 0, 1, 1));
    world.step({ work: [row(0, 3, 10), row(1, 9, 5), row(3, 1, 2)] });
    // A PFLOP an hour for a person, and a thousand units a PFLOP.
    expect([0, 1, 2, 3].map((account) => world.ledger.balance(account, 2))).toEqual([39_000, 0, 26_000, 0]);
  });

  it("counts a person once for each model", () => {
    const world = exampleWorld(personhood(), { ...persons(0, 0, 1, 1), targetWork: [500, 500] });
    world.step({ work: [row(0), row(1, 4, 1, 1), row(2), row(3, 4, 1, 1)] });
    expect([0, 1, 2, 3].map(world.cash)).toEqual([5_000_000, 0, 5_000_000, 0]);
  });

  it("lets a share of duplicates pass, on average over accounts", () => {
    // With draws spread evenly over [0, 1), names among n others take (1 + u (k - 1)) / (n + 1 + u (k - 1)) on average.
    const shares = fc.record({
      undetected: fc.double({ min: 0, max: 1, noNaN: true }),
      names: fc.integer({ min: 1, max: 40 }),
    });
    const passes = ({ undetected, names }: { undetected: number; names: number }) => {
      const draws = 64;
      let counted = 0;
      for (let draw = 0; draw < draws; draw++) {
        const world = exampleWorld(personhood({ undetected }), { uniform: () => (draw + 0.5) / draws });
        world.step({ work: [row(0, names), row(1)] });
        counted += world.cash(0) / world.cash(1);
      }
      expect(counted / draws).toBeCloseTo(1 + undetected * (names - 1), 1);
    };
    fc.assert(fc.property(shares, passes), { seed: 18, numRuns: 60 });
  });

  it("lets accounts of one person pass by their own draws", () => {
    // Draw 64 + 2 i decides whether account i passes.
    const uniform = (draw: number): number => (draw === 64 + 2 * 2 ? 0.01 : 0.9);
    const world = exampleWorld(personhood({ undetected: 0.05 }), { ...persons(0, 0, 0, 3), uniform });
    world.step({ work: [row(0), row(1), row(2), row(3)] });
    expect([0, 1, 2, 3].map(world.cash)).toEqual([3_333_333, 0, 3_333_333, 3_333_333]);
  });

  it("pays nothing to whom it refuses, whatever they are called, and quotes what is left on average", () => {
    const uniform = (draw: number): number => (draw === 64 + 1 ? 0.01 : 0.9);
    const world = exampleWorld(personhood({ refused: 0.2 }), { ...persons(0, 0, 1, 2), uniform });
    // A quarter of $10 for each of four.
    expect(world.quote({}).cashPerIdentity[0]).toBeCloseTo(0.8 * 2.5, 12);
    world.step({ work: [row(0), row(1), row(2), row(3)] });
    expect([0, 1, 2, 3].map(world.cash)).toEqual([0, 0, 5_000_000, 5_000_000]);
  });

  it("has the sponsor pay the onboarding of each person once", () => {
    const world = exampleWorld(personhood({ onboarding: "$5" }), persons(0, 0, 1, 2));
    world.step({ work: [row(0), row(1), row(2)] });
    world.step({ work: [row(0), row(3)] });
    world.step({ work: [row(1)] });
    expect([world.cash(suppliers), world.cash(sponsor)]).toEqual([15_000_000, -115_000_000]);
  });

  it("lets audits find the person behind an account", () => {
    const of = { kind: "slashing", payMultiple: 0, perWork: "$1", of: equal };
    const world = exampleWorld(personhood({}, of), persons(0, 0, 1, 2));
    world.ledger.postBatch({ reason: "wealth", asset: 0, from: 12, to: 0, amount: Float64Array.of(8_000_000) });
    world.step({ work: [row(0)], verdicts: [row(1, 1, 5)] });
    // The person locks $6 for both and loses the $5 of the bad work.
    expect(world.cash(vault)).toBe(1_000_000);
  });
});

describe("what personhood claims", () => {
  it("is Sybil-proofness where no duplicate passes, which the equal split alone does not have", () => {
    const plan = { seed: 5, providers: 4, dataProviders: 1, models: 2, horizonEpochs: 8, epochDays: 7 };
    const bare = () => createMechanism(mechanismSpec.parse(equal));
    expect(personhood().claims).toContain("sybil-proofness");
    for (let seed = 0; seed < 20; seed++) {
      mechanismClaims["sybil-proofness"](() => personhood(), { ...plan, seed });
    }
    const isBroken = Array.from({ length: 20 }, (_, seed) => seed).some((seed) => {
      try {
        mechanismClaims["sybil-proofness"](bare, { ...plan, seed });
        return false;
      } catch {
        return true;
      }
    });
    expect(isBroken).toBe(true);
  });

  it("does not outlast errors", () => {
    expect(personhood({ undetected: 0.01 }).claims).not.toContain("sybil-proofness");
    for (const changes of [{ undetected: 0.01 }, { refused: 0.01 }]) {
      expect(personhood(changes).claims).not.toContain("symmetry");
    }
    expect(personhood().claims).toContain("symmetry");
    expect(personhood({}, { kind: "gauntlet" }).claims).not.toContain("sybil-proofness");
  });
});
