/**
 * Protocol models: whoever contributes verified work to a model owns a share of that model's inference revenue.
 *
 * Units of ownership per PFLOP are w(C) = u exp(-lambda C / C*), with C the work already in the model, C* the work aimed at
 * and lambda the early weight: early work earns more, over cumulative work and never over the calendar. Revenue net of
 * serving goes to the holders of compute ownership, the holders of data ownership and the designer in fixed shares. For an
 * opening period only the designer's own group may contribute.
 *
 * Source: Pluralis Research, "Protocol Learning, Protocol Models and the Great Convergence" (2025), which names the
 * principle (ownership by verified work, early work weighing more, designers first) and publishes no formula; the
 * exponential weight is ours. With `matchOutlay` the owners' share is cut to what the other institutions spend.
 */
import {
  access,
  type Deliveries,
  type EpochBatch,
  type Mechanism,
  type MechanismContext,
  mechanismProperties,
  type Offer,
  type PostingBatch,
  quantity,
  type Settlement,
  type Situation,
  share,
} from "@shardlab/contracts";
import { splitByLargestRemainder } from "@shardlab/ledger";
import { exp } from "@shardlab/numerics";
import { z } from "zod";
import { emptyOffer } from "./offer.ts";

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
});
export type ProtocolModelsSpec = z.output<typeof protocolModelsSpec>;

/** One unit of compute ownership stands for a TFLOP of full-weight work, fine enough that rounding down costs nothing. */
const unitsPerWork = 1000;
const unitsPerToken = 1;

/** Revenue is paid out early before it outgrows what one posting can carry (2^52). */
const largestAccrual = 2 ** 51;

export interface ProtocolModelsState {
  readonly context: MechanismContext;
  /** Contributors' share of revenue per model, promised in the first epoch; negative until then. */
  readonly promisedShare: Float64Array;
  /** Revenue that has come in since the last settlement, micro-dollars per model. */
  readonly accruedMicros: Float64Array;
}

export function protocolModels(spec: ProtocolModelsSpec): Mechanism<ProtocolModelsState> {
  return {
    kind: spec.kind,
    claims: mechanismProperties,
    open: (context) => ({
      state: {
        context,
        promisedShare: new Float64Array(context.models.length).fill(-1),
        accruedMicros: new Float64Array(context.models.length),
      },
      postings: [],
    }),
    quote: (state, situation) => quote(spec, state, situation),
    settle: (state, batch) => settle(spec, state, batch),
  };
}

/** The contributors' share: what was promised, or, at the start, what matches the outlay. */
function shareOf(spec: ProtocolModelsSpec, state: ProtocolModelsState, situation: Situation, model: number): number {
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
    const contributors = shareOf(spec, state, situation, model);
    offer.claimShare[model] = contributors * (1 - spec.dataShare);
    offer.dataClaimShare[model] = contributors * spec.dataShare;
    if (situation.training[model] === 0) continue;
    offer.access[model] = designersOnly ? access.designers : access.open;
    offer.claimPerWork[model] =
      unitsPerWork * exp((-spec.earlyWeight * situation.cumulativeWork[model]) / context.models[model].targetWork);
    offer.claimPerToken[model] = unitsPerToken;
  }
  return offer;
}

function settle(
  spec: ProtocolModelsSpec,
  state: ProtocolModelsState,
  batch: EpochBatch,
): Settlement<ProtocolModelsState> {
  const { context } = state;
  const promisedShare = state.promisedShare.map((promised, model) =>
    promised >= 0 ? promised : shareOf(spec, state, batch.situation, model),
  );
  const accruedMicros = state.accruedMicros.map((micros, model) => micros + batch.revenueMicros[model]);
  const postings = grantOwnership(context, batch);
  const seconds = (batch.epoch + 1) * context.epochSeconds;
  const isDue = Math.floor(seconds / spec.settlement) > Math.floor((seconds - context.epochSeconds) / spec.settlement);
  const isLarge = accruedMicros.some((micros) => micros > largestAccrual);
  if (!isDue && !isLarge && batch.epoch + 1 < context.horizonEpochs) {
    return { state: { context, promisedShare, accruedMicros }, postings };
  }
  for (let model = 0; model < context.models.length; model++) {
    postings.push(...shareRevenue(spec, context, batch, model, accruedMicros[model], promisedShare[model]));
  }
  return { state: { context, promisedShare, accruedMicros: new Float64Array(accruedMicros.length) }, postings };
}

/** Ownership of the model that each provider worked for, and of the model that each data provider delivered to. */
function grantOwnership(context: MechanismContext, batch: EpochBatch): PostingBatch[] {
  const grant = (
    reason: string,
    assets: readonly number[],
    deliveries: Deliveries,
    rate: Float64Array,
  ): PostingBatch[] => {
    const { count, model, quantity } = deliveries;
    const asset = new Int32Array(count);
    const amount = new Float64Array(count);
    let granted = 0;
    for (let i = 0; i < count; i++) {
      asset[i] = assets[model[i]];
      amount[i] = Math.floor(quantity[i] * rate[model[i]]);
      granted += amount[i];
    }
    const to = deliveries.account.slice(0, count);
    return granted > 0
      ? [{ reason, asset: assets.length === 1 ? assets[0] : asset, from: context.issuer, to, amount }]
      : [];
  };
  const computeAssets = context.models.map((model) => model.ownership);
  const dataAssets = context.models.map((model) => model.dataOwnership);
  return [
    ...grant("ownership for verified work", computeAssets, batch.work, batch.offer.claimPerWork),
    ...grant("ownership for data", dataAssets, batch.data, batch.offer.claimPerToken),
  ];
}

/** Splits one model's revenue between compute owners, data owners and the designer, who also gets what nobody owns. */
function shareRevenue(
  spec: ProtocolModelsSpec,
  context: MechanismContext,
  batch: EpochBatch,
  model: number,
  revenueMicros: number,
  contributors: number,
): PostingBatch[] {
  if (revenueMicros <= 0) return [];
  const { treasury, designer, ownership, dataOwnership } = context.models[model];
  const postings: PostingBatch[] = [];
  const payOwners = (owners: MechanismContext["providers"], asset: number, micros: number, reason: string): number => {
    const held = new Float64Array(owners.count);
    batch.situation.balances.balancesInto(owners, asset, held);
    if (micros <= 0 || !held.some((units) => units > 0)) return 0;
    const amount = new Float64Array(owners.count);
    splitByLargestRemainder(micros, held, amount);
    postings.push({ reason, asset: context.cash, from: treasury, to: owners, amount });
    return micros;
  };
  const pool = Math.floor(revenueMicros * contributors);
  const dataPart = Math.floor(pool * spec.dataShare);
  const toData = payOwners(context.dataProviders, dataOwnership, dataPart, "revenue share of data");
  const toCompute = payOwners(context.providers, ownership, pool - dataPart, "revenue share of compute");
  const rest = revenueMicros - toData - toCompute;
  postings.push({
    reason: "revenue of the designer",
    asset: context.cash,
    from: treasury,
    to: designer,
    amount: Float64Array.of(rest),
  });
  return postings;
}
