/** Observers of a path: what it cost and paid, how it went over time, and its trace. */
import { microsPerDollar } from "@shardlab/contracts";
import { createTraceHash, exp } from "@shardlab/numerics";
import { costOfDay, rowsAtWork } from "./at-work.ts";
import type { PathState } from "./path-state.ts";
import type { ForecastOutcome } from "./rational.ts";
import type { EconomyWorld } from "./world.ts";

/**
 * Records the dividends per unit and the revenue of a path, on accrual. Where nobody has delivered data, a unit earns what
 * it would earn a first provider of median size: an empty place is worth taking.
 *
 * All units that exist share a dividend, those in the vault included, so that the forecasts of all units add up to what is paid.
 * Where ownership vests or lies in escrow, a new unit earns less than that mean at first and an old one more: whoever decides by
 * the forecast overrates what it earns now, the more the longer it is held. That is not modelled.
 */
export function forecastRecorder(world: EconomyWorld): { observe: (state: PathState) => void; path: ForecastOutcome } {
  const models = world.terms.length;
  const columns = (count: number) => Array.from({ length: count }, () => new Float64Array(world.horizonEpochs));
  const hasTakers = Array<boolean>(2 * models).fill(false);
  const path = { dividend: columns(2 * models), revenue: columns(models), hasTakers };
  const tokens = Float64Array.from(world.data.tokens).sort();
  const firstDelivery = tokens.length > 0 ? tokens[tokens.length >> 1] : 0;
  const observe = ({ epoch, books, offer, revenue, workers }: PathState): void => {
    for (const [model, accounts] of books.models.entries()) {
      path.revenue[model][epoch] = revenue[model];
      const delivered = -books.ledger.balance(books.issuer, accounts.dataOwnership);
      if (workers[model] > 0) hasTakers[model] = true;
      if (delivered > 0) hasTakers[models + model] = true;
      if (revenue[model] === 0) continue;
      const units = -books.ledger.balance(books.issuer, accounts.ownership);
      const dataUnits = Math.max(firstDelivery, delivered);
      path.dividend[model][epoch] = units > 0 ? (offer.claimShare[model] * revenue[model]) / units : 0;
      path.dividend[models + model][epoch] =
        dataUnits > 0 ? (offer.dataClaimShare[model] * revenue[model]) / dataUnits : 0;
    }
  };
  return { observe, path };
}

/** Totals of one path; money in dollars, "present" at the sponsor's discount rate. */
export interface Totals {
  presentOutlay: number;
  /** What the sponsor had to put on the table, undiscounted. */
  sponsoredCash: number;
  presentRevenue: number;
  resourceCost: number;
  participantEpochs: number;
  /** Epochs in which some model was in training or somebody at work. */
  openEpochs: number;
  peakParticipants: number;
  /** First epoch at whose end every model had reached its target; -1 for never. */
  targetEpoch: number;
}

export function totalsRecorder(world: EconomyWorld): { observe: (state: PathState) => void; totals: Totals } {
  const totals: Totals = {
    presentOutlay: 0,
    sponsoredCash: 0,
    presentRevenue: 0,
    resourceCost: 0,
    participantEpochs: 0,
    openEpochs: 0,
    peakParticipants: 0,
    targetEpoch: -1,
  };
  const { terms, rates } = world;
  const observe = (state: PathState): void => {
    const { books, offer, revenue, epoch } = state;
    const discount = exp(-rates.sponsor * epoch);
    const sponsorPaid = -books.ledger.balance(books.sponsor, books.cash) / microsPerDollar;
    totals.presentOutlay += discount * (sponsorPaid - totals.sponsoredCash);
    totals.sponsoredCash = sponsorPaid;
    for (let model = 0; model < terms.length; model++) {
      totals.presentRevenue += discount * revenue[model];
      totals.presentOutlay += discount * revenue[model] * (offer.claimShare[model] + offer.dataClaimShare[model]);
      totals.resourceCost += offer.ownCostDollars[model];
    }
    const participants = state.workers.reduce((sum, workers) => sum + workers, 0);
    if (participants > 0) totals.resourceCost += costOfDay(state);
    if (participants > 0 || state.training.some((open) => open === 1)) totals.openEpochs++;
    totals.participantEpochs += participants;
    totals.peakParticipants = Math.max(totals.peakParticipants, participants);
    const isReached =
      state.entered.some((entered) => entered === 1) &&
      terms.every(
        (model, index) => state.entered[index] === 0 || state.cumulativeWork[index] >= model.targetWork * (1 - 1e-12),
      );
    if (isReached && totals.targetEpoch < 0) totals.targetEpoch = epoch;
  };
  return { observe, totals };
}

/** One row per model and sampled day, for figures over time. */
export interface Timeline {
  readonly day: number[];
  readonly model: string[];
  readonly cumulativeWork: number[];
  readonly workRate: number[];
  readonly workers: number[];
  readonly distinctTokens: number[];
  readonly loss: number[];
  readonly revenue: number[];
  readonly competitorLoss: number[];
  /** Share of the day's deliveries that are cheated, found bad or not; 0 on days without any. */
  readonly cheatingShare: number[];
}

/** Epochs between two samples of what tables show over time. */
export const sampleEpochs = 7;

export function timelineRecorder(world: EconomyWorld): { observe: (state: PathState) => void; timeline: Timeline } {
  const timeline: Timeline = {
    day: [],
    model: [],
    cumulativeWork: [],
    workRate: [],
    workers: [],
    distinctTokens: [],
    loss: [],
    revenue: [],
    competitorLoss: [],
    cheatingShare: [],
  };
  const observe = (state: PathState): void => {
    if (state.epoch % sampleEpochs !== 0 && state.epoch !== world.horizonEpochs - 1) return;
    const cheating = cheatingShares(state);
    for (const [model, { name }] of world.terms.entries()) {
      timeline.day.push(state.epoch);
      timeline.model.push(name);
      timeline.cumulativeWork.push(state.cumulativeWork[model]);
      timeline.workRate.push(state.trainedWork[model]);
      timeline.workers.push(state.workers[model]);
      timeline.distinctTokens.push(state.distinctTokens[model]);
      // Whoever has nothing better uses what is free.
      timeline.loss.push(Math.min(state.loss[model], world.spec.market.freeLoss));
      timeline.revenue.push(state.revenue[model]);
      timeline.competitorLoss.push(world.market.competitorLoss(state.epoch));
      timeline.cheatingShare.push(cheating[model]);
    }
  };
  return { observe, timeline };
}

/** Share of each model's deliveries of this epoch that are cheated; 0 where nothing is delivered or nobody may cheat. */
function cheatingShares(state: PathState): Float64Array {
  const { conduct, world } = state;
  const cheated = new Float64Array(world.terms.length);
  if (conduct === undefined) return cheated;
  const delivered = new Float64Array(world.terms.length);
  for (const { count, account, model, quantity } of rowsAtWork(state)) {
    for (let row = 0; row < count; row++) {
      delivered[model[row]] += quantity[row];
      if (conduct.attack[account[row]] >= 0) cheated[model[row]] += quantity[row];
    }
  }
  return cheated.map((work, model) => (delivered[model] > 0 ? work / delivered[model] : 0));
}

/** The trace so far, at the end of an epoch. */
export interface TraceCheckpoint {
  readonly epoch: number;
  readonly digest: string;
}

/**
 * Hashes every epoch's totals, everybody's choice once a revision period, and at the end every balance.
 * `checkpoints` has the hash so far once a revision period, so that two traces that differ show since when they do.
 */
export function traceRecorder(world: EconomyWorld): {
  observe: (state: PathState) => void;
  digest: (state: PathState) => string;
  checkpoints: readonly TraceCheckpoint[];
} {
  const hash = createTraceHash();
  const checkpoints: TraceCheckpoint[] = [];
  const observe = (state: PathState): void => {
    hash.addInt32(state.epoch);
    for (const column of [state.cumulativeWork, state.distinctTokens, state.loss, state.revenue])
      hash.addFloat64Array(column);
    hash.addInt32Array(state.workers);
    if (state.epoch % world.rule.revisionEpochs !== 0) return;
    hash.addInt32Array(state.participation.choice);
    if (state.conduct) hash.addInt32Array(new Int32Array(state.conduct.attack));
    for (const stage of state.stages) stage.trace?.(hash);
    checkpoints.push({ epoch: state.epoch, digest: hash.digest() });
  };
  const digest = ({ books }: PathState): string => {
    for (let asset = 0; asset < books.ledger.assets.length; asset++) {
      const { low, high } = books.ledger.balanceLimbs(asset);
      hash.addFloat64Array(low as Float64Array);
      hash.addInt32Array(high as Int32Array);
    }
    return hash.digest();
  };
  return { observe, digest, checkpoints };
}
