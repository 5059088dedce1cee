/**
 * Whether owners pick the better models: models differ in a quality that multiplies their revenue and that nobody sees before
 * release, and each provider goes by what it sees itself (`signals.ts`) and by where the others' work went.
 *
 * In a pro-rata contest of free entry, work goes to models in proportion to what they are worth (`contest.ts`, V / C = k), so
 * that z_m = W_m / mean W is what the others' work says of the quality of model m, as long as worth by the plan does not grow with
 * work. With social weight o a view is E[q | own]^(1 - o) z_m^o, a rule of thumb; before there is work it is E[q | own]. Where people decide in turn and see what those before them
 * did, their own information can stop to count (Banerjee 1992, Quarterly Journal of Economics 107; Bikhchandani, Hirshleifer
 * and Welch 1992, Journal of Political Economy 100). `herding` is the share of decisions to work that would have been
 * others by the provider's own information alone, with the same luck; it is not measured where providers have strategies, attacks
 * or audits. Nobody infers quality from prices or from the forecast. Data providers see nothing. A released model's quality is
 * seen by all.
 *
 * Whoever does not forecast the units that a model's work will create reckons them from the present pace (`crowding.ts`).
 * The search for rational beliefs finds no equilibrium of many models that are nearly alike to everybody: see the measure
 * `belief-residual`, and prefer adaptive beliefs with a high gain there.
 *
 * `allocation-efficiency` is the value of the work that was done before the first release, when nobody had seen a quality, in
 * that of the best allocation of as much work, by the market at the planned release with every quality known. Checked: views
 * against Bayes' rule by quadrature, the best allocation against w ~ q^(1 / (1 - eta)) under V = q A w^eta.
 */
import { pow } from "@shardlab/numerics";
import { hasConduct } from "../conduct/conduct-spec.ts";
import { type Extension, extensionBy, measuresWith, type NamedUnits } from "../extension.ts";
import { trainedLoss } from "../model-plan.ts";
import { reviseProviders } from "../participation.ts";
import type { PathState, Stage } from "../path-state.ts";
import type { EconomySpec } from "../spec.ts";
import { type Beliefs, scaleUnitValue } from "../valuation.ts";
import type { EconomyWorld } from "../world.ts";
import { type AllocationProblem, allocationQuality } from "./allocation.ts";
import { crowdingFactors } from "./crowding.ts";
import type { ModelChoice } from "./model-choice-spec.ts";
import { ownViews, qualitiesOf } from "./signals.ts";

const measures = [
  ["allocation-efficiency", "1"],
  ["allocation-efficiency/above-random", "1"],
  ["work-on-best", "share"],
  ["herding", "share"],
] as const;

/** Herding is told from what a provider would have chosen by logit, and so only where all choose by it and nobody may cheat. */
const measuresOf = (spec: EconomySpec): NamedUnits =>
  hasConduct(spec) ? measures.filter(([name]) => name !== "herding") : measures;

/** What the paths of one world share. */
interface Information {
  readonly qualities: Float64Array;
  readonly own: Float32Array;
  /** The part of a view that one's own information keeps beside the others' work: own^(1 - o). */
  readonly leaning: Float32Array;
}

const informationOf = new WeakMap<EconomyWorld, Information>();

function informationIn(world: EconomyWorld, socialWeight: number): Information {
  const known = informationOf.get(world);
  if (known) return known;
  const qualities = qualitiesOf(world);
  const own = ownViews(world, qualities);
  const leaning = socialWeight > 0 ? own.map((view) => pow(view, 1 - socialWeight)) : own;
  const information = { qualities, own, leaning };
  informationOf.set(world, information);
  return information;
}

/** Least popularity of a model, in that of the mean: one that nobody works on is not beyond all hope. */
const leastPopularity = 0.01;

/** What the others' work says of each model that is not in service; 1 of the others, and before there is work. */
export function popularityFactors(work: Float64Array, isOpen: ArrayLike<boolean>, socialWeight: number): Float64Array {
  const factors = new Float64Array(work.length).fill(1);
  let total = 0;
  let models = 0;
  for (let model = 0; model < work.length; model++) {
    if (!isOpen[model]) continue;
    total += work[model];
    models++;
  }
  if (!(total > 0) || socialWeight === 0) return factors;
  for (let model = 0; model < work.length; model++) {
    if (isOpen[model]) factors[model] = pow(Math.max(leastPopularity, (work[model] * models) / total), socialWeight);
  }
  return factors;
}

/** The market at the planned release with every quality known, as a value of work. */
function allocationProblem(state: PathState, qualities: Float64Array, chosen: Float64Array): AllocationProblem {
  const { terms, law, market, horizonEpochs } = state.world;
  const epoch = Math.min(horizonEpochs - 1, Math.max(...terms.map(({ plannedRelease }) => plannedRelease)));
  const loss = new Float64Array(terms.length);
  const worthOf = (work: Float64Array): number => {
    for (const [model, plan] of terms.entries()) {
      loss[model] =
        work[model] > 0 ? trainedLoss(law, plan, work[model], state.distinctTokens[model]) : Number.POSITIVE_INFINITY;
    }
    const revenue = market.revenueAt(epoch, { loss, work });
    return revenue.reduce((sum, dollars, model) => sum + dollars * qualities[model], 0);
  };
  const total = chosen.reduce((sum, work) => sum + work, 0);
  // Training may run over its end within a day.
  const caps = Float64Array.from(terms, (plan, model) => Math.max(plan.maximumWork, chosen[model]));
  return { total, caps, worthOf };
}

/** Counts the decisions that a provider's own information alone would have made otherwise. */
function herdingCounter(own: Float32Array) {
  let before = new Int32Array(0);
  let sober: Beliefs | undefined;
  const counts = { decisions: 0, herded: 0 };
  const note = (state: PathState, beliefs: Beliefs): void => {
    before = state.participation.choice.slice();
    sober = { ...beliefs, unitValue: beliefs.unitValue.slice() };
  };
  const compare = (state: PathState): void => {
    const { world, offer, participation, scratch, epoch } = state;
    if (sober === undefined || !offer.access.some((open) => open > 0)) return;
    const { rule, population } = world;
    const leaning = scratch.views;
    scratch.views = own;
    const alone = { ...participation, choice: before };
    const draws = world.draws(Math.floor(epoch / rule.revisionEpochs));
    reviseProviders(population, sober, offer, rule, draws, epoch, alone, scratch);
    scratch.views = leaning;
    for (const { first, count } of population.blocksByPhase[epoch % rule.revisionEpochs]) {
      for (let i = first; i < first + count; i++) {
        if (participation.choice[i] < 0) continue;
        counts.decisions++;
        if (before[i] !== participation.choice[i]) counts.herded++;
      }
    }
    sober = undefined;
  };
  return { note, compare, share: () => counts.herded / Math.max(1, counts.decisions) };
}

function modelChoiceStage(world: EconomyWorld, { socialWeight, crowding }: ModelChoice): Stage {
  const { qualities, own, leaning } = informationIn(world, socialWeight);
  const models = qualities.length;
  const herding = hasConduct(world.spec) ? undefined : herdingCounter(own);
  const isCrowded = crowding && world.spec.beliefs.kind !== "rational";
  const scaleUnits = (beliefs: Beliefs, factors: Float64Array): void => {
    for (const [model, factor] of factors.entries()) scaleUnitValue(beliefs, model, factor);
  };
  // Rational forecasts leave quality out, so that it multiplies them once it is seen; other beliefs learn it from revenue.
  const seen = world.spec.beliefs.kind === "rational" ? qualities : new Float64Array(models).fill(1);
  const isSeen = new Uint8Array(models);
  /** Work when the first model was released: what was chosen before anybody saw a quality. */
  let unseenWork: Float64Array | undefined;
  let views: Float32Array | undefined;
  const lookAtReleases = (releasedAt: Int32Array): void => {
    for (let model = 0; model < models; model++) {
      if (releasedAt[model] < 0 || isSeen[model] === 1) continue;
      isSeen[model] = 1;
      // Views of this path part from those that all paths share.
      if (views === own || views === leaning) views = views.slice();
      if (views) for (let cell = model; cell < views.length; cell += models) views[cell] = seen[model];
    }
  };
  const begin = (state: PathState): void => {
    if (state.isForecast) return;
    for (let model = 0; model < models; model++) state.earningsFactor[model] *= qualities[model];
  };
  const offered = (state: PathState, beliefs: Beliefs): void => {
    const hasWork = state.cumulativeWork.some((work) => work > 0);
    if (views === undefined || (views === own && hasWork && leaning !== own)) views = hasWork ? leaning : own;
    lookAtReleases(state.releasedAt);
    state.scratch.views = views;
    if (isCrowded) scaleUnits(beliefs, crowdingFactors(state));
    if (socialWeight === 0) return;
    if (!state.isForecast) herding?.note(state, beliefs);
    const isOpen = Array.from(isSeen, (known, model) => known === 0 && state.training[model] === 1);
    scaleUnits(beliefs, popularityFactors(state.cumulativeWork, isOpen, socialWeight));
  };
  const settled = ({ epoch, releasedAt, cumulativeWork }: PathState): void => {
    if (unseenWork === undefined && releasedAt.includes(epoch + 1)) unseenWork = cumulativeWork.slice();
  };
  const measured = (state: PathState): number[] => {
    const chosen = unseenWork ?? state.cumulativeWork;
    const problem = allocationProblem(state, qualities, chosen);
    const { efficiency, aboveEven } = allocationQuality(problem, chosen);
    const best = qualities.indexOf(Math.max(...qualities));
    const onBest = problem.total > 0 ? chosen[best] / problem.total : 0;
    return [efficiency, aboveEven, onBest, herding?.share() ?? 0];
  };
  return {
    kind: "model-choice",
    begin,
    offered,
    settled,
    ...(socialWeight > 0 ? { worked: (state) => (state.isForecast ? undefined : herding?.compare(state)) } : {}),
    measures: (state) => measuresWith(measuresOf(world.spec), measured(state)),
  };
}

export const modelChoice: Extension = extensionBy((spec) => spec.modelChoice, {
  create: modelChoiceStage,
  measures: measuresOf,
  assumptions: () => [
    {
      statement:
        "Providers know the spread of quality and the precision of what they see, and take where the others' work went for " +
        "what free entry would make of it; nobody reads quality off prices.",
      checkedAgainst: "Bayes' rule by quadrature; the best allocation under V = q A w^eta in closed form",
    },
  ],
});
