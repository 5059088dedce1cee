/**
 * Rational expectations: the forecast of what a unit of ownership will pay is what it does pay (Muth 1961, Econometrica 29).
 *
 * A forecast is a path of dividends per unit of each claim, conditional on the project's survival, and of net revenue; the
 * hazard enters as discount. The search is for the forecast whose outcome is itself: the level of each path is found by the
 * secant method on ln(outcome / forecast), and by regula falsi where that fails; its shape is the last outcome's. Where
 * entry makes a unit worth less the more it is believed to be worth, there is one such level. Where quality needs a minimum
 * of work there may be two, and "nobody comes" besides: the search then returns one near its start.
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

/** What came of a forecast; `hasTakers` says of each claim whether anybody ever worked for it, or delivered data. */
export interface ForecastOutcome extends ForecastPath {
  readonly hasTakers?: readonly boolean[];
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

interface Trial {
  readonly level: number;
  /** ln(outcome / forecast): positive where the forecast was too low. NaN where nobody came, so that a unit paid nothing. */
  readonly gap: number;
}

/** Where the search for one claim's level stands; levels are logarithms. */
interface LevelSearch {
  level: number;
  last?: Trial;
  /** The highest level known to be too low, and the lowest known to be too high. */
  below?: Trial;
  above?: Trial;
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
  outcomeOf: (forecast: ForecastPath) => ForecastOutcome,
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
  let bestScore = Number.POSITIVE_INFINITY;
  for (let iteration = 1; iteration <= limits.iterations; iteration++) {
    const outcome = outcomeOf(forecast);
    const levels = levelsOf(outcome, rates);
    const gaps = levels.map((level, claim) => log(level + floor[claim]) - searches[claim].level);
    const residual = worst(gaps.subarray(0, models));
    const dataResidual = worst(gaps.subarray(models));
    const score = Math.max(residual / limits.tolerance, dataResidual / dataTolerance);
    if (score < bestScore) {
      bestScore = score;
      best = { forecast, residual, dataResidual, iterations: iteration };
    }
    if (score <= 1) break;
    const before = levelsOf(forecast, rates);
    const dividend = outcome.dividend.map((path, claim) => {
      const search = searches[claim];
      const isWorthless = levels[claim] === 0 && before[claim] > 0;
      const isEmpty = isWorthless && outcome.hasTakers?.[claim] !== true;
      const nothing = log(floor[claim]);
      const isSmooth = claim < models && iteration <= secantTrials;
      search.level = isEmpty ? levelAfterNobody(search, nothing) : nextLevel(search, gaps[claim], isSmooth, nothing);
      const wanted = Math.max(0, exp(search.level) - floor[claim]);
      // A path of nothing has no shape: then the forecast keeps its own.
      const [shape, level] = isWorthless ? [forecast.dividend[claim], before[claim]] : [path, levels[claim]];
      const factor = level > 0 ? wanted / level : 0;
      return shape.map((value) => value * factor);
    });
    forecast = { dividend, revenue: outcome.revenue };
  }
  if (!best) throw new Error(`invalid number of iterations: ${limits.iterations}`);
  return best;
}

/** Trials by secant before the search falls back on brackets. */
const secantTrials = 8;

/**
 * The next level to try. The last two trials give a secant, which is quick where outcomes change smoothly. They do not
 * where a release comes or goes, nor where data arrive provider by provider: regula falsi inside the bracket closes in there.
 */
function nextLevel(search: LevelSearch, gap: number, isSmooth: boolean, nothing: number): number {
  const { level, last } = search;
  const now = { level, gap };
  search.last = now;
  if (gap > 0) search.below = now;
  else search.above = now;
  const { below, above } = search;
  if (below && above && Number.isNaN(below.gap)) return between(below, above, nothing);
  const step = (length: number) => level + Math.max(-largestStep, Math.min(largestStep, length));
  const slope = last === undefined || last.level === level ? 0 : (gap - last.gap) / (level - last.level);
  if (isSmooth) return step(slope < -0.1 ? -gap / slope : 0.8 * gap);
  if (!below || !above || below.level >= above.level) {
    // Other claims moved: a bracket whose sides have crossed is stale.
    if (below && above) search[gap > 0 ? "above" : "below"] = undefined;
    return step(0.8 * gap);
  }
  const width = above.level - below.level;
  const secant = below.level + (width * below.gap) / (below.gap - above.gap);
  const margin = 0.1 * width;
  return Math.min(above.level - margin, Math.max(below.level + margin, secant));
}

/** A bracket this narrow, between nobody and too many, holds a jump and no fixed point. */
const narrowestBracket = 0.005;

/**
 * The next level after one at which nobody came. Where it is known that at a higher level too many came, the fixed point
 * may lie between; else nobody comes, and it is believed that a unit is worth `nothing`. Whoever comes and earns nothing
 * (because all cheat, say) is not nobody: then the forecast was too high.
 */
function levelAfterNobody(search: LevelSearch, nothing: number): number {
  const { level, above } = search;
  search.last = undefined;
  if (!above) return nothing;
  search.below = { level, gap: Number.NaN };
  return between(search.below, above, nothing);
}

const between = (nobody: Trial, tooMany: Trial, nothing: number): number =>
  tooMany.level - nobody.level < narrowestBracket ? nothing : (nobody.level + tooMany.level) / 2;
