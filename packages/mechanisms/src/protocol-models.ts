/**
 * Protocol models: whoever contributes verified work to a model owns a share of that model's inference revenue.
 *
 * Units of ownership per PFLOP are w(C) = u exp(-lambda C / C*), with C the work already in the model, C* the work aimed at
 * and lambda the early weight: early work earns more, over cumulative work and never over the calendar. Revenue net of
 * serving goes to the holders of compute ownership, the holders of data ownership and the designer in fixed shares. For an
 * opening period only the designer's own group may contribute.
 *
 * Source: Pluralis Research, "Protocol Learning, Protocol Models and the Great Convergence" (2025), which names the
 * principle (ownership by verified work, early work weighing more, risk-adjusted, designers first) and publishes no formula;
 * the exponential weight is ours. With `matchOutlay` the owners' share is cut to what the other institutions spend.
 *
 * The rule deployed on the Agora site counts points: processed PFLOP and 1 PFLOP for every hour that a node is up, added up by
 * account. `uptimeWorkPerHour` is that baseline b, under the same weight w. It is paid for each name, so that with it k names
 * that do the work q of one, among others with Q work under n names, earn (q + k b) / (q + k b + Q + n b) of the epoch's units: more
 * with every name. With `riskAdjusted` work counts times good / (good + bad), the work of the past that was found good and bad;
 * how the published principle adjusts for risk is not said, and this reading is ours.
 */
import {
  access,
  type EpochBatch,
  type Mechanism,
  type MechanismContext,
  type MechanismProperty,
  mechanismProperties,
  type Offer,
  type PostingBatch,
  quantity,
  type Settlement,
  type Situation,
  share,
} from "@shardlab/contracts";
import { exp } from "@shardlab/numerics";
import { z } from "zod";
import { emptyOffer } from "./offer.ts";
import { issueOwnership, unitsPerWork } from "./ownership-grant.ts";
import { isPayoutDue, shareRevenue } from "./revenue-share.ts";

export const protocolModelsSpec = z.strictObject({
  kind: z.literal("protocol-models"),
  revenueShare: share().prefault(0.9).describe("largest share of revenue (net of serving) that goes to contributors"),
  dataShare: share().prefault(0.1).describe("share of the contributors' part that goes to data rather than compute"),
  earlyWeight: z
    .number()
    .min(0)
    .max(20)
    .default(1.386)
    .describe("lambda: work at the target earns exp(-lambda) of the first"),
  exclusive: quantity("duration", { min: "0 s" }).prefault("0 s").describe("designers alone may contribute this long"),
  settlement: quantity("duration", { min: "1 d" }).prefault("30 d").describe("how often revenue is paid out"),
  matchOutlay: z
    .boolean()
    .default(true)
    .describe("cut the contributors' share so that its expected value is the outlay"),
  uptimeWorkPerHour: z
    .number()
    .min(0)
    .max(1e6)
    .default(0)
    .describe("PFLOP an hour that each name at work is credited with besides its work (deployed: 1)"),
  riskAdjusted: z
    .boolean()
    .default(false)
    .describe("weight work by the share of a provider's past work that was not found bad"),
});
export type ProtocolModelsSpec = z.output<typeof protocolModelsSpec>;

const secondsPerHour = 3600;

/** Units of data ownership for a token. */
const unitsPerToken = 1;

export interface ProtocolModelsState {
  readonly context: MechanismContext;
  /** Contributors' share of revenue per model, promised in the first epoch; negative until then. */
  readonly promisedShare: Float64Array;
  /** Revenue that has come in since the last settlement, micro-dollars per model. */
  readonly accruedMicros: Float64Array;
  /** Work of each provider that was found good and bad, PFLOP; only where work is weighted by it. */
  readonly history?: History;
}

interface History {
  readonly good: Float64Array;
  readonly bad: Float64Array;
}

export function protocolModels(spec: ProtocolModelsSpec): Mechanism<ProtocolModelsState> {
  return {
    kind: spec.kind,
    claims: claimsOf(spec),
    open: (context) => ({
      state: {
        context,
        promisedShare: new Float64Array(context.models.length).fill(-1),
        accruedMicros: new Float64Array(context.models.length),
        ...(spec.riskAdjusted ? { history: emptyHistory(context.providers.count) } : {}),
      },
      postings: [],
    }),
    quote: (state, situation) => quote(spec, state, situation),
    settle: (state, batch) => settle(spec, state, batch),
  };
}

/** A baseline is paid for names and not for work; what a provider's own history weighs can be passed on to a better one. */
function claimsOf({ uptimeWorkPerHour, riskAdjusted }: ProtocolModelsSpec): readonly MechanismProperty[] {
  const lost: MechanismProperty[] = [];
  if (uptimeWorkPerHour > 0) lost.push("sybil-proofness", "collusion-resistance", "null-player");
  if (riskAdjusted) lost.push("collusion-resistance", "individual-rationality", "incentive-compatibility");
  return mechanismProperties.filter((property) => !lost.includes(property));
}

const emptyHistory = (providers: number): History => ({
  good: new Float64Array(providers),
  bad: new Float64Array(providers),
});

/** The contributors' share: what was promised, or, at the start, what matches the outlay. */
function shareOf(
  spec: ProtocolModelsSpec,
  state: ProtocolModelsState,
  { situation, model }: { readonly situation: Situation; readonly model: number },
): number {
  if (state.promisedShare[model] >= 0) return state.promisedShare[model];
  if (!spec.matchOutlay) return spec.revenueShare;
  const value = situation.expectedValueDollars.reduce((sum, dollars) => sum + dollars, 0);
  return value > 0 ? Math.min(spec.revenueShare, state.context.outlayDollars / value) : spec.revenueShare;
}

function quote(spec: ProtocolModelsSpec, state: ProtocolModelsState, situation: Situation): Offer {
  const { context } = state;
  const offer = emptyOffer(context.models.length);
  const designersOnly = situation.epoch * context.epochSeconds < spec.exclusive;
  for (let model = 0; model < context.models.length; model++) {
    const contributors = shareOf(spec, state, { situation, model });
    offer.claimShare[model] = contributors * (1 - spec.dataShare);
    offer.dataClaimShare[model] = contributors * spec.dataShare;
    if (situation.training[model] === 0) continue;
    offer.access[model] = designersOnly ? access.designers : access.open;
    offer.claimPerWork[model] =
      unitsPerWork * exp((-spec.earlyWeight * situation.cumulativeWork[model]) / context.models[model].targetWork);
    offer.claimPerIdentity[model] = offer.claimPerWork[model] * uptimeWork(spec, context);
    offer.claimPerToken[model] = unitsPerToken;
  }
  return offer;
}

/** Work that a name is credited with in an epoch, PFLOP. */
const uptimeWork = ({ uptimeWorkPerHour }: ProtocolModelsSpec, { epochSeconds }: MechanismContext): number =>
  (uptimeWorkPerHour * epochSeconds) / secondsPerHour;

function settle(
  spec: ProtocolModelsSpec,
  state: ProtocolModelsState,
  batch: EpochBatch,
): Settlement<ProtocolModelsState> {
  const { context } = state;
  const { situation } = batch;
  const promisedShare = state.promisedShare.map((_, model) => shareOf(spec, state, { situation, model }));
  const accruedMicros = state.accruedMicros.map((micros, model) => micros + batch.revenueMicros[model]);
  const { history } = state;
  const postings = grantOwnership(context, batch, history);
  const nextHistory = history === undefined ? {} : { history: historyAfter(history, context, batch) };
  if (!isPayoutDue(context, batch.epoch, { settlementSeconds: spec.settlement, accruedMicros })) {
    return { state: { context, promisedShare, accruedMicros, ...nextHistory }, postings };
  }
  for (let model = 0; model < context.models.length; model++) {
    const [revenueMicros, contributors] = [accruedMicros[model], promisedShare[model]];
    postings.push(...shareRevenue(context, batch, { model, revenueMicros, contributors, dataShare: spec.dataShare }));
  }
  const nothingAccrued = new Float64Array(accruedMicros.length);
  return { state: { context, promisedShare, accruedMicros: nothingAccrued, ...nextHistory }, postings };
}

/** Ownership of the model that each provider worked for, and of the model that each data provider delivered to. */
function grantOwnership(context: MechanismContext, batch: EpochBatch, history: History | undefined): PostingBatch[] {
  const { work, data, offer } = batch;
  const computeAssets = context.models.map((model) => model.ownership);
  const dataAssets = context.models.map((model) => model.dataOwnership);
  const forWork = (row: number): number => {
    const reliability = history === undefined ? 1 : reliabilityOf(history, work.account[row] - context.providers.first);
    return work.quantity[row] * reliability * offer.claimPerWork[work.model[row]];
  };
  const forUptime = (row: number): number => (work.identities?.[row] ?? 1) * offer.claimPerIdentity[work.model[row]];
  const hasBaseline = offer.claimPerIdentity.some((units) => units > 0);
  const forTokens = (row: number): number => data.quantity[row] * offer.claimPerToken[data.model[row]];
  const ofCompute = { assets: computeAssets, deliveries: work };
  return [
    ...issueOwnership(context, { ...ofCompute, reason: "ownership for verified work", unitsOf: forWork }),
    ...(hasBaseline
      ? issueOwnership(context, { ...ofCompute, reason: "ownership for uptime", unitsOf: forUptime })
      : []),
    ...issueOwnership(context, {
      reason: "ownership for data",
      assets: dataAssets,
      deliveries: data,
      unitsOf: forTokens,
    }),
  ];
}

/** Share of a provider's past work that was found good; 1 for whoever has none. */
function reliabilityOf({ good, bad }: History, provider: number): number {
  return bad[provider] > 0 ? good[provider] / (good[provider] + bad[provider]) : 1;
}

function historyAfter(history: History, { providers }: MechanismContext, { work, verdicts }: EpochBatch): History {
  const [good, bad] = [history.good.slice(), history.bad.slice()];
  for (let row = 0; row < work.count; row++) good[work.account[row] - providers.first] += work.quantity[row];
  if (verdicts === undefined) return { good, bad };
  for (let row = 0; row < verdicts.count; row++) bad[verdicts.account[row] - providers.first] += verdicts.quantity[row];
  return { good, bad };
}
