/**
 * Skill ratings from rankings: the Plackett-Luce update of Weng and Lin, "A Bayesian approximation method for online
 * ranking" (JMLR 2011, algorithm 4), for teams of one, with the additive uncertainty tau of TrueSkill.
 *
 * Checked against openskill 6.2.0 (the implementation that Gauntlet's validators use), over random matches with ties, and
 * against the update written as the derivatives of the Plackett-Luce likelihood.
 */
import { exp } from "@shardlab/numerics";

/** Mean and standard deviation of everybody's skill, one row each. */
export interface SkillColumns {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

export interface SkillModel {
  /** Standard deviation of a performance around its skill. */
  readonly performanceDeviation: number;
  /** Uncertainty added to a rating before each match. */
  readonly drift: number;
}

/** Rating of whoever has none yet, openskill's default: mean 25, standard deviation 25/3, ordinal 0. */
export const initialMean = 25;
export const initialDeviation = 25 / 3;

/** kappa: a match leaves at least this share of a variance. */
const smallestVarianceFactor = 1e-4;

/** Rating of a new player. */
export function resetSkill(skills: SkillColumns, row: number): void {
  skills.mean[row] = initialMean;
  skills.deviation[row] = initialDeviation;
}

/** Conservative skill: mean less three standard deviations. */
export const ordinalOf = ({ mean, deviation }: SkillColumns, row: number): number => mean[row] - 3 * deviation[row];

/**
 * Rates one match in place: row `players[i]` scored `scores[i]`, more is better, equal scores tie.
 *
 * @param players rows of `skills`, each once
 */
export function rateMatch(
  skills: SkillColumns,
  match: { readonly players: readonly number[]; readonly scores: ArrayLike<number> },
  model: SkillModel,
): void {
  const { players, scores } = match;
  const size = players.length;
  const variance = Float64Array.from(
    players,
    (row) => skills.deviation[row] * skills.deviation[row] + model.drift * model.drift,
  );
  let total = 0;
  for (let i = 0; i < size; i++) total += variance[i] + model.performanceDeviation * model.performanceDeviation;
  const spread = Math.sqrt(total);
  const strength = Float64Array.from(players, (row) => exp(skills.mean[row] / spread));
  // For each player q: the strength of everybody who did no better, and how many tie with it.
  const rivals = new Float64Array(size);
  const tied = new Int32Array(size);
  for (let q = 0; q < size; q++) {
    for (let i = 0; i < size; i++) {
      if (scores[i] <= scores[q]) rivals[q] += strength[i];
      if (scores[i] === scores[q]) tied[q] += 1;
    }
  }
  for (let i = 0; i < size; i++) {
    let slope = 0;
    let curvature = 0;
    for (let q = 0; q < size; q++) {
      if (scores[q] < scores[i]) continue;
      const chance = strength[i] / rivals[q];
      slope += (q === i ? 1 - chance : -chance) / tied[q];
      curvature += (chance * (1 - chance)) / tied[q];
    }
    const damping = Math.sqrt(variance[i]) / spread;
    const shrinkage = (damping * curvature * variance[i]) / total;
    skills.mean[players[i]] += (slope * variance[i]) / spread;
    skills.deviation[players[i]] = Math.sqrt(variance[i] * Math.max(1 - shrinkage, smallestVarianceFactor));
  }
}
