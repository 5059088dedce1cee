/**
 * Beliefs that start from the designers' prospectus: `optimistic` ones keep to it until there is revenue, `adaptive` ones
 * correct it at each revision by a share of the error (adaptive expectations; Cagan 1956), extrapolating the work that
 * comes in now to the deadline.
 *
 * A unit is worth l s W e^(-(r + h) d) / U: l is believed revenue in promised revenue, s the owners' share, W the present value of
 * what the plan still promises, d the delay behind the plan, U the units that exist and those to come. Whoever is late is believed
 * to earn later what the plan says, beyond the horizon if need be. The institution learns as the others do, and shares neither
 * their hope nor its fall. Checked: the plan's value, its delay and what steady revenue teaches, in closed form.
 */
import { exp } from "@shardlab/numerics";
import type { Fall } from "./fall/fall-of.ts";
import type { MarketPath } from "./market.ts";
import { type ModelTerms, trainedLoss } from "./model-plan.ts";
import { presentValues } from "./present-value.ts";
import type { ForecastPath } from "./rational.ts";
import type { LossLaw } from "./tables/scaling-laws.ts";
import type { BeliefInput, Beliefs, DiscountRates } from "./valuation.ts";

export interface ProspectusWorld {
  readonly terms: readonly ModelTerms[];
  readonly law: LossLaw;
  readonly market: MarketPath;
  readonly rates: DiscountRates;
  readonly horizonEpochs: number;
}

export interface ProspectusRule {
  readonly kind: "adaptive" | "optimistic";
  /** Believed revenue in promised revenue, at the start. */
  readonly factor: number;
  /** Share of the error corrected in a revision; 0 never learns before there is revenue. */
  readonly gain: number;
  readonly revisionEpochs: number;
  /** When what is believed of models not yet in service changes, and by what factor. */
  readonly fall?: Fall;
}

/** Epochs until a model is expected to be released, if work keeps coming as it does. */
function expectedWait(model: ModelTerms, input: BeliefInput, index: number): number {
  const planned = Math.max(0, model.plannedRelease - input.epoch);
  const missing = model.targetWork - input.cumulativeWork[index];
  if (missing <= 0) return 0;
  const untilDeadline = Math.max(0, model.deadline - input.epoch);
  // On the first day nothing speaks against the plan; afterwards, that nobody works does.
  const withoutWork = input.epoch === 0 ? planned : untilDeadline;
  const atThisRate = input.recentWork[index] > 0 ? missing / input.recentWork[index] : withoutWork;
  return Math.min(untilDeadline, Math.max(planned, atThisRate));
}

export function prospectusBeliefs(world: ProspectusWorld, rule: ProspectusRule): Beliefs {
  const { terms, rates, market, horizonEpochs } = world;
  const classes = rates.providers.length;
  const worthAt = market.planned.map((path, model) =>
    [...rates.providers, rates.data, rates.sponsor].map((rate) => presentValues(path, rate + rates.hazard[model])),
  );
  const level = new Float64Array(terms.length).fill(rule.factor);
  const institutionLevel = new Float64Array(terms.length).fill(1);
  const unitValue = new Float64Array(terms.length * classes);
  const dataUnitValue = new Float64Array(terms.length);
  const expectedValue = new Float64Array(terms.length);
  const revise = (input: BeliefInput): void => {
    if (input.epoch % rule.revisionEpochs === 0) correctLevels(world, rule, input, [level, institutionLevel]);
    if (rule.fall !== undefined && input.epoch === rule.fall.epoch) fallFrom(level, input, rule.fall.factor);
    const unitsToCome = input.unitsToCome();
    for (const [index, model] of terms.entries()) {
      const released = input.releasedAt[index] >= 0;
      const wait = released ? 0 : expectedWait(model, input, index);
      const delay = Math.max(0, input.epoch + wait - model.plannedRelease);
      const at = Math.min(
        horizonEpochs - 1,
        released ? plannedAge(model, input, index) : Math.min(input.epoch, model.plannedRelease),
      );
      const late = released ? 0 : Math.min(delay, Math.max(0, wait));
      const worth = (of: Float64Array, column: number, rate: number) =>
        of[index] * worthAt[index][column][at] * exp(-(rate + rates.hazard[index]) * late);
      const units = input.units[index] + unitsToCome[index];
      for (let k = 0; k < classes; k++) {
        unitValue[index * classes + k] =
          units > 0 ? (worth(level, k, rates.providers[k]) * input.claimShare[index]) / units : 0;
      }
      const dataUnits = Math.max(input.dataUnits[index], model.targetTokens - model.publicTokens, 1);
      dataUnitValue[index] = (worth(level, classes, rates.data) * input.dataClaimShare[index]) / dataUnits;
      expectedValue[index] = worth(institutionLevel, classes + 1, rates.sponsor);
    }
  };
  return { kind: rule.kind, unitValue, dataUnitValue, expectedValue, revise };
}

/** What is in service is judged by its revenue: only promises lose credit. */
function fallFrom(level: Float64Array, { releasedAt }: BeliefInput, factor: number): void {
  for (let model = 0; model < level.length; model++) if (releasedAt[model] < 0) level[model] *= factor;
}

/** The epoch of the plan that a released model's service corresponds to. */
function plannedAge(model: ModelTerms, input: BeliefInput, index: number): number {
  return model.plannedRelease + (input.epoch - input.releasedAt[index]);
}

/** Share of the error that everybody corrects at least, once there is revenue to look at; an assumption. */
const gainFromRevenue = 0.2;

function correctLevels(
  world: ProspectusWorld,
  rule: ProspectusRule,
  input: BeliefInput,
  levels: readonly Float64Array[],
): void {
  const { terms, market, law, horizonEpochs } = world;
  const work = Float64Array.from(terms, (model, index) => {
    const untilDeadline = Math.max(0, model.deadline - input.epoch);
    return Math.min(model.targetWork, input.cumulativeWork[index] + input.recentWork[index] * untilDeadline);
  });
  const loss = Float64Array.from(terms, (model, index) =>
    trainedLoss(law, model, work[index], input.distinctTokens[index]),
  );
  const atPlan = Math.min(horizonEpochs - 1, Math.max(...terms.map((model) => model.plannedRelease)));
  const prospects = Float64Array.from(market.revenueAt(atPlan, { loss, work }));
  for (const [index, model] of terms.entries()) {
    const released = input.releasedAt[index] >= 0;
    if (!released && (rule.gain === 0 || input.recentWork[index] === 0)) continue;
    const when = Math.min(horizonEpochs - 1, released ? plannedAge(model, input, index) : atPlan);
    const promised = market.planned[index][when];
    if (!(promised > 0)) continue;
    const observed = (released ? input.revenue[index] : prospects[index]) / promised;
    const gain = released ? Math.max(rule.gain, gainFromRevenue) : rule.gain;
    for (const level of levels) level[index] += gain * (observed - level[index]);
  }
}

/** The prospectus as a forecast of dividends, from which the search for rational beliefs starts. */
export function prospectusForecast(market: MarketPath, claim: PromisedClaims): ForecastPath {
  const perUnit = (share: Float64Array, units: Float64Array) =>
    market.planned.map((path, model) =>
      path.map((revenue) => (units[model] > 0 ? (revenue * share[model]) / units[model] : 0)),
    );
  return {
    dividend: [...perUnit(claim.share, claim.units), ...perUnit(claim.dataShare, claim.dataUnits)],
    revenue: market.planned,
  };
}

/** What a mechanism promises in its first offer, per model. */
export interface PromisedClaims {
  readonly share: Float64Array;
  readonly dataShare: Float64Array;
  /** Units that will exist at the target. */
  readonly units: Float64Array;
  readonly dataUnits: Float64Array;
  /** Whether pay in coins is worth the more, the more revenue is expected. */
  readonly isCoinOnRevenue: boolean;
}
