import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bearableStake,
  deterringAuditRate,
  deterringShare,
  expectedGains,
  type InspectionGame,
  minimumStake,
  participates,
  simultaneousEquilibrium,
} from "./inspection-game.ts";

const unit = fc.double({ min: 0.01, max: 1, noNaN: true });
const dollars = fc.double({ min: 0.01, max: 1e4, noNaN: true });

const games: fc.Arbitrary<InspectionGame> = fc
  .record({
    costDollars: dollars,
    costSaved: unit,
    payDollars: dollars,
    stakeDollars: fc.double({ min: 0, max: 1e5, noNaN: true }),
    detection: unit,
    falseShare: fc.oneof(fc.constant(0), fc.double({ min: 1e-3, max: 0.9, noNaN: true })),
    ownShare: fc.double({ min: 0, max: 1, noNaN: true }),
    damageDollars: fc.double({ min: 0, max: 1e4, noNaN: true }),
  })
  .map(({ falseShare, ...game }) => ({ ...game, falsePositive: falseShare * game.detection }));

/** The game played out: every outcome with its probability, written down separately from the formulas. */
function playedOut(game: InspectionGame, auditRate: number, cheats: boolean): number {
  const { costDollars, costSaved, payDollars, stakeDollars, detection, falsePositive, ownShare, damageDollars } = game;
  const found = auditRate * (cheats ? detection : falsePositive);
  const spent = cheats ? costDollars - costSaved * costDollars + ownShare * damageDollars : costDollars;
  return found * (-stakeDollars - spent) + (1 - found) * (payDollars - spent);
}

describe("commitment", () => {
  it("has the gains of the game played out", () => {
    fc.assert(
      fc.property(games, unit, (game, rate) => {
        const { honest, cheating } = expectedGains(game, rate);
        const scale = game.payDollars + game.stakeDollars + game.costDollars + game.damageDollars;
        expect(Math.abs(honest - playedOut(game, rate, false))).toBeLessThan(1e-12 * scale);
        expect(Math.abs(cheating - playedOut(game, rate, true))).toBeLessThan(1e-12 * scale);
      }),
    );
  });

  it("deters from the threshold on and not within one per cent below it", () => {
    fc.assert(
      fc.property(games, (game) => {
        const threshold = deterringAuditRate(game);
        const gain = (rate: number) => playedOut(game, rate, true) - playedOut(game, rate, false);
        if (threshold === 0) expect(gain(0)).toBeLessThanOrEqual(1e-9);
        else if (threshold < 0.99) {
          expect(gain(1.01 * threshold)).toBeLessThan(0);
          expect(gain(0.99 * threshold)).toBeGreaterThan(0);
        } else if (threshold > 1.01) expect(gain(1)).toBeGreaterThan(0);
      }),
      { numRuns: 1000, seed: 711 },
    );
  });

  it("has a least stake, on both sides of which it is tried", () => {
    fc.assert(
      fc.property(games, unit, (game, rate) => {
        const least = minimumStake(game, rate);
        const gain = (stakeDollars: number) =>
          playedOut({ ...game, stakeDollars }, rate, true) - playedOut({ ...game, stakeDollars }, rate, false);
        expect(Number.isFinite(least)).toBe(true);
        expect(gain(1.01 * least + 1e-9 * (1 + least + game.payDollars))).toBeLessThanOrEqual(1e-9 * game.costDollars);
        if (least > 1e-6 * game.payDollars) expect(gain(0.99 * least)).toBeGreaterThan(0);
      }),
      { numRuns: 1000, seed: 711 },
    );
    const blind = { ...sample, detection: 0.2, falsePositive: 0.2 };
    expect([deterringAuditRate(blind), minimumStake(blind, 0.5)]).toEqual([Infinity, Infinity]);
  });

  it("is worth taking part in up to a stake that false positives bound", () => {
    fc.assert(
      fc.property(games, unit, dollars, (game, rate, wealth) => {
        const most = bearableStake(game, rate, wealth);
        const isWorth = (stakeDollars: number) => participates({ ...game, stakeDollars }, rate, wealth);
        if (most > 0) expect(isWorth(0.99 * most)).toBe(true);
        if (most >= 0) expect(isWorth(1.01 * most + 1e-6 * (1 + wealth))).toBe(false);
        else expect(isWorth(0)).toBe(false);
      }),
      { numRuns: 500, seed: 712 },
    );
  });
});

const sample: InspectionGame = {
  ...{ costDollars: 10, costSaved: 0.9, payDollars: 12, stakeDollars: 100, detection: 0.9, falsePositive: 0 },
  ...{ ownShare: 0, damageDollars: 0 },
};

describe("the published threshold", () => {
  it("is c / (d (w + S)) for pay by the task", () => {
    expect(deterringAuditRate(sample)).toBeCloseTo(9 / (0.9 * 112), 12);
  });

  it("of ownership alone is where an owner's loss of value outweighs what it saves", () => {
    const parameters = fc.record({ phi: unit, eta: unit, m: unit, a: dollars, all: dollars, price: unit });
    fc.assert(
      fc.property(parameters, ({ phi, eta, m, a, all, price }) => {
        const value = (work: number) => a * work ** eta;
        const kappa = value(all) / (price * all);
        const share = deterringShare(phi, { valueElasticity: eta, valueOverCost: kappa, furtherHarm: m });
        // A small piece of work, cheated: what the value falls by, as a finite difference of the law itself.
        const piece = 1e-5 * all;
        const fall = value(all + (piece * (1 + m)) / 2) - value(all - (piece * (1 + m)) / 2);
        const saved = phi * price * piece;
        expect(1.01 * share * fall).toBeGreaterThan(saved);
        expect(0.99 * share * fall).toBeLessThan(saved);
      }),
    );
  });
});

describe("the simultaneous game", () => {
  const auditors = fc.record({ auditDollars: dollars, findingDollars: dollars });

  it("leaves nobody a better reply, and never drives cheating to nothing where cheating tempts", () => {
    fc.assert(
      fc.property(games, auditors, (game, auditor) => {
        const { kind, cheating, auditing } = simultaneousEquilibrium(game, auditor);
        const scale = game.payDollars + game.stakeDollars + game.costDollars + game.damageDollars;
        const provider = playedOut(game, auditing, true) - playedOut(game, auditing, false);
        const audit = cheating * game.detection * auditor.findingDollars - auditor.auditDollars;
        if (kind === "mixed") {
          expect(Math.abs(provider)).toBeLessThan(1e-9 * scale);
          expect(Math.abs(audit)).toBeLessThan(1e-9 * (auditor.auditDollars + auditor.findingDollars));
        } else {
          expect(cheating === 1 ? provider : -provider).toBeGreaterThanOrEqual(-1e-9 * scale);
          expect(auditing === 1 ? audit : -audit).toBeGreaterThanOrEqual(-1e-9 * auditor.findingDollars);
        }
        if (deterringAuditRate(game) > 0) expect(cheating).toBeGreaterThan(0);
      }),
      { numRuns: 1000, seed: 711 },
    );
  });
});
