/**
 * NK landscapes: the worth of an architecture of N choices, each of which depends on K others (Kauffman and Levin 1987, Journal
 * of Theoretical Biology 128; as a model of search by organisations: Levinthal 1997, Management Science 43).
 *
 * Fitness is the mean over components of a contribution, uniform on [0, 1), drawn for every setting of the component and of
 * the K components that follow it around the circle. With K = 0 there is one optimum; with K = N - 1 fitness values are
 * unrelated, and 2^N / (N + 1) of them exceed all their N neighbours on average. Checked against both.
 */
import type { RandomStream } from "@shardlab/random";

export interface Landscape {
  readonly components: number;
  /** Fitness of every architecture; bit i of its number is its choice i. */
  readonly fitness: Float64Array;
  readonly mean: number;
  readonly highest: number;
}

/**
 * All 2^N fitness values, by enumeration.
 *
 * @throws `invalid number of components`, `invalid number of interactions`
 */
export function nkLandscape(components: number, interactions: number, draws: RandomStream): Landscape {
  if (!(Number.isInteger(components) && components >= 1 && components <= 16))
    throw new Error(`invalid number of components: ${components} (expected 1 to 16)`);
  if (!(Number.isInteger(interactions) && interactions >= 0 && interactions < components))
    throw new Error(`invalid number of interactions: ${interactions} (expected 0 to ${components - 1})`);
  const settings = 1 << (interactions + 1);
  const contributions = new Float64Array(components * settings);
  draws.uniformsInto(contributions);
  const size = 1 << components;
  const fitness = new Float64Array(size);
  let sum = 0;
  let highest = 0;
  for (let architecture = 0; architecture < size; architecture++) {
    // Twice around, so that the bits of a component and of those after it are a shift away.
    const around = architecture | (architecture << components);
    let total = 0;
    for (let component = 0; component < components; component++) {
      const setting = (around >>> component) & (settings - 1);
      total += contributions[component * settings + setting];
    }
    fitness[architecture] = total / components;
    sum += fitness[architecture];
    highest = Math.max(highest, fitness[architecture]);
  }
  return { components, fitness, mean: sum / size, highest };
}

/** Whether no architecture that differs in one choice is better. */
export function isLocalOptimum({ components, fitness }: Landscape, architecture: number): boolean {
  for (let component = 0; component < components; component++)
    if (fitness[architecture ^ (1 << component)] > fitness[architecture]) return false;
  return true;
}

/** Fitness between the landscape's mean, 0, and its highest, 1. */
export const normalisedFitness = ({ mean, highest }: Landscape, fitness: number): number =>
  highest > mean ? (fitness - mean) / (highest - mean) : 1;
