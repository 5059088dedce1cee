/**
 * The scores behind Gauntlet's weights, one row for each seat (UID) of a model, and what one window does to them: slashes
 * for copies, stale weights and missing gradients, then the evaluation of a few peers and a match between those.
 */
import { pow } from "@shardlab/numerics";
import { ordinalOf, rateMatch, resetSkill, type SkillColumns, type SkillModel } from "./gauntlet-skill.ts";
import { rankedRows } from "./gauntlet-weights.ts";

/** Columns over seats. */
export interface Seats extends SkillColumns {
  /** Holder, or -1 where the seat is free. */
  readonly account: Int32Array;
  /** Which of the names of its account holds the seat. */
  readonly name: Int32Array;
  /** Epoch in which the seat was taken. */
  readonly since: Int32Array;
  /** Moving average of whether assigned data gained more than random data (1) or not (-1). */
  readonly binary: Float64Array;
  readonly final: Float64Array;
  /** Windows in a row without a gradient. */
  readonly missing: Int32Array;
  /** Windows that a copier has yet to sit out. */
  readonly timeout: Int32Array;
  /** Windows since the last evaluation, at least 1: the odds of the next one. */
  readonly waiting: Int32Array;
}

export interface ScoreRule {
  readonly skill: SkillModel;
  readonly evaluationsPerWindow: number;
  readonly evaluationBins: number;
  /** Weight of the newest indicator in the moving average. */
  readonly binaryRate: number;
  readonly gatherPeers: number;
  readonly copyOverlap: number;
  readonly resetOverlap: number;
  readonly timeoutOverlap: number;
  readonly timeoutWindows: number;
  /** More steps behind than this are slashed. */
  readonly stepsLimit: number;
  readonly inactivityWindows: number;
  readonly signFix: boolean;
}

/** What came from each seat in an epoch: 0 nothing, 1 a gradient, 2 one that an audit found bad; and its measurements. */
export interface SeatDeliveries {
  readonly status: Uint8Array;
  readonly assignedGain: Float64Array;
  readonly randomGain: Float64Array;
  readonly stepsBehind: Float64Array;
  readonly overlap: Float64Array;
}

/** What one window of evaluation works on. */
export interface ScoringWindow {
  readonly seats: Seats;
  readonly deliveries: SeatDeliveries;
  readonly rule: ScoreRule;
}

export const delivered = { nothing: 0, gradient: 1, invalid: 2 } as const;

const syncHorizonSteps = 5;
const missingSlash = 0.75;
const syncSlash = 0.75;
const copySlash = 0.5;
/** Below this share of gather peers that delivered, those who did not lose all. */
const leastGatherSuccess = 0.4;
const leastScore = 1e-4;

export function emptySeats(count: number): Seats {
  const seats: Seats = {
    account: new Int32Array(count),
    name: new Int32Array(count),
    since: new Int32Array(count),
    mean: new Float64Array(count),
    deviation: new Float64Array(count),
    binary: new Float64Array(count),
    final: new Float64Array(count),
    missing: new Int32Array(count),
    timeout: new Int32Array(count),
    waiting: new Int32Array(count),
  };
  for (let seat = 0; seat < count; seat++) vacate(seats, seat);
  return seats;
}

export const copySeats = (seats: Seats): Seats => ({
  account: seats.account.slice(),
  name: seats.name.slice(),
  since: seats.since.slice(),
  mean: seats.mean.slice(),
  deviation: seats.deviation.slice(),
  binary: seats.binary.slice(),
  final: seats.final.slice(),
  missing: seats.missing.slice(),
  timeout: seats.timeout.slice(),
  waiting: seats.waiting.slice(),
});

/** How well the weights of a peer that lags `stepsBehind` steps agree: (1 - min(x, 5) / 5)^2.5. */
export const syncScore = (stepsBehind: number): number =>
  pow(1 - Math.min(Math.max(stepsBehind, 0), syncHorizonSteps) / syncHorizonSteps, 2.5);

/** Final score from conservative skill, moving average and agreement; without the fix two negative factors make a positive. */
export const finalScore = (
  { ordinal, binary, sync }: { readonly ordinal: number; readonly binary: number; readonly sync: number },
  signFix: boolean,
): number => ordinal * (signFix ? Math.max(0, binary) : binary) * sync;

/** Frees a seat, with scores as a newcomer finds them. */
export function vacate(seats: Seats, seat: number): void {
  seats.account[seat] = -1;
  seats.name[seat] = 0;
  seats.since[seat] = 0;
  seats.missing[seat] = 0;
  seats.timeout[seat] = 0;
  resetScores(seats, seat);
}

function resetScores(seats: Seats, seat: number): void {
  resetSkill(seats, seat);
  seats.binary[seat] = 0;
  seats.final[seat] = 0;
  seats.waiting[seat] = 1;
}

/**
 * One window, in place.
 *
 * @param uniform draws 0 to `evaluationsPerWindow`, uniform on [0, 1)
 */
export function runWindow(window: ScoringWindow, uniform: (draw: number) => number): void {
  const { seats, deliveries, rule } = window;
  const gather = gatherPeersOf(seats, rule.gatherPeers);
  for (const seat of gather) if (deliveries.status[seat] === delivered.gradient) slashGathered(window, seat);
  for (let seat = 0; seat < seats.account.length; seat++) if (seats.timeout[seat] > 0) resetScores(seats, seat);
  slashMissing(window, gather);
  const evaluated = drawEvaluated(window, uniform);
  for (let seat = 0; seat < seats.account.length; seat++) if (seats.account[seat] >= 0) seats.waiting[seat] += 1;
  for (const seat of evaluated) {
    const gained = deliveries.assignedGain[seat] > deliveries.randomGain[seat] ? 1 : -1;
    seats.binary[seat] = (1 - rule.binaryRate) * seats.binary[seat] + rule.binaryRate * gained;
    seats.waiting[seat] = 1;
  }
  if (evaluated.length < 2) return;
  const scores = evaluated.map((seat) => deliveries.randomGain[seat]);
  rateMatch(seats, { players: evaluated, scores }, rule.skill);
  for (const seat of evaluated) {
    const sync = syncScore(deliveries.stepsBehind[seat]);
    seats.final[seat] = finalScore({ ordinal: ordinalOf(seats, seat), binary: seats.binary[seat], sync }, rule.signFix);
  }
}

/** The seats whose gradients are gathered: the best paid, then others by number; nobody who sits out. */
function gatherPeersOf(seats: Seats, count: number): number[] {
  const isIn = (seat: number): boolean => seats.account[seat] >= 0 && seats.timeout[seat] === 0;
  const peers = rankedRows(seats.final).filter(isIn).slice(0, count);
  const chosen = new Set(peers);
  for (let seat = 0; seat < seats.account.length && peers.length < count; seat++) {
    if (isIn(seat) && !chosen.has(seat)) peers.push(seat);
  }
  return peers;
}

/** Multiplies a positive score and its moving average; a negative score would gain by it. */
function slash(seats: Seats, seat: number, factor: number): void {
  if (seats.final[seat] <= 0) return;
  seats.final[seat] *= factor;
  seats.binary[seat] *= factor;
}

function slashGathered({ seats, deliveries, rule }: ScoringWindow, seat: number): void {
  const overlap = deliveries.overlap[seat];
  if (overlap >= rule.timeoutOverlap) seats.timeout[seat] = rule.timeoutWindows;
  if (overlap >= rule.timeoutOverlap || overlap >= rule.resetOverlap) resetScores(seats, seat);
  else if (overlap >= rule.copyOverlap) slash(seats, seat, copySlash);
  if (deliveries.stepsBehind[seat] > rule.stepsLimit) slash(seats, seat, syncSlash);
}

function slashMissing({ seats, deliveries, rule }: ScoringWindow, gather: readonly number[]): void {
  const { status } = deliveries;
  const came = gather.filter((seat) => status[seat] === delivered.gradient).length;
  const gathered = new Set(came < leastGatherSuccess * gather.length ? gather : []);
  for (let seat = 0; seat < seats.account.length; seat++) {
    if (seats.account[seat] < 0) continue;
    if (status[seat] === delivered.gradient) {
      seats.missing[seat] = 0;
      continue;
    }
    slash(seats, seat, gathered.has(seat) ? 0 : missingSlash);
    if (status[seat] === delivered.invalid) seats.final[seat] = Math.min(0, seats.final[seat]);
    if (seats.final[seat] > 0 && seats.final[seat] < leastScore) seats.final[seat] = 0;
    seats.missing[seat] += 1;
    // A copier keeps its seat until it has sat out, so that leaving and coming back does not shorten that.
    if (seats.missing[seat] > rule.inactivityWindows && seats.timeout[seat] === 0) vacate(seats, seat);
  }
}

/** Who is evaluated in this window: within one bin of similar skill, by odds that grow with the wait, without replacement. */
function drawEvaluated(window: ScoringWindow, uniform: (draw: number) => number): number[] {
  const { seats, deliveries, rule } = window;
  const active: number[] = [];
  for (let seat = 0; seat < seats.account.length; seat++) {
    if (seats.account[seat] < 0) continue;
    if (seats.timeout[seat] > 0) seats.timeout[seat] -= 1;
    else if (deliveries.status[seat] === delivered.gradient) active.push(seat);
  }
  const pool = binOf(window, active, uniform(0));
  const drawn: number[] = [];
  let odds = pool.reduce((sum, seat) => sum + seats.waiting[seat], 0);
  while (drawn.length < rule.evaluationsPerWindow && pool.length > 0) {
    let rest = uniform(1 + drawn.length) * odds;
    let index = 0;
    while (index < pool.length - 1 && rest >= seats.waiting[pool[index]]) rest -= seats.waiting[pool[index++]];
    const [seat] = pool.splice(index, 1);
    odds -= seats.waiting[seat];
    drawn.push(seat);
  }
  return drawn.sort((a, b) => a - b);
}

/** One of the bins of like ordinals, at random; all in one where there are too few to fill every bin's evaluations. */
function binOf({ seats, rule }: ScoringWindow, active: readonly number[], uniform: number): number[] {
  const bins = rule.evaluationBins;
  if (active.length < bins * rule.evaluationsPerWindow) return [...active];
  const ranked = [...active].sort((a, b) => ordinalOf(seats, b) - ordinalOf(seats, a) || a - b);
  const bin = Math.floor(uniform * bins);
  const size = Math.floor(ranked.length / bins);
  const larger = ranked.length % bins;
  const first = bin * size + Math.min(bin, larger);
  return ranked.slice(first, first + size + (bin < larger ? 1 : 0));
}
