/**
 * Rational expectations: the forecast of what a unit of ownership will pay is what it does pay (Muth 1961, Econometrica 29).
 *
 * A forecast is a path of dividends per unit of each claim, conditional on the project's survival, and of net revenue; the
 * hazard enters as discount. The search is for the forecast whose outcome is itself: the level of each path is found
 * by bracketing and regula falsi on ln(outcome / forecast), its shape is the last outcome's. Where entry makes a unit
 * worth less the more it is believed to be worth, there is one such level; where quality needs a minimum of work there may
 * be two and "nobody comes" besides: the search then returns the one nearest its start, and the residual tells how near.
 */
import { exp, log } from "@shardlab/numerics";
import { presentValues } from "./present-value.ts";
import type { BeliefInput, Beliefs, DiscountRates } from "./valuation.ts";

/**
 * What is forecast, dollars per epoch. Claims are, for M models, compute ownership of model 0 to M - 1 and then data
 * ownership of model 0 to M - 1; `dividend` has one path per claim, of one unit. `revenue` has one path per model.
 */
export interface ForecastPath {
  readonly dividend: readonly Float64Array[];
  readonly revenue: readonly Float64Array[];
}

/** Beliefs that read their values off a forecast. */
export function rationalBeliefs(forecast: ForecastPath, rates: DiscountRates): Beliefs {
  const classes = rates.providers.length;
  const models = forecast.revenue.length;
  const values = forecast.dividend
    .slice(0, models)
    .flatMap((path, model) => Array.from(rates.providers, (rate) => presentValues(path, rate + rates.hazard[model])));
  const dataValues = forecast.dividend
    .slice(models)
    .map((path, model) => presentValues(path, rates.data + rates.hazard[model]));
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

/** Value at the start of a unit of each claim, at the middle discount rate of its holders: the levels of the paths. */
export function levelsOf({ dividend, revenue }: ForecastPath, rates: DiscountRates): Float64Array {
  const middle = rates.providers[rates.providers.length >> 1];
  return Float64Array.from(dividend, (path, claim) => {
    const rate = claim < revenue.length ? middle : rates.data;
    return presentValues(path, rate + rates.hazard[claim % revenue.length])[0];
  });
}

/** Where the search for one claim's level stands; levels are logarithms. */
interface LevelSearch {
  level: number;
  /** Highest level known to be believed too low, and lowest known to be believed too high, with their gaps. */
  below?: { level: number; gap: number };
  above?: { level: number; gap: number };
}

export interface FixedPoint {
  readonly forecast: ForecastPath;
  /** Largest |ln(outcome / forecast)| of the level of a unit's value, over compute claims and over data claims. */
  readonly residual: number;
  readonly dataResidual: number;
  readonly iterations: number;
}

/** Levels below this share of the prospectus count as "worth nothing". */
const negligible = 1e-3;
const largestStep = 1.5;
/** One data provider can be a tenth of all that is delivered, so data claims cannot be met as closely as compute claims. */
const dataTolerance = 0.15;

/**
 * Searches the fixed point of `outcomeOf`, from `start`.
 *
 * @param prospectus levels (dollars per unit of each claim) that the designers promise; they set the scale of what is negligible
 */
export function findFixedPoint(
  outcomeOf: (forecast: ForecastPath) => ForecastPath,
  start: ForecastPath,
  prospectus: Float64Array,
  rates: DiscountRates,
  limits: { tolerance: number; iterations: number },
): FixedPoint {
  const models = start.revenue.length;
  const floor = prospectus.map((level) => Math.max(1e-300, level * negligible));
  const searches: LevelSearch[] = Array.from(levelsOf(start, rates), (level, claim) => ({
    level: log(level + floor[claim]),
  }));
  const worst = (gaps: Float64Array) => gaps.reduce((largest, gap) => Math.max(largest, Math.abs(gap)), 0);
  let forecast = start;
  let best: FixedPoint | undefined;
  for (let iteration = 1; iteration <= limits.iterations; iteration++) {
    const outcome = outcomeOf(forecast);
    const levels = levelsOf(outcome, rates);
    const gaps = levels.map((level, claim) => log(level + floor[claim]) - searches[claim].level);
    const residual = worst(gaps.subarray(0, models));
    const dataResidual = worst(gaps.subarray(models));
    if (!best || residual < best.residual) best = { forecast, residual, dataResidual, iterations: iteration };
    if (residual <= limits.tolerance && dataResidual <= dataTolerance) break;
    const factors = gaps.map((gap, claim) => {
      searches[claim].level = nextLevel(searches[claim], gap);
      const wanted = Math.max(0, exp(searches[claim].level) - floor[claim]);
      return levels[claim] > 0 ? wanted / levels[claim] : 0;
    });
    forecast = rescaled(outcome, factors);
  }
  if (!best) throw new Error(`invalid number of iterations: ${limits.iterations}`);
  return best;
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
    return level + 0.8 * Math.max(-largestStep, Math.min(largestStep, gap));
  }
  const width = above.level - below.level;
  const secant = below.level + (width * below.gap) / (below.gap - above.gap);
  const margin = 0.1 * width;
  return Math.min(above.level - margin, Math.max(below.level + margin, secant));
}

/** The outcome's shape at the wanted levels; revenue is taken from the outcome as it is. */
function rescaled(outcome: ForecastPath, factors: Float64Array): ForecastPath {
  return { ...outcome, dividend: outcome.dividend.map((path, claim) => path.map((value) => value * factors[claim])) };
}
