/**
 * The inspection game between a provider who may cheat and whoever audits, in closed form.
 *
 * An epoch's honest work costs C and earns w. Cheating saves the share phi of C. Work is audited with probability p; an audit
 * finds cheated work with probability d and honest work with probability f; work found bad earns nothing, and the stake S is lost.
 * An owner of the share s of the model's coming revenue V bears s dV of the damage dV that its cheating does. Expected gains:
 *
 *   honest    w - p f (w + S) - C
 *   cheating  w - p d (w + S) - (1 - phi) C - s dV
 *
 * so that honesty is a best response iff phi C <= p (d - f) (w + S) + s dV, and taking part is worth it, honestly, iff
 * w - C - p f (w + S) >= 0 with S <= wealth.
 *
 * `commitment`: the rate of audits is announced and kept to, and the least that deters is the threshold. `simultaneous`: an audit
 * costs k and is chosen at the same moment; its auditor gains B by finding cheated work and bears nothing else. In the only
 * equilibrium (mixed, where there is one) the provider cheats with the probability that makes the auditor indifferent: never 0.
 *
 * Sources: Becker (Journal of Political Economy 76, 1968); Avenhaus, von Stengel and Zamir, "Inspection games" (Handbook of Game
 * Theory 3, 2002); ownership's own damage is derived here. Checked against the game played out outcome by outcome: gains, the
 * better reply within one per cent on both sides of each threshold, and no better reply to either side of an equilibrium.
 */

/** Money is in dollars for one epoch's work of one provider; rates are in [0, 1]. */
export interface InspectionGame {
  /** C and phi. */
  readonly costDollars: number;
  readonly costSaved: number;
  /** w and S. */
  readonly payDollars: number;
  readonly stakeDollars: number;
  /** d and f. */
  readonly detection: number;
  readonly falsePositive: number;
  /** s and dV: 0 where nothing is owned. */
  readonly ownShare: number;
  readonly damageDollars: number;
}

/** What honest and cheated work are worth over doing nothing, when audits come with probability `auditRate`, dollars. */
export function expectedGains(game: InspectionGame, auditRate: number): { honest: number; cheating: number } {
  const { costDollars, costSaved, payDollars, stakeDollars, detection, falsePositive, ownShare, damageDollars } = game;
  const atRisk = auditRate * (payDollars + stakeDollars);
  return {
    honest: payDollars - falsePositive * atRisk - costDollars,
    cheating: payDollars - detection * atRisk - (1 - costSaved) * costDollars - ownShare * damageDollars,
  };
}

/** What cheating saves beyond the damage that the cheater does to itself, dollars: what audits have to outweigh. */
const temptation = ({ costSaved, costDollars, ownShare, damageDollars }: InspectionGame): number =>
  costSaved * costDollars - ownShare * damageDollars;

/**
 * The least rate of audits at which honesty is a best response: 0 where own damage alone deters, above 1 or Infinity where no
 * rate does.
 */
export function deterringAuditRate(game: InspectionGame): number {
  const { payDollars, stakeDollars, detection, falsePositive } = game;
  const gap = temptation(game);
  if (gap <= 0) return 0;
  const perAudit = (detection - falsePositive) * (payDollars + stakeDollars);
  return perAudit > 0 ? gap / perAudit : Number.POSITIVE_INFINITY;
}

/** The least stake at which honesty is a best response to audits of this rate: 0 where none is needed, Infinity where none deters. */
export function minimumStake(game: InspectionGame, auditRate: number): number {
  const { payDollars, detection, falsePositive } = game;
  const gap = temptation(game);
  if (gap <= auditRate * (detection - falsePositive) * payDollars) return 0;
  const perDollar = auditRate * (detection - falsePositive);
  return perDollar > 0 ? gap / perDollar - payDollars : Number.POSITIVE_INFINITY;
}

/** The largest stake at which honest work is still worth it, with false positives: bounded by wealth; negative where none is. */
export function bearableStake(game: InspectionGame, auditRate: number, wealthDollars: number): number {
  const { payDollars, costDollars, falsePositive } = game;
  const lossRate = auditRate * falsePositive;
  const surplus = payDollars - costDollars;
  if (lossRate === 0) return surplus >= 0 ? wealthDollars : -1;
  return Math.min(wealthDollars, surplus / lossRate - payDollars);
}

/** Whether honest work is worth it to somebody of this wealth. */
export function participates(game: InspectionGame, auditRate: number, wealthDollars: number): boolean {
  return expectedGains(game, auditRate).honest >= 0 && game.stakeDollars <= wealthDollars;
}

/**
 * The share of ownership from which on own damage alone deters: s >= phi / (eta kappa (1 + m)).
 *
 * With V = A C^eta the work w of one provider, cheated, takes eta V w (1 + m) / C_all off the value; its cost is k w, so that with
 * kappa = V / (k C_all) the owner of share s loses s eta kappa (1 + m) for every dollar of cost, and saves phi.
 *
 * @param valueElasticity eta = dlnV / dlnC
 * @param valueOverCost kappa: value of the model over the cost of all the work in it
 * @param furtherHarm m: tokens undone for each token that was not trained
 */
export function deterringShare(
  costSaved: number,
  {
    valueElasticity,
    valueOverCost,
    furtherHarm,
  }: {
    readonly valueElasticity: number;
    readonly valueOverCost: number;
    readonly furtherHarm: number;
  },
): number {
  return costSaved / (valueElasticity * valueOverCost * (1 + furtherHarm));
}

/** What the auditor of the simultaneous game has at stake, dollars. */
export interface Auditor {
  /** k: cost of an audit. */
  readonly auditDollars: number;
  /** B: gain from finding cheated work, such as the forfeited stake or the harm averted. */
  readonly findingDollars: number;
}

/** Probabilities of cheating and of auditing; `mixed` tells an equilibrium in which both are indifferent. */
export interface SimultaneousEquilibrium {
  readonly kind: "mixed" | "pure";
  readonly cheating: number;
  readonly auditing: number;
}

/**
 * The equilibrium of the simultaneous game. Mixed where audits would deter and cheating is worth auditing for: the provider cheats
 * with probability k / (d B), the auditor audits with the deterring rate. Else pure: nobody audits, and whoever is tempted cheats;
 * or audits come for certain and do not deter.
 */
export function simultaneousEquilibrium(
  game: InspectionGame,
  { auditDollars, findingDollars }: Auditor,
): SimultaneousEquilibrium {
  const auditing = deterringAuditRate(game);
  if (auditing === 0) return { kind: "pure", cheating: 0, auditing: 0 };
  const cheating = auditDollars / (game.detection * findingDollars);
  if (!(cheating < 1)) return { kind: "pure", cheating: 1, auditing: 0 };
  if (auditing >= 1) return { kind: "pure", cheating: 1, auditing: 1 };
  return { kind: "mixed", cheating, auditing };
}
