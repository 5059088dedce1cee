/**
 * Gauntlet: validators score what peers send by what it does to the loss, and the emission goes to the best scores.
 *
 * An epoch is one or more windows. In each, a few peers are evaluated: the gradient score is the relative fall of the loss on
 * random data; the indicator is 1 where the fall on the peer's own data is larger, otherwise -1, and goes into a moving
 * average (0.95 / 0.05); agreement is (1 - min(x, 5) / 5)^2.5 at x steps behind. Gradient scores rank the window's peers in
 * a Plackett-Luce match, and
 *
 *     final = (mu - 3 sigma) max(0, average) agreement.
 *
 * A missing gradient costs a quarter of a score (all of it for those to be gathered, where fewer than 40 % of them deliver);
 * copying costs half, all, or all and 200 windows, by the overlap with what somebody else sent before; more than 3 steps
 * behind costs a quarter. Half of the emission is burnt, and the rest goes to the twenty best (2 to 1 along a line) and ten
 * more (halving), see `emissionWeights`.
 *
 * Until a published fix the moving average was not cut at 0: whoever sent nothing of use until it was negative and then
 * harmful gradients had a product of two negatives, and most of the weight. `signFix: false` brings that back.
 *
 * **Seats.** A model has `seats` names (UIDs). Free ones go to whoever delivers without one, from a random name on; where
 * none is free, `registrationsPerEpoch` newcomers take the seats with the lowest scores that have been held for
 * `immunityEpochs`. Nobody else is scored or paid. An account with k names may hold k seats, each scored as its own.
 *
 * **Money.** The emission is cash: the part that is not burnt, spread evenly over the term, is worth the outlay. What an
 * epoch does not pay, because nobody has a positive score, goes over to the epochs after it. The quote is what a name that
 * delivered in the epoch before got on average; it does not depend on work beyond delivering at all.
 *
 * Source: Lidin et al., "Incentivizing permissionless distributed learning of LLMs" (arXiv 2505.21684), and tplr-ai/templar,
 * neurons/validator.py at c2397ac with hparams.json; the sign exploit is its pull request 108. The three steps of overlap are
 * those of its comments (high, 95 %, 100 %); `determine_slash_egregiousness` has 0.5 and 0.6 there.
 *
 * Limits: all windows of an epoch see the same measurements; weights are set in every window, not in every second, and
 * gather peers chosen anew in each, not in every fifth; overlap is slashed from the first window on, not the twentieth. An audit's
 * verdict counts as an invalid gradient. Checked: ratings against openskill, weights by hand, scores against a second
 * implementation. Not checked: against logs of the live network.
 */
import {
  access,
  count,
  type Deliveries,
  type EpochBatch,
  type Mechanism,
  type MechanismContext,
  type MechanismProperty,
  microsPerDollar,
  type Offer,
  quantity,
  type Settlement,
  type Situation,
  share,
} from "@shardlab/contracts";
import { splitByLargestRemainder } from "@shardlab/ledger";
import { exp } from "@shardlab/numerics";
import { z } from "zod";
import {
  copySeats,
  delivered,
  emptySeats,
  runWindow,
  type ScoreRule,
  type SeatDeliveries,
  type Seats,
} from "./gauntlet-scores.ts";
import { assignSeats } from "./gauntlet-seats.ts";
import { emissionWeights } from "./gauntlet-weights.ts";
import { emptyOffer } from "./offer.ts";
import { outlayMicros } from "./outlay-terms.ts";
import { treasuryTransfer } from "./payout.ts";

export const gauntletSpec = z.strictObject({
  kind: z.literal("gauntlet"),
  term: quantity("duration", { min: "1 d" }).prefault("365 d").describe("over which the emission is spread"),
  windowsPerEpoch: z.number().int().min(1).max(64).default(1).describe("windows of evaluation in an epoch"),
  seats: z.number().int().min(1).max(4096).default(256).describe("names that are scored, per model"),
  registrationsPerEpoch: z
    .number()
    .int()
    .min(0)
    .max(4096)
    .default(1)
    .describe("newcomers who take a scored seat each epoch"),
  immunityEpochs: z.number().int().min(0).max(10_000).default(2).describe("epochs in which a new seat cannot be taken"),
  evaluationsPerWindow: z.number().int().min(1).max(256).default(15).describe("peers evaluated in a window"),
  evaluationBins: z.number().int().min(1).max(64).default(5).describe("bins of like skill, one of which is evaluated"),
  binaryRate: share().prefault(0.05).describe("weight of the newest indicator in the moving average"),
  performanceDeviation: z.number().min(0.1).max(100).default(7).describe("beta of the ratings"),
  drift: z.number().min(0).max(10).default(0.1).describe("tau of the ratings: uncertainty added per match"),
  stepsLimit: z
    .number()
    .min(0)
    .max(1000)
    .default(3)
    .describe("steps behind beyond which a quarter of the score is lost"),
  copyOverlap: share().prefault(0.4).describe("overlap with an earlier delivery that costs half of the score"),
  resetOverlap: share().prefault(0.95).describe("overlap that costs all of it"),
  timeoutOverlap: share().prefault(1).describe("overlap that costs all of it, and a timeout"),
  timeoutWindows: z.number().int().min(0).max(100_000).default(200),
  inactivityWindows: z
    .number()
    .int()
    .min(0)
    .max(100_000)
    .default(3)
    .describe("missing for longer, a seat is free again"),
  burn: share({ max: 0.99 }).prefault(0.5).describe("share of the emission that nobody gets"),
  gatherShare: share({ min: 0.01 }).prefault(0.75).describe("share of the rest for the best peers"),
  gatherPeers: z.number().int().min(1).max(4096).default(20).describe("best peers, whose gradients are gathered"),
  gatherRatio: z.number().min(1).max(1000).default(2).describe("pay of the first over that of the last of them"),
  reservePeers: z.number().int().min(0).max(4096).default(10).describe("next best, paid along a geometric series"),
  reserveDecay: share({ min: 0.01 }).prefault(0.5).describe("ratio of the series"),
  signFix: z.boolean().default(true).describe("cut the moving average at 0, so that two negatives make no positive"),
  publicTokens: count({ max: 1e15 }).prefault("1T").describe("tokens of public data that the network trains on"),
});
export type GauntletSpec = z.output<typeof gauntletSpec>;

export interface GauntletState {
  readonly context: MechanismContext;
  readonly endEpoch: number;
  /** Emission (what is not burnt of it) that is left, micro-dollars per model. */
  readonly leftMicros: Float64Array;
  /** Seats of each model. */
  readonly seats: readonly Seats[];
  /** Names that delivered in the last epoch, per model. */
  readonly names: Float64Array;
}

export function gauntlet(spec: GauntletSpec): Mechanism<GauntletState> {
  return {
    kind: spec.kind,
    // Without the fix of signs, gradients that do harm are paid.
    claims: spec.signFix ? [...claims, "null-player"] : claims,
    needs: ["evaluations"],
    open: (context) => ({ state: open(spec, context), postings: [] }),
    quote: (state, situation) => quote(spec, state, situation),
    settle: (state, batch) => settle(spec, state, batch),
  };
}

const claims: readonly MechanismProperty[] = [
  "budget-balance",
  "no-creation-from-nothing",
  "order-independence",
  "no-retroactive-confiscation",
];

function open(spec: GauntletSpec, context: MechanismContext): GauntletState {
  const epochs = Math.max(1, Math.round(spec.term / context.epochSeconds));
  let presentValue = 0;
  for (let epoch = 0; epoch < epochs; epoch++) presentValue += exp(-context.sponsorDiscountPerEpoch * epoch);
  const dollars = (context.outlayDollars * epochs) / presentValue;
  return {
    context,
    endEpoch: epochs,
    leftMicros: outlayMicros(context, dollars),
    seats: context.models.map(() => emptySeats(spec.seats)),
    names: new Float64Array(context.models.length),
  };
}

/** What an epoch may pay for one model: an even part of what is left. */
const partMicros = (state: GauntletState, epoch: number, model: number): number =>
  epoch < state.endEpoch ? Math.floor(state.leftMicros[model] / (state.endEpoch - epoch)) : 0;

function quote(spec: GauntletSpec, state: GauntletState, situation: Situation): Offer {
  const offer = emptyOffer(state.context.models.length);
  for (let model = 0; model < offer.access.length; model++) {
    const part = partMicros(state, situation.epoch, model);
    if (situation.training[model] === 0 || part < 1) continue;
    const names =
      state.names[model] > 0 ? state.names[model] : Math.min(spec.seats, spec.gatherPeers + spec.reservePeers);
    offer.access[model] = access.open;
    offer.cashPerIdentity[model] = part / microsPerDollar / names;
    offer.scoredShare[model] = 1;
    offer.ownTokens[model] = situation.epoch === 0 ? spec.publicTokens : 0;
  }
  return offer;
}

function settle(spec: GauntletSpec, state: GauntletState, batch: EpochBatch): Settlement<GauntletState> {
  const { context } = state;
  const postings = treasuryTransfer(context, "revenue of the designer", {
    to: "designer",
    micros: batch.revenueMicros,
  });
  const leftMicros = state.leftMicros.slice();
  const names = new Float64Array(context.models.length);
  const paid = new Float64Array(context.models.length);
  const seats = state.seats.map((present, model) => {
    const part = partMicros(state, batch.epoch, model);
    if (batch.situation.training[model] === 0 || part < 1) return present;
    const next = copySeats(present);
    names[model] = scoreEpoch(spec, batch, { context, model, seats: next });
    if (emissionWeights(next.final, spec).some((weight) => weight > 0)) paid[model] = part;
    leftMicros[model] -= paid[model];
    return next;
  });
  postings.push(...treasuryTransfer(context, "emission", { from: context.sponsor, micros: paid }));
  for (const [model, { final, account }] of seats.entries()) {
    if (paid[model] === 0) continue;
    const amount = new Float64Array(final.length);
    splitByLargestRemainder(paid[model], emissionWeights(final, spec), amount);
    const rows = [...amount.keys()].filter((seat) => amount[seat] > 0);
    postings.push({
      reason: "emission by score",
      asset: context.cash,
      from: context.models[model].treasury,
      to: Int32Array.from(rows, (seat) => account[seat]),
      amount: Float64Array.from(rows, (seat) => amount[seat]),
    });
  }
  return { state: { context, endEpoch: state.endEpoch, leftMicros, seats, names }, postings };
}

/** Seats newcomers of one model and runs the epoch's windows on its seats, in place; returns the names that delivered. */
function scoreEpoch(
  spec: GauntletSpec,
  batch: EpochBatch,
  { context, model, seats }: { readonly context: MechanismContext; readonly model: number; readonly seats: Seats },
): number {
  const drawsPerWindow = 1 + spec.evaluationsPerWindow;
  const drawsPerModel = 1 + spec.windowsPerEpoch * drawsPerWindow;
  const firstDraw = (batch.epoch * context.models.length + model) * drawsPerModel;
  const rowOf = rowsByProvider(context, batch.work, model);
  const start = context.uniform(firstDraw);
  const names = assignSeats(
    seats,
    { rowOf, work: batch.work, providers: context.providers, start, epoch: batch.epoch },
    spec,
  );
  const invalid = batch.verdicts === undefined ? undefined : rowsByProvider(context, batch.verdicts, model);
  const deliveries = seatDeliveries(seats, context, { work: batch.work, rowOf, invalid });
  const rule: ScoreRule = { ...spec, skill: spec };
  for (let window = 0; window < spec.windowsPerEpoch; window++) {
    const first = firstDraw + 1 + window * drawsPerWindow;
    runWindow({ seats, deliveries, rule }, (draw) => context.uniform(first + draw));
  }
  return names;
}

/** Row in which each provider delivered something to `model`, or -1. */
function rowsByProvider(context: MechanismContext, deliveries: Deliveries, model: number): Int32Array {
  const rowOf = new Int32Array(context.providers.count).fill(-1);
  for (let row = 0; row < deliveries.count; row++) {
    if (deliveries.model[row] === model && deliveries.quantity[row] > 0) {
      rowOf[deliveries.account[row] - context.providers.first] = row;
    }
  }
  return rowOf;
}

function seatDeliveries(
  seats: Seats,
  { providers }: MechanismContext,
  {
    work,
    rowOf,
    invalid,
  }: { readonly work: Deliveries; readonly rowOf: Int32Array; readonly invalid: Int32Array | undefined },
): SeatDeliveries {
  const count = seats.account.length;
  const column = () => new Float64Array(count);
  const status = new Uint8Array(count);
  const deliveries = { status, assignedGain: column(), randomGain: column(), stepsBehind: column(), overlap: column() };
  for (let seat = 0; seat < count; seat++) {
    if (seats.account[seat] < 0) continue;
    const provider = seats.account[seat] - providers.first;
    const row = rowOf[provider];
    if (row >= 0 && seats.name[seat] < (work.identities?.[row] ?? 1)) {
      status[seat] = delivered.gradient;
      if (work.evaluations === undefined) continue;
      deliveries.assignedGain[seat] = work.evaluations.assignedGain[row];
      deliveries.randomGain[seat] = work.evaluations.randomGain[row];
      deliveries.stepsBehind[seat] = work.evaluations.stepsBehind[row];
      deliveries.overlap[seat] = work.evaluations.overlap[row];
    } else if (invalid !== undefined && invalid[provider] >= 0) status[seat] = delivered.invalid;
  }
  return deliveries;
}
