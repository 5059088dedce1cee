/**
 * The search for the next architecture, paid for with compute: a share of each day's useful work goes into experiments on a
 * rugged landscape (`nk-landscape.ts`), made in turn by a few labs who keep their results, or by many who publish
 * (`searchers.ts`). What goes into experiments does not train.
 *
 * `best-fitness` is 0 at the landscape's mean, where a search starts on average, and 1 at its highest (by enumeration). With a
 * quality gain G, a model earns G^fitness times as much, with the best architecture known when it was released. Until then
 * everybody reckons with the best of today, and afterwards goes by revenue; rational beliefs foresee what the search finds, luck
 * included. That architectures are NK landscapes is an analogy, not a measurement: K, and what an experiment costs, are assumptions.
 *
 * Checked: landscapes against two closed forms, and what experiments take from training, with cheating and without.
 */
import { flopPerWork } from "@shardlab/contracts";
import { pow } from "@shardlab/numerics";
import { type Extension, extensionBy, measuresWith } from "../extension.ts";
import type { PathState, Stage } from "../path-state.ts";
import { type Beliefs, scaleUnitValue } from "../valuation.ts";
import type { EconomyWorld } from "../world.ts";
import { type Landscape, nkLandscape, normalisedFitness } from "./nk-landscape.ts";
import type { SearchSpec } from "./search-spec.ts";
import { makeExperiment, startSearch } from "./searchers.ts";

const measures = [
  ["best-fitness", "1"],
  ["architectures-tried", "1"],
  ["experiments", "1"],
  ["experiments/in-vain", "share"],
] as const;

/** Experiments in a day; beyond it there is no point in being exact. */
const mostExperiments = 20_000;

/** Landscapes that the paths of one world share. */
const landscapes = new WeakMap<EconomyWorld, Landscape>();

function landscapeOf(world: EconomyWorld, spec: SearchSpec): Landscape {
  const known = landscapes.get(world);
  if (known) return known;
  const landscape = nkLandscape(spec.components, spec.interactions, world.streams.stream("landscape"));
  landscapes.set(world, landscape);
  return landscape;
}

/** Useful work of the day on all models, PFLOP: what would train them. */
function usefulWork({ world, recentWork, offer, training, conduct }: PathState): number {
  return (conduct?.trainingWork ?? recentWork).reduce((sum, work, model) => {
    const own = training[model] === 1 ? offer.ownWork[model] : 0;
    return sum + work * offer.usefulShare[model] * world.usefulShare + own;
  }, 0);
}

function searchStage(world: EconomyWorld, spec: SearchSpec): Stage {
  const landscape = landscapeOf(world, spec);
  const search = startSearch(landscape, spec, world.streams.stream("search"));
  const models = world.terms.length;
  const factors = new Float64Array(models).fill(1);
  const isForesighted = world.spec.beliefs.kind === "rational";
  let saved = 0;
  const bestNow = () => normalisedFitness(landscape, search.bestFitness);
  const experiment = (): void => {
    const affordable = Math.min(mostExperiments, Math.floor((saved * flopPerWork) / spec.experiment));
    for (let made = 0; made < affordable; made++) {
      saved -= spec.experiment / flopPerWork;
      makeExperiment(search);
    }
  };
  /** A model has the architecture that was the best when it was last released. */
  const adopt = (state: PathState): void => {
    const factor = pow(spec.qualityGain, bestNow());
    for (let model = 0; model < models; model++)
      if (state.releasedAt[model] < 0 || state.lastRelease[model] === state.epoch) factors[model] = factor;
  };
  return {
    kind: "search",
    offered(state, beliefs: Beliefs) {
      if (isForesighted || spec.qualityGain === 1) return;
      for (let model = 0; model < models; model++) {
        if (state.releasedAt[model] >= 0) continue;
        scaleUnitValue(beliefs, model, factors[model]);
        beliefs.dataUnitValue[model] *= factors[model];
        beliefs.expectedValue[model] *= factors[model];
      }
    },
    worked(state) {
      saved += spec.budget * usefulWork(state);
      for (let model = 0; model < models; model++) state.trainedShare[model] *= 1 - spec.budget;
      // What was released yesterday has yesterday's best.
      adopt(state);
      experiment();
      for (let model = 0; model < models; model++) state.earningsFactor[model] *= factors[model];
    },
    measures: () => {
      const { tried, experiments } = search;
      const inVain = experiments > 0 ? 1 - (tried - 1) / experiments : 0;
      return measuresWith(measures, [bestNow(), tried, experiments, inVain]);
    },
  };
}

export const search: Extension = extensionBy((spec) => spec.search, {
  create: searchStage,
  measures: () => measures,
  assumptions: () => [
    {
      statement:
        "Architectures are points of an NK landscape, found by changing one choice, mixing two or leaping; an analogy whose " +
        "ruggedness is assumed.",
      checkedAgainst:
        "the number of local optima of NK landscapes, 1 at K = 0 and 2^N / (N + 1) on average at K = N - 1",
    },
  ],
});
