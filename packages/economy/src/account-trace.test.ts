import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { describe, expect, test } from "vitest";
import { causeOf } from "./account-causes.ts";
import type { Scene } from "./account-scene.ts";
import { type AccountTrace, traceAccount } from "./account-trace.ts";
import { economyWith } from "./fixtures/small-economy.ts";
import { replayEconomy } from "./replay.ts";

const spec = economyWith({ shocks: "expected" });
const make = (input: unknown) => createMechanism(mechanismSpec.parse(input));
const owners = () => make({ kind: "protocol-models", settlement: "1 d", exclusive: "0 s" });
const grants = () => make({ kind: "grant", delay: "10 d", term: "60 d", approval: 1 });

function traced(mechanism: ReturnType<typeof make>, account: string, epoch: number): AccountTrace {
  const trace = traceAccount(spec, mechanism, { seed: 4, account, epoch });
  if (typeof trace === "string") throw new Error(trace);
  return trace;
}

/** Those at work in an epoch, by asking everybody. */
function workers(mechanism: () => ReturnType<typeof make>, epoch: number, most: number): AccountTrace[] {
  const found: AccountTrace[] = [];
  for (let provider = 0; provider < 60 && found.length < most; provider++) {
    const trace = traced(mechanism(), String(provider), epoch);
    if (trace.deliveries.length > 0) found.push(trace);
  }
  return found;
}

const rate = (trace: AccountTrace, name: string): number =>
  trace.rates.find((one) => one.rate === name)?.value ?? Number.NaN;

describe("a trace of an account", () => {
  test("explains a wage by work and rate, to the micro-dollar", () => {
    const found = workers(grants, 30, 3);
    expect(found.length).toBe(3);
    for (const trace of found) {
      const [{ quantity, share, kind }] = trace.deliveries;
      const wage = trace.postings.find(({ reason }) => reason === "pay for work");
      expect([kind, wage?.cause, wage?.counterparty]).toEqual(["work", "rate", "treasury/toy"]);
      expect(wage?.amount).toBeCloseTo(quantity * rate(trace, "cashPerWork"), 5);
      expect(wage?.share).toBeCloseTo(share, 5);
    }
  });

  test("explains ownership by work and rate, and revenue by ownership and what was promised", () => {
    const [worker] = workers(owners, 20, 1);
    const granted = worker.postings.find(({ asset }) => asset === "ownership/toy");
    const units = Math.floor(worker.deliveries[0].quantity * rate(worker, "claimPerWork"));
    expect([granted?.amount, granted?.cause, granted?.counterparty]).toEqual([units, "rate", "issuer"]);
    const later = traced(owners(), worker.account, 150);
    const [{ share, promisedShare, revenueDollars }] = later.ownership;
    const paid = later.postings.find(({ reason }) => reason === "revenue share of compute");
    expect(paid?.cause).toBe("ownership");
    expect(paid?.amount).toBeGreaterThan(0);
    expect(paid?.amount).toBeCloseTo(share * promisedShare * revenueDollars, 4);
  });

  test("explains cash by what the only owner owns, and units by no ownership", () => {
    const books = { cash: 0, coin: 1, customers: 7, vault: 8, utility: 9 };
    const scene = { books, models: ["toy"], offer: undefined } as unknown as Scene;
    const owned = { asset: "ownership/toy", units: 5, share: 1, promisedShare: 0.9, revenueDollars: 1 };
    const causeIn = (asset: number) =>
      causeOf(scene, { reason: "paid", asset, counterparty: 6, amount: 3, pot: 3, share: 1 }, [], [owned]).cause;
    expect([causeIn(0), causeIn(2)]).toEqual(["ownership", "other"]);
  });

  test("explains an equal split by names, and no wealth at the start by work", () => {
    const split = () => make({ kind: "equal-epoch-split", dataShare: 0 });
    for (const trace of workers(split, 10, 2)) {
      const part = trace.postings.find(({ reason }) => reason === "equal part of the epoch");
      expect(["names", "rate"]).toContain(part?.cause);
      if (part?.cause === "names") expect(part.formula).toMatch(/^1 of \d+ names at work for toy$/);
    }
    // Where fewer came than the offer reckoned with, the rate is not what is paid.
    const [first] = [0, 1, 2, 3, 4, 5, 6].flatMap((epoch) => workers(split, epoch, 1));
    expect(first.postings.find(({ reason }) => reason === "equal part of the epoch")?.cause).toBe("names");
    const opening = traced(split(), first.account, 0).postings.find(({ reason }) => reason === "wealth at the start");
    expect(opening?.cause).toBe("other");
  });

  test("explains stake by work and what was asked for it", () => {
    const staked = () => make({ kind: "slashing", of: { kind: "spot-rental" } });
    const [worker] = workers(staked, 0, 1);
    const lock = worker.postings.find(({ counterparty }) => counterparty === "vault");
    expect(lock).toMatchObject({
      reason: "stake",
      cause: "stake",
      formula: expect.stringMatching(/^locked: .* PFLOP × /),
    });
    expect(lock?.amount).toBeCloseTo(-worker.deliveries[0].quantity * rate(worker, "stakePerWork"), 5);
  });

  test("has postings that lead from the balance before to the balance after", () => {
    const [{ account }] = workers(owners, 20, 1);
    const cash = (epoch: number) => traced(owners(), account, epoch).postings.filter(({ unit }) => unit === "$");
    const [before, after] = [cash(20), cash(21)].map((postings) => postings.at(-1)?.balance ?? Number.NaN);
    const moved = cash(21).reduce((sum, { amount }) => sum + amount, 0);
    expect(after).toBeCloseTo(before + moved, 5);
  });

  test("adds up what moved an account of many postings as a replay does", () => {
    const { postings } = traced(grants(), "treasury/toy", 30);
    const { movements } = replayEconomy(spec, grants(), { seed: 4, untilSeconds: 31 * 86_400 });
    const wages = movements.find(({ account, reason }) => account === "treasury/toy" && reason === "pay for work");
    const sum = postings.reduce((total, { reason, amount }) => total + (reason === "pay for work" ? amount : 0), 0);
    expect(sum).toBeLessThan(0);
    expect(sum).toBeCloseTo(wages?.amount ?? Number.NaN, 5);
  });

  test("leaves the trace of the run as it is", () => {
    const { checkpoints } = traced(owners(), "0", 70);
    const replay = replayEconomy(spec, owners(), { seed: 4, untilSeconds: 71 * 86_400 });
    expect(checkpoints).toEqual(replay.checkpoints);
  });

  test.each([
    ["provider 17", "provider/17"],
    ["provider/17", "provider/17"],
    ["17", "provider/17"],
    ["designer toy", "designer/toy"],
    ["data-provider/2", "data-provider/2"],
    ["sponsor", "sponsor"],
  ])("knows %s", (text, name) => {
    expect(traced(grants(), text, 0).account).toBe(name);
  });

  test.each([
    ["provider/60", 5, /unknown account: provider\/60 \(expected provider\/0 to provider\/59, data-provider\/0 to/],
    ["someone", 5, /unknown account: someone/],
    ["999", 5, /a number below \d+/],
    ["0", 300, /unknown epoch: 300 \(expected 0 to 299\)/],
    ["0", 1.5, /unknown epoch: 1.5/],
  ])("does not know %s in epoch %s", (account, epoch, message) => {
    expect(traceAccount(spec, grants(), { seed: 4, account, epoch })).toMatch(message);
  });
});
