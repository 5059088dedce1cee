/**
 * Rational expectations: the forecast of what a unit of ownership will pay is what it does pay (Muth 1961, Econometrica 29).
 *
 * A forecast is a path of dividends per unit for each model, conditional on the project's survival, and of net revenue; the
 * hazard enters as discount. `run` searches the forecast whose outcome is itself: the level of each model's path is found
 * by bracketing and regula falsi on ln(outcome / forecast), its shape is the last outcome's. Where entry makes a unit
 * worth less the more it is believed to be worth, there is one such level; where quality needs a minimum of work there may
 * be two and "nobody comes" besides: the search then returns the one nearest its start, and the residual tells how near.
 */
import { exp, log } from "@shardlab/numerics";
import { presentValues } from "./present-value.ts";
import type { BeliefInput, Beliefs, DiscountRates } from "./valuation.ts";

/** Per model, dollars per epoch: of one unit of compute ownership, of one of data ownership, of the whole model. */
export interface ForecastPath {
  readonly dividend: readonly Float64Array[];
  readonly dataDividend: readonly Float64Array[];
  readonly revenue: readonly Float64Array[];
}

/** Beliefs that read their values off a forecast. */
export function rationalBeliefs(forecast: ForecastPath, rates: DiscountRates): Beliefs {
  const classes = rates.providers.length;
  const models = forecast.dividend.length;
  const values = forecast.dividend.flatMap((path, model) =>
    Array.from(rates.providers, (rate) => presentValues(path, rate + rates.hazard[model])),
  );
  const dataValues = forecast.dataDividend.map((path, model) => presentValues(path, rates.data + rates.hazard[model]));
  const worth = forecast.revenue.map((path, model) => presentValues(path, rates.sponsor + rates.hazard[model]));
  const unitValue = new Float64Array(models * classes);
  const dataUnitValue = new Float64Array(models);
  const expectedValue = new Float64Array(models);
  return {
    kind: "rational",
    unitValue,
    dataUnitValue,
    expectedValue,
    revise({ epoch }: BeliefInput): void {
      for (let i = 0; i < values.length; i++) unitValue[i] = values[i][epoch];
      for (let model = 0; model < models; model++) {
        dataUnitValue[model] = dataValues[model][epoch];
        expectedValue[model] = worth[model][epoch];
      }
    },
  };
}

/** Value of a unit at the start, at the middle discount rate: the level of a path. */
export function levelOf(path: Float64Array, rates: DiscountRates, model: number): number {
  const middle = rates.providers[rates.providers.length >> 1];
  return presentValues(path, middle + rates.hazard[model])[0];
}

/** Where the search for one model's level stands; levels are logarithms. */
interface LevelSearch {
  level: number;
  /** Highest level known to be believed too low, and lowest known to be believed too high, with their gaps. */
  below?: { level: number; gap: number };
  above?: { level: number; gap: number };
}

export interface FixedPoint {
  readonly forecast: ForecastPath;
  /** Largest |ln(outcome / forecast)| over the models, of the level of a unit's value. */
  readonly residual: number;
  readonly iterations: number;
}

/** Levels below this share of the prospectus count as "worth nothing". */
const negligible = 1e-3;
const largestStep = 1.5;

/**
 * Searches the fixed point of `outcomeOf`, from `start`.
 *
 * @param prospectus levels (dollars per unit) that the designers promise; they set the scale of what is negligible
 */
export function findFixedPoint(
  outcomeOf: (forecast: ForecastPath) => ForecastPath,
  start: ForecastPath,
  prospectus: Float64Array,
  rates: DiscountRates,
  limits: { tolerance: number; iterations: number },
): FixedPoint {
  const floor = prospectus.map((level) => Math.max(1e-300, level * negligible));
  const levelsOf = (path: ForecastPath) =>
    Float64Array.from(path.dividend, (flow, model) => levelOf(flow, rates, model));
  const believed = levelsOf(start);
  const searches: LevelSearch[] = Array.from(believed, (level, model) => ({ level: log(level + floor[model]) }));
  let forecast = start;
  let best: FixedPoint = { forecast, residual: Number.POSITIVE_INFINITY, iterations: 0 };
  for (let iteration = 1; iteration <= limits.iterations; iteration++) {
    const outcome = outcomeOf(forecast);
    const outcomeLevels = levelsOf(outcome);
    const gaps = outcomeLevels.map((level, model) => log(level + floor[model]) - searches[model].level);
    const residual = gaps.reduce((worst, gap) => Math.max(worst, Math.abs(gap)), 0);
    if (residual < best.residual) best = { forecast, residual, iterations: iteration };
    if (residual <= limits.tolerance) return { forecast, residual, iterations: iteration };
    const factors = gaps.map((gap, model) => {
      const next = nextLevel(searches[model], gap);
      searches[model].level = next;
      const wanted = Math.max(0, exp(next) - floor[model]);
      return outcomeLevels[model] > 0 ? wanted / outcomeLevels[model] : 0;
    });
    forecast = rescaled(outcome, forecast, factors, 0.5);
  }
  return { ...best, iterations: limits.iterations };
}

/** The next level to try: a bounded step until both sides are known, then regula falsi kept inside the bracket. */
function nextLevel(search: LevelSearch, gap: number): number {
  const { level } = search;
  if (gap > 0) search.below = { level, gap };
  else search.above = { level, gap };
  const { below, above } = search;
  if (!below || !above || below.level >= above.level) {
    // Other models moved: a bracket whose sides have crossed is stale.
    if (below && above) search[gap > 0 ? "above" : "below"] = undefined;
    return level + 0.7 * Math.max(-largestStep, Math.min(largestStep, gap));
  }
  const width = above.level - below.level;
  const secant = below.level + (width * below.gap) / (below.gap - above.gap);
  const margin = 0.1 * width;
  return Math.min(above.level - margin, Math.max(below.level + margin, secant));
}

/** The outcome's shape at the wanted level; the data's and the revenue's paths move half way to the outcome. */
function rescaled(outcome: ForecastPath, forecast: ForecastPath, factors: Float64Array, step: number): ForecastPath {
  const towards = (from: readonly Float64Array[], to: readonly Float64Array[]) =>
    from.map((path, model) => path.map((value, epoch) => value + step * (to[model][epoch] - value)));
  return {
    dividend: outcome.dividend.map((path, model) =>
      factors[model] > 0 ? path.map((value) => value * factors[model]) : forecast.dividend[model].map(() => 0),
    ),
    dataDividend: towards(forecast.dataDividend, outcome.dataDividend),
    revenue: towards(forecast.revenue, outcome.revenue),
  };
}
