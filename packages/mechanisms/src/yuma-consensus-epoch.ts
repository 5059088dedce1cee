/**
 * One epoch of Yuma Consensus: from validators' weights and stake to what miners and validators earn.
 *
 * With rows of weights W normalised and stake S normalised: the consensus C_j on a miner is the largest weight that
 * validators with at least kappa of the stake give it or more (a stake-weighted median); weights are clipped at it; ranks
 * are R = S min(W, C), incentive I = R / sum R. Bonds of validators in miners follow S times the weights, clipped by the
 * bond penalty beta, normalised per miner: as a moving average (the original), or relative to each validator's own stake,
 * capped at 1 (Yuma 3). Dividends are the bonds' shares of incentive.
 *
 * Source: opentensor/subtensor, docs/consensus.md; bactensor/yuma-simulation, yumas.py (`Yuma` and `Yuma3`), which divides C
 * by its sum before clipping (`normalizeConsensus`) where the chain does not. Checked against that simulation on its 22 cases, and
 * against a second implementation by definition. Limits: exact reals, where the chain rounds to 16 bits; no liquid alpha.
 */

export interface YumaRule {
  /** Share of stake that makes a weight consensus. */
  readonly kappa: number;
  /** 1: bonds follow clipped weights; 0: weights as they were set. */
  readonly bondPenalty: number;
  /** Share of the newest bonds in the moving average, or the largest step towards the cap. */
  readonly bondAlpha: number;
  readonly bonds: "moving-average" | "relative";
  readonly normalizeConsensus: boolean;
  /** All incentive to the highest rank, shared by those who tie. */
  readonly winnerTakesAll: boolean;
}

/** Matrices are row by row: validator i's entry for miner j is at i * miners + j. */
export interface YumaInputs {
  readonly validators: number;
  readonly miners: number;
  readonly weights: Float64Array;
  readonly stakes: Float64Array;
  /** Bonds of the epoch before; absent in the first. */
  readonly bonds?: Float64Array;
}

export interface YumaOutcome {
  /** Weights with rows that sum to 1, or to 0 where a validator set none. */
  readonly weights: Float64Array;
  readonly consensus: Float64Array;
  readonly rank: Float64Array;
  readonly incentive: Float64Array;
  /** Share of each miner's weight by stake that was within consensus. */
  readonly trust: Float64Array;
  /** Share of each validator's weights that was within consensus. */
  readonly validatorTrust: Float64Array;
  readonly bonds: Float64Array;
  /** Sums to 1, or to 0 where nobody has a bond in a miner with incentive. */
  readonly dividends: Float64Array;
}

export function yumaEpoch(inputs: YumaInputs, rule: YumaRule): YumaOutcome {
  const { validators, miners } = inputs;
  const stake = normalized(inputs.stakes);
  const weights = new Float64Array(validators * miners);
  for (let i = 0; i < validators; i++) {
    weights.set(normalized(inputs.weights.subarray(i * miners, (i + 1) * miners)), i * miners);
  }
  const median = consensusOf({ weights, stake, miners }, rule.kappa);
  const consensus = rule.normalizeConsensus ? normalized(median) : median;
  const clipped = weights.map((weight, index) => Math.min(weight, consensus[index % miners]));
  const rank = byStake(clipped, stake, miners);
  const before = byStake(weights, stake, miners);
  const incentive = rule.winnerTakesAll ? winners(rank) : normalized(rank);
  const bonds =
    rule.bonds === "relative"
      ? relativeBonds(weights, inputs.bonds, rule.bondAlpha)
      : averagedBonds({ weights, clipped, stake, miners }, inputs.bonds, rule);
  return {
    weights,
    consensus,
    rank,
    incentive,
    trust: rank.map((sum, miner) => (before[miner] > 0 ? sum / before[miner] : 0)),
    validatorTrust: Float64Array.from({ length: validators }, (_, i) => {
      const row = clipped.subarray(i * miners, (i + 1) * miners);
      const set = total(weights.subarray(i * miners, (i + 1) * miners));
      return set > 0 ? total(row) / set : 0;
    }),
    bonds,
    dividends: dividendsOf({ bonds, incentive, stake }, rule.bonds),
  };
}

/** Rounding of normalised stake must not deny a majority that is met exactly. */
const stakeTolerance = 1e-12;

/** Normalised weights, row by row, and the stake behind each row. */
interface WeightsByStake {
  readonly weights: Float64Array;
  readonly stake: Float64Array;
  readonly miners: number;
}

/** For each miner the largest weight w such that validators with at least kappa of the stake give it w or more. */
function consensusOf({ weights, stake, miners }: WeightsByStake, kappa: number): Float64Array {
  const consensus = new Float64Array(miners);
  const order = Array.from(stake.keys());
  for (let miner = 0; miner < miners; miner++) {
    order.sort((a, b) => weights[b * miners + miner] - weights[a * miners + miner]);
    let support = 0;
    for (const validator of order) {
      support += stake[validator];
      if (support >= kappa - stakeTolerance) {
        consensus[miner] = weights[validator * miners + miner];
        break;
      }
    }
  }
  return consensus;
}

function averagedBonds(
  { weights, clipped, stake, miners }: WeightsByStake & { readonly clipped: Float64Array },
  old: Float64Array | undefined,
  { bondPenalty, bondAlpha }: YumaRule,
): Float64Array {
  const bought = weights.map(
    (weight, index) => stake[Math.floor(index / miners)] * ((1 - bondPenalty) * weight + bondPenalty * clipped[index]),
  );
  const bonds = columnShares(bought, miners);
  return old === undefined ? bonds : bonds.map((bond, index) => bondAlpha * bond + (1 - bondAlpha) * old[index]);
}

function relativeBonds(weights: Float64Array, old: Float64Array | undefined, alpha: number): Float64Array {
  return weights.map((weight, index) => {
    const kept = (old?.[index] ?? 0) * (1 - alpha);
    return Math.min(1, kept + Math.min(alpha * weight, Math.max(0, 1 - kept)));
  });
}

function dividendsOf(
  {
    bonds,
    incentive,
    stake,
  }: { readonly bonds: Float64Array; readonly incentive: Float64Array; readonly stake: Float64Array },
  kind: YumaRule["bonds"],
): Float64Array {
  const miners = incentive.length;
  const shares = kind === "relative" ? columnShares(bonds, miners) : bonds;
  const dividends = new Float64Array(stake.length);
  for (let index = 0; index < shares.length; index++) {
    dividends[Math.floor(index / miners)] += shares[index] * incentive[index % miners];
  }
  return normalized(kind === "relative" ? dividends.map((sum, validator) => sum * stake[validator]) : dividends);
}

/** Each entry over the sum of its column; columns of nothing stay so. */
function columnShares(matrix: Float64Array, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  for (let index = 0; index < matrix.length; index++) sums[index % columns] += matrix[index];
  return matrix.map((entry, index) => (sums[index % columns] > 0 ? entry / sums[index % columns] : 0));
}

function byStake(matrix: Float64Array, stake: Float64Array, miners: number): Float64Array {
  const sums = new Float64Array(miners);
  for (let index = 0; index < matrix.length; index++) {
    sums[index % miners] += stake[Math.floor(index / miners)] * matrix[index];
  }
  return sums;
}

function winners(rank: Float64Array): Float64Array {
  const best = rank.reduce((most, one) => Math.max(most, one), 0);
  return normalized(rank.map((one) => (best > 0 && one === best ? 1 : 0)));
}

function total(column: Float64Array): number {
  let sum = 0;
  for (let row = 0; row < column.length; row++) sum += column[row];
  return sum;
}

function normalized(column: Float64Array): Float64Array {
  const sum = total(column);
  return sum > 0 ? column.map((entry) => entry / sum) : new Float64Array(column.length);
}
