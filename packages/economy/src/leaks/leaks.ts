/**
 * Weights that get out, and what that does to owners: at a constant hazard, each model in service leaks, and a copy of it is
 * then sold at what serving costs (`leak` of the markets; the lasting threat of entry at marginal cost, Bertrand 1883).
 *
 * Rational beliefs know the hazard. A forecast takes a model of age t to earn S + (1 - S) k of its revenue, S = e^(-h t), with k
 * what is left beside a copy of its own; each provider discounts that, so that ownership is worth less before anything has
 * happened, and fewer work for it. Once a leak has or has not happened, what is left is believed accordingly, as if revenue came
 * evenly over the rest of the service. Beliefs from the prospectus know of no leak until revenue falls; rational ones do not learn
 * of a leak on a given day (`market.leak`) that they did not foresee. Hazards of different models are independent; a project that
 * fails leaks nothing. How likely a leak is, is assumed: how much of a model a coalition of its providers can put together is a
 * question of its own.
 *
 * `revenue-lost` is the present value, at the sponsor's rate, of the revenue that leaks took. Checked against the closed form
 * of a market split with a copy, the exponential law of the day, the difference of two runs, and what is believed of a unit against
 * the mean over all that may still happen.
 */
import type { LeakSpec } from "@shardlab/markets";
import { exp, expm1 } from "@shardlab/numerics";
import { epochSeconds } from "../epoch.ts";
import { type Extension, extensionBy, measuresWith } from "../extension.ts";
import { demandStepEpochs } from "../market.ts";
import type { PathState, Stage } from "../path-state.ts";
import { type Beliefs, scaleUnitValue } from "../valuation.ts";
import type { EconomyWorld } from "../world.ts";
import { keptRevenue } from "./kept-revenue.ts";
import type { LeakRisk } from "./leak-risk-spec.ts";

const measures = [
  ["leaked", "share"],
  ["revenue-lost", "$"],
] as const;

/** Share of revenue that is expected to be left at an age, where a leak leaves `kept`. */
export const expectedShare = (hazard: number, age: number, kept: number): number =>
  kept + (1 - kept) * exp(-hazard * Math.max(0, age));

/** Mean of `expectedShare` over the next `epochs` of a model that has not leaked. */
export function meanExpectedShare(hazard: number, epochs: number, kept: number): number {
  const exposure = hazard * epochs;
  const survival = exposure > 0 ? -expm1(-exposure) / exposure : 1;
  return kept + (1 - kept) * survival;
}

/** What each model keeps beside a copy of its own, and beside the copies that are out, renewed once a week. */
function keptShares(world: EconomyWorld, { qualityShare, markup, kept }: LeakRisk) {
  const models = world.terms.length;
  const own = new Float64Array(models).fill(kept ?? 1);
  const now = new Float64Array(models).fill(1);
  const only = new Uint8Array(models);
  const solve = kept === undefined ? keptRevenue(world, { qualityShare, markup }) : undefined;
  const renew = (epoch: number, losses: Float64Array, isLeaked: Uint8Array): void => {
    for (let model = 0; solve && model < models; model++) {
      if (!Number.isFinite(losses[model])) continue;
      only.fill(0);
      only[model] = 1;
      own[model] = solve(epoch, losses, only)[model];
    }
    const beside = solve?.(epoch, losses, isLeaked);
    for (let model = 0; model < models; model++)
      now[model] = beside?.[model] ?? (isLeaked[model] === 1 ? own[model] : 1);
  };
  return { own, now, renew };
}

/** What the rest of a model's service is worth, now that it is known whether it has leaked, in what was forecast of it. */
export function toldOfLeak(hazard: number, { age, left, kept }: Service, isLeaked: boolean): number {
  const [fresh, survival] = [meanExpectedShare(hazard, left, kept), exp(-hazard * age)];
  const forecast = survival * fresh + (1 - survival) * kept;
  return forecast > 0 ? (isLeaked ? kept : fresh) / forecast : 1;
}

/** How long a model has been in service and will be, in epochs, and the share of its revenue that a leak leaves. */
interface Service {
  readonly age: number;
  readonly left: number;
  readonly kept: number;
}

/** Turns what was forecast into what is known: whether a model in service has leaked. */
function tellOfLeaks({ market, horizonEpochs }: EconomyWorld, hazard: number, own: Float64Array, isLeaked: Uint8Array) {
  return ({ epoch, releasedAt }: PathState, beliefs: Beliefs): void => {
    for (let model = 0; model < own.length; model++) {
      const age = releasedAt[model] < 0 ? 0 : epoch - releasedAt[model];
      if (age <= 0) continue;
      // Service began on the day of the release, the one before its first whole day.
      const left = Math.max(1, Math.min(market.serviceEpochs - 1 - age, horizonEpochs - epoch));
      const factor = toldOfLeak(hazard, { age, left, kept: own[model] }, isLeaked[model] === 1);
      scaleUnitValue(beliefs, model, factor);
      beliefs.dataUnitValue[model] *= factor;
    }
  };
}

function leaksStage(world: EconomyWorld, risk: LeakRisk): Stage {
  const models = world.terms.length;
  const hazard = risk.hazard * epochSeconds;
  const waits = Float64Array.from(world.terms, ({ name }) =>
    hazard > 0 ? world.streams.stream(`leak/${name}`).exponential(hazard) : Number.POSITIVE_INFINITY,
  );
  const isLeaked = new Uint8Array(models);
  const kept = keptShares(world, risk);
  /** Share of what each model would have earned today that leaks take. */
  const taken = new Float64Array(models);
  const isForesighted = world.spec.beliefs.kind === "rational";
  const tell = tellOfLeaks(world, hazard, kept.own, isLeaked);
  let served = 0;
  let lost = 0;
  const look = (state: PathState): void => {
    const { epoch, releasedAt, releasedLoss, alive } = state;
    let change = false;
    let serving = 0;
    for (let model = 0; model < models; model++) {
      if (Number.isFinite(releasedLoss[model])) serving++;
      const isOut = alive[model] === 1 && releasedAt[model] >= 0 && epoch - releasedAt[model] >= waits[model];
      if (state.isForecast || !isOut || isLeaked[model] === 1 || !Number.isFinite(releasedLoss[model])) continue;
      isLeaked[model] = 1;
      change = true;
    }
    if (change || serving !== served || epoch % demandStepEpochs === 0) kept.renew(epoch, releasedLoss, isLeaked);
    served = serving;
  };
  return {
    kind: "leaks",
    begin: look,
    offered(state, beliefs) {
      if (isForesighted && !state.isForecast) tell(state, beliefs);
    },
    worked({ isForecast, epoch, releasedAt, earningsFactor }) {
      for (let model = 0; model < models; model++) {
        const age = releasedAt[model] < 0 ? 0 : epoch - releasedAt[model];
        const left = isForecast ? expectedShare(hazard, age, kept.own[model]) : kept.now[model];
        taken[model] = (1 - left) * earningsFactor[model];
        earningsFactor[model] *= left;
      }
    },
    earned({ epoch, fullRevenue }) {
      const discount = exp(-world.rates.sponsor * epoch);
      for (let model = 0; model < models; model++) lost += discount * fullRevenue[model] * taken[model];
    },
    measures({ releasedAt }) {
      const released = releasedAt.reduce((sum, day) => sum + (day >= 0 ? 1 : 0), 0);
      const leaked = isLeaked.reduce((sum, flag) => sum + flag, 0) / Math.max(1, released);
      return measuresWith(measures, [leaked, lost]);
    },
  };
}

/** A leak on a given day is the market's; what it took is told here. */
function datedLeakStage(world: EconomyWorld, leak: LeakSpec): Stage {
  const solve = keptRevenue(world, leak);
  const all = new Uint8Array(world.terms.length).fill(1);
  let kept = new Float64Array(all.length).fill(1);
  let served = 0;
  let hasLeaked = false;
  let lost = 0;
  return {
    kind: "leaks",
    earned({ epoch, releasedLoss, revenue }) {
      if (epoch * epochSeconds < leak.day) return;
      const serving = releasedLoss.reduce((sum, loss) => sum + (Number.isFinite(loss) ? 1 : 0), 0);
      if (serving > 0) hasLeaked = true;
      if (serving !== served || epoch % demandStepEpochs === 0)
        kept = Float64Array.from(solve(epoch, releasedLoss, all));
      served = serving;
      const discount = exp(-world.rates.sponsor * epoch);
      for (let model = 0; model < kept.length; model++)
        if (kept[model] > 0) lost += discount * revenue[model] * (1 / kept[model] - 1);
    },
    measures: () => measuresWith(measures, [hasLeaked ? 1 : 0, lost]),
  };
}

export const leaks: Extension = extensionBy(
  ({ leakRisk, market }): LeakRisk | LeakSpec | undefined => leakRisk ?? market.leak,
  {
    create: (world, section) => ("day" in section ? datedLeakStage(world, section) : leaksStage(world, section)),
    measures: () => measures,
    assumptions: ({ leakRisk }) => [
      {
        statement: leakRisk
          ? "Models in service leak at a constant, independent hazard that everybody with rational beliefs knows."
          : "Copies of all models in service are sold from a given day on.",
        checkedAgainst: "the closed form of a market split with a copy; how likely a leak is, is not measured here",
      },
    ],
  },
);
