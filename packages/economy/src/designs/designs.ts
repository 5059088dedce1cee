/**
 * Designers who enter if it pays: each model of the scenario is a place for a design, and the ablest candidates consider them
 * in turn. A designer looks ahead (backward induction): to the ownership that its own compute earns at the early weight
 * while nobody else may work, to its own share of revenue, to the day of release, to what the design and the compute cost,
 * and to the revenue that is left with all other entrants in the market. Quality multiplies revenue, and everybody sees it
 * once the design is entered; when the model earns, people go by revenue, and beliefs other than rational ones forget it. A
 * place that nobody fills is not trained.
 *
 * A group of providers with `designerOf` is the designer's own compute; one with an opportunity of 1 is rented compute. The
 * designer decides on entry by what work alone would earn; whether its group then works is the group's decision. Places are
 * filled in the order of the scenario, as many as the last of them pays: where places differ, nobody passes one over for a better.
 *
 * Checked: chosen quality and the best exclusive period against closed forms (`design-choice.ts`) and a search, and what compute
 * costs against a sum over days.
 */
import { access } from "@shardlab/contracts";
import { exp } from "@shardlab/numerics";
import { epochSeconds } from "../epoch.ts";
import { type Extension, extensionBy, measuresWith } from "../extension.ts";
import type { PathState, Stage } from "../path-state.ts";
import { type Beliefs, scaleUnitValue } from "../valuation.ts";
import type { EconomyWorld } from "../world.ts";
import { chosenQuality, type DesignTask, designGainDollars, entrantsWhoGain } from "./design-choice.ts";
import type { DesignsSpec } from "./designs-spec.ts";
import { designerCompute, designerTerms, exclusiveEpochs, plannedValues, trainingPlan } from "./prize.ts";

const measures = [
  ["designs", "1"],
  ["design-quality", "1"],
  ["designer-gain", "$"],
  ["exclusive-share", "share"],
  ["best-revenue", "$"],
] as const;

/** Abilities of all candidates, highest first. */
export function abilitiesOf({ streams }: EconomyWorld, { candidates, abilitySpread }: DesignsSpec): Float64Array {
  return Float64Array.from({ length: candidates }, (_, candidate) =>
    abilitySpread > 0 ? streams.stream("ability", candidate).logNormal(0, abilitySpread) : 1,
  )
    .sort()
    .reverse();
}

/** Who enters, with what quality, and what the entrants expect to gain together. */
export interface Entry {
  readonly entrants: number;
  readonly qualities: Float64Array;
  readonly gainDollars: number;
}

/** The entry decisions of all designers, on the first day, after the mechanism has made its offer. */
export function enterDesigns(state: PathState, designs: DesignsSpec, abilities: Float64Array): Entry {
  const { world } = state;
  const { effortCost, costExponent, entryCost, discountRate } = designs;
  const rate = discountRate * epochSeconds;
  const compute = designerCompute(world);
  const plan = trainingPlan(world, exclusiveEpochs(state), compute.work);
  const terms = designerTerms(state, plan, compute.cost, rate);
  const taskOf = (model: number, value: number, share: number): DesignTask => ({
    ...{ prizeDollars: value * share, effortDollars: effortCost, costExponent, ability: abilities[model] },
  });
  /** With own compute or without it, whichever gains more. */
  const choiceOf = (model: number, value: number): { quality: number; gain: number } => {
    const without = taskOf(model, value, terms.designerShare[model]);
    const including = taskOf(model, value, terms.designerShare[model] + terms.ownedShare[model]);
    const gains = [designGainDollars(without), designGainDollars(including) - terms.computeDollars[model]];
    const task = gains[1] > gains[0] ? including : without;
    return { quality: chosenQuality(task), gain: Math.max(...gains) - entryCost };
  };
  const places = Math.min(abilities.length, world.terms.length);
  const entrants = entrantsWhoGain(places, (count) => {
    const choice = choiceOf(count - 1, plannedValues(world, plan, count, rate)[count - 1]);
    return choice.quality > 0 ? choice.gain : -1;
  });
  const values = plannedValues(world, plan, entrants, rate);
  const choices = Array.from(values.subarray(0, entrants), (value, model) => choiceOf(model, value));
  return {
    entrants,
    qualities: Float64Array.from(values, (_, model) => choices[model]?.quality ?? 0),
    gainDollars: choices.reduce((sum, { gain }) => sum + gain, 0),
  };
}

/** Nobody works on a place that nobody filled, from the first day on. */
function closeEmptyPlaces(state: PathState, entrants: number): void {
  for (let model = entrants; model < state.alive.length; model++) {
    state.alive[model] = 0;
    state.training[model] = 0;
    state.entered[model] = 0;
    state.offer.access[model] = access.closed;
  }
}

/** Share of all compute ownership of entered models that their designers' own groups hold. */
function exclusiveShare(state: PathState, entrants: number): number {
  const { books, world } = state;
  const { designerOf, count } = world.population;
  let share = 0;
  for (let i = 0; i < count; i++) {
    const model = designerOf[i];
    if (model < 0 || model >= entrants) continue;
    const { ownership } = books.models[model];
    const units = -books.ledger.balance(books.issuer, ownership);
    if (units > 0) share += books.ledger.balance(i, ownership) / units / entrants;
  }
  return share;
}

function designsStage(world: EconomyWorld, spec: DesignsSpec): Stage {
  const abilities = abilitiesOf(world, spec);
  const models = world.terms.length;
  const earned = new Float64Array(models);
  const isForesighted = world.spec.beliefs.kind === "rational";
  let entry: Entry | undefined;
  /** Rational beliefs have it from the forecast, others from what they see of a design until it earns. */
  const tell = (beliefs: Beliefs, { qualities }: Entry, releasedAt: Int32Array): void => {
    for (let model = 0; model < models; model++) {
      if (releasedAt[model] >= 0) continue;
      scaleUnitValue(beliefs, model, qualities[model]);
      beliefs.dataUnitValue[model] *= qualities[model];
      beliefs.expectedValue[model] *= qualities[model];
    }
  };
  return {
    kind: "designs",
    offered(state, beliefs) {
      if (entry === undefined) {
        entry = enterDesigns(state, spec, abilities);
        closeEmptyPlaces(state, entry.entrants);
      }
      if (!isForesighted) tell(beliefs, entry, state.releasedAt);
    },
    worked({ earningsFactor }) {
      for (let model = 0; model < models; model++) earningsFactor[model] *= entry?.qualities[model] ?? 1;
    },
    earned({ revenue, epoch }) {
      const discount = exp(-world.rates.sponsor * epoch);
      for (let model = 0; model < models; model++) earned[model] += discount * revenue[model];
    },
    measures(state) {
      const { entrants = 0, qualities = new Float64Array(models), gainDollars = 0 } = entry ?? {};
      const quality = qualities.reduce((sum, value) => sum + value, 0) / Math.max(1, entrants);
      const best = Math.max(...earned);
      return measuresWith(measures, [entrants, quality, gainDollars, exclusiveShare(state, entrants), best]);
    },
  };
}

export const designs: Extension = extensionBy((spec) => spec.designs, {
  create: designsStage,
  measures: () => measures,
  assumptions: () => [
    {
      statement:
        "Designers know their ability, the offer, and who else enters, and expect work to come as fast as announced once " +
        "everybody may work; quality multiplies revenue and costs a power of itself.",
      checkedAgainst: "closed forms of the chosen quality and of the best exclusive period under equal weights",
    },
  ],
});
