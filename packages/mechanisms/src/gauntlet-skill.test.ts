import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  initialDeviation,
  initialMean,
  ordinalOf,
  rateMatch,
  resetSkill,
  type SkillColumns,
} from "./gauntlet-skill.ts";

interface Season {
  readonly beta: number;
  readonly tau: number;
  readonly players: number;
  readonly matches: readonly { players: number[]; scores: number[]; mu: number[]; sigma: number[] }[];
}

/** What openskill 6.2.0 made of random matches (fixtures/openskill-ratings.py). */
const seasons = JSON.parse(
  readFileSync(new URL("./fixtures/generated/openskill-ratings.json", import.meta.url), "utf8"),
) as Season[];

function newSkills(players: number): SkillColumns {
  const skills = { mean: new Float64Array(players), deviation: new Float64Array(players) };
  for (let row = 0; row < players; row++) resetSkill(skills, row);
  return skills;
}

const gauntlet = { performanceDeviation: 7, drift: 0.1 };

describe("rateMatch", () => {
  it.each(seasons.map((season, index) => [index, season] as const))(
    "rates season %i as openskill does",
    (_, season) => {
      const skills = newSkills(season.players);
      for (const { players, scores, mu, sigma } of season.matches) {
        rateMatch(skills, { players, scores }, { performanceDeviation: season.beta, drift: season.tau });
        for (const [index, row] of players.entries()) {
          expect(skills.mean[row]).toBeCloseTo(mu[index], 9);
          expect(skills.deviation[row]).toBeCloseTo(sigma[index], 9);
        }
      }
    },
  );

  it("starts from an ordinal of 0", () => {
    const skills = newSkills(1);
    expect(skills).toEqual({ mean: Float64Array.of(initialMean), deviation: Float64Array.of(initialDeviation) });
    expect(ordinalOf(skills, 0)).toBe(0);
  });

  it("is the slope of the likelihood of the ranking, for each variance", () => {
    const ratings = fc.array(
      fc.record({
        mean: fc.double({ min: 0, max: 50, noNaN: true }),
        deviation: fc.double({ min: 0.5, max: 9, noNaN: true }),
        score: fc.double({ min: -1, max: 1, noNaN: true }),
      }),
      { minLength: 2, maxLength: 6 },
    );
    const agrees = (players: { mean: number; deviation: number; score: number }[]) => {
      const scores = players.map(({ score }) => score);
      fc.pre(new Set(scores).size === scores.length);
      const skills = {
        mean: Float64Array.from(players, ({ mean }) => mean),
        deviation: Float64Array.from(players, ({ deviation }) => deviation),
      };
      const variances = players.map(({ deviation }) => deviation ** 2 + gauntlet.drift ** 2);
      const spread = Math.sqrt(
        variances.reduce((sum, variance) => sum + variance + gauntlet.performanceDeviation ** 2, 0),
      );
      const best = [...players.keys()].sort((a, b) => scores[b] - scores[a]);
      // ln P(ranking) = sum over places of mu / c - ln sum of exp(mu / c) over those not yet placed.
      const likelihood = (means: readonly number[]) =>
        best.reduce((sum, row, place) => {
          const left = best.slice(place).reduce((rest, other) => rest + Math.exp(means[other] / spread), 0);
          return sum + means[row] / spread - Math.log(left);
        }, 0);
      const means = players.map(({ mean }) => mean);
      rateMatch(skills, { players: [...players.keys()], scores }, gauntlet);
      for (const row of players.keys()) {
        const moved = (step: number) => likelihood(means.map((mean, other) => (other === row ? mean + step : mean)));
        const slope = (moved(1e-4) - moved(-1e-4)) / 2e-4;
        expect((skills.mean[row] - means[row]) / variances[row]).toBeCloseTo(slope, 6);
      }
    };
    fc.assert(fc.property(ratings, agrees), { numRuns: 150, seed: 1 });
  });

  it("does not depend on the order of the players, and keeps who won above who lost among equals", () => {
    const scores = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 9 });
    const holds = (match: number[]) => {
      const players = [...match.keys()];
      const skills = newSkills(match.length);
      rateMatch(skills, { players, scores: match }, gauntlet);
      const other = newSkills(match.length);
      rateMatch(other, { players: [...players].reverse(), scores: [...match].reverse() }, gauntlet);
      for (const row of players) expect(other.mean[row]).toBeCloseTo(skills.mean[row], 10);
      const order = [...players].sort((a, b) => match[b] - match[a]);
      for (const [place, row] of order.slice(1).entries()) {
        expect(skills.mean[row]).toBeLessThan(skills.mean[order[place]]);
      }
    };
    fc.assert(fc.property(scores, holds), { numRuns: 100, seed: 2 });
  });
});
