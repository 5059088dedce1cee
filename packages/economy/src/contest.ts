/**
 * The pro-rata ownership contest: n players put work into one model and share what it is worth in proportion.
 *
 * With C the work of all together the model is worth V = A C^eta, 0 < eta < 1, and player i earns (c_i / C) V - k_i c_i.
 * A player's first-order condition is A C^(eta - 1) (1 - (1 - eta) c_i / C) = k_i: each counts the worth that its work adds,
 * and the worth that it takes from the others. The commons problem of the average product (Gordon 1954, Journal of
 * Political Economy 62): under free entry V / C = k, and work exceeds the efficient amount by the factor eta^(-1 / (1 - eta)).
 */
import { pow } from "@shardlab/numerics";

/** V = coefficient x work ^ elasticity, in dollars; `elasticity` lies strictly between 0 and 1. */
export interface ContestValue {
  readonly coefficient: number;
  readonly elasticity: number;
}

/** A contest among players who all have the same cost of a unit of work, in dollars. */
export interface SymmetricContest extends ContestValue {
  readonly costPerWork: number;
}

function checkValue({ coefficient, elasticity }: ContestValue): void {
  if (!(coefficient > 0)) throw new Error(`invalid coefficient: ${coefficient}`);
  if (!(elasticity > 0 && elasticity < 1)) throw new Error(`invalid elasticity: ${elasticity}`);
}

/** Work at which `share` of the average value of work equals its cost: (share A / k)^(1 / (1 - eta)). */
function workWhereWorth(share: number, contest: SymmetricContest): number {
  checkValue(contest);
  const { costPerWork, coefficient, elasticity } = contest;
  if (!(costPerWork > 0)) throw new Error(`invalid cost per work: ${costPerWork}`);
  return pow((share * coefficient) / costPerWork, 1 / (1 - elasticity));
}

/**
 * Work under free entry: players come until the average value of work, V / C, is its cost.
 *
 * @throws `invalid coefficient`, `invalid elasticity`, `invalid cost per work`
 */
export function freeEntryWork(contest: SymmetricContest): number {
  return workWhereWorth(1, contest);
}

/** Work that maximises V - k C, where the marginal value of work is its cost. @throws as `freeEntryWork` */
export function efficientWork(contest: SymmetricContest): number {
  return workWhereWorth(contest.elasticity, contest);
}

/**
 * Work of all `players` together when each responds best to the others: free entry times (1 - (1 - eta) / n)^(1 / (1 - eta)),
 * which is the efficient amount for one player.
 *
 * @throws `invalid number of players`, and as `freeEntryWork`
 */
export function symmetricEquilibriumWork(contest: SymmetricContest, players: number): number {
  if (!(Number.isInteger(players) && players >= 1)) throw new Error(`invalid number of players: ${players}`);
  return workWhereWorth(1 - (1 - contest.elasticity) / players, contest);
}

/** A contest among players with their own costs of a unit of work, in dollars. */
export interface Contest extends ContestValue {
  readonly costs: readonly number[];
}

export interface ContestEquilibrium {
  /** Work of each player; 0 for one whom it costs too much. */
  readonly works: Float64Array;
  /** Largest gain from a little more or a little less work that any player leaves, as a share of its cost. */
  readonly residual: number;
  /** Rounds of best responses. */
  readonly rounds: number;
}

const largestRounds = 2000;
const wantedResidual = 1e-10;

/**
 * The Nash equilibrium, by letting the players respond in turn, each by bisection on its own first-order condition, until
 * nobody gains. Uses none of the closed forms above.
 *
 * @throws `invalid cost per work`, and as `freeEntryWork`
 */
export function bestResponseEquilibrium(contest: Contest): ContestEquilibrium {
  checkValue(contest);
  const { costs } = contest;
  for (const cost of costs) if (!(cost > 0)) throw new Error(`invalid cost per work: ${cost}`);
  const works = new Float64Array(costs.length);
  let residual = Number.POSITIVE_INFINITY;
  let rounds = 0;
  while (residual > wantedResidual && rounds < largestRounds) {
    for (let player = 0; player < costs.length; player++) {
      const others = works.reduce((sum, work, other) => (other === player ? sum : sum + work), 0);
      works[player] = bestResponse(contest, costs[player], others);
    }
    residual = largestGain(contest, works);
    rounds++;
  }
  return { works, residual, rounds };
}

/** What the next unit of work brings to a player who does `work` beside the `others`, before its cost. */
function marginalPay({ coefficient, elasticity }: ContestValue, work: number, others: number): number {
  const total = work + others;
  return coefficient * pow(total, elasticity - 1) * (1 - ((1 - elasticity) * work) / total);
}

/** The marginal pay falls in one's own work, so that bisection finds where it is the cost. */
function bestResponse(value: ContestValue, cost: number, others: number): number {
  if (others > 0 && marginalPay(value, 0, others) <= cost) return 0;
  let high = others > 0 ? others : 1;
  while (marginalPay(value, high, others) > cost) high *= 2;
  let low = 0;
  for (let middle = high / 2; middle > low && middle < high; middle = low + (high - low) / 2) {
    if (marginalPay(value, middle, others) > cost) low = middle;
    else high = middle;
  }
  return low;
}

function largestGain(contest: Contest, works: Float64Array): number {
  const total = works.reduce((sum, work) => sum + work, 0);
  return contest.costs.reduce((largest, cost, player) => {
    const excess = marginalPay(contest, works[player], total - works[player]) / cost - 1;
    return Math.max(largest, works[player] > 0 ? Math.abs(excess) : excess);
  }, 0);
}
