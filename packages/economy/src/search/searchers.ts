/**
 * Searchers on a landscape: each changes one choice of the best architecture that it knows to something nobody has told it
 * about, or mixes it with another known one, and keeps what is better. Where all that lies one change away is known, it
 * leaps (long jumps: Levinthal 1997). Published results are everybody's: nobody tries them again, and all build on the
 * best of them. That is quick and narrow: on rugged landscapes, those who see less of one another may find more in the end
 * (Lazer and Friedman 2007, Administrative Science Quarterly 52).
 */
import type { RandomStream } from "@shardlab/random";
import type { Landscape } from "./nk-landscape.ts";

export interface SearchRule {
  readonly searchers: number;
  readonly sharing: number;
  readonly recombination: number;
}

/** How a search stands. */
export interface SearchState {
  readonly landscape: Landscape;
  readonly rule: SearchRule;
  readonly draws: RandomStream;
  /** Best architecture that each searcher knows. */
  readonly position: Uint16Array;
  /** 1 for what a searcher has tried itself (searcher x 2^N + architecture, a bit each). */
  readonly triedBySelf: Uint8Array;
  readonly isPublished: Uint8Array;
  readonly published: number[];
  bestPublished: number;
  readonly isTried: Uint8Array;
  tried: number;
  experiments: number;
  bestFitness: number;
  nextSearcher: number;
}

/** Everybody starts from the architecture of the day, which everybody knows. */
export function startSearch(landscape: Landscape, rule: SearchRule, draws: RandomStream): SearchState {
  const size = landscape.fitness.length;
  const start = draws.integer(size);
  const state: SearchState = {
    ...{ landscape, rule, draws },
    position: new Uint16Array(rule.searchers).fill(start),
    triedBySelf: new Uint8Array(Math.ceil((rule.searchers * size) / 8)),
    isPublished: new Uint8Array(size),
    published: [start],
    bestPublished: start,
    isTried: new Uint8Array(size),
    tried: 1,
    experiments: 0,
    bestFitness: landscape.fitness[start],
    nextSearcher: 0,
  };
  state.isPublished[start] = 1;
  state.isTried[start] = 1;
  return state;
}

function isKnown(state: SearchState, searcher: number, architecture: number): boolean {
  const cell = searcher * state.landscape.fitness.length + architecture;
  return state.isPublished[architecture] === 1 || ((state.triedBySelf[cell >> 3] >> (cell & 7)) & 1) === 1;
}

/** Draws for something unknown before a searcher gives up. */
const mostLeaps = 64;

/** What a searcher tries next; -1 where it finds nothing that it does not know. */
function candidateOf(state: SearchState, searcher: number): number {
  const { landscape, rule, draws, position, published } = state;
  const base = position[searcher];
  if (draws.bernoulli(rule.recombination) && published.length > 1) {
    const other = published[draws.integer(published.length)];
    const mask = draws.integer(landscape.fitness.length);
    const mixed = (base & mask) | (other & ~mask);
    if (!isKnown(state, searcher, mixed)) return mixed;
  }
  let unknown = 0;
  for (let component = 0; component < landscape.components; component++)
    if (!isKnown(state, searcher, base ^ (1 << component))) unknown++;
  if (unknown > 0) {
    let wanted = draws.integer(unknown);
    for (let component = 0; component < landscape.components; component++) {
      const neighbour = base ^ (1 << component);
      if (!isKnown(state, searcher, neighbour) && wanted-- === 0) return neighbour;
    }
  }
  for (let leap = 0; leap < mostLeaps; leap++) {
    const anywhere = draws.integer(landscape.fitness.length);
    if (!isKnown(state, searcher, anywhere)) return anywhere;
  }
  return -1;
}

/** The next searcher makes an experiment; its turn is wasted where it finds nothing to try. */
export function makeExperiment(state: SearchState): void {
  const { landscape, rule, draws, position } = state;
  const { fitness } = landscape;
  const searcher = state.nextSearcher;
  state.nextSearcher = (searcher + 1) % rule.searchers;
  if (fitness[state.bestPublished] > fitness[position[searcher]]) position[searcher] = state.bestPublished;
  const architecture = candidateOf(state, searcher);
  if (architecture < 0) return;
  state.experiments++;
  const cell = searcher * fitness.length + architecture;
  state.triedBySelf[cell >> 3] |= 1 << (cell & 7);
  if (state.isTried[architecture] === 0) {
    state.isTried[architecture] = 1;
    state.tried++;
  }
  if (fitness[architecture] > fitness[position[searcher]]) position[searcher] = architecture;
  state.bestFitness = Math.max(state.bestFitness, fitness[architecture]);
  if (draws.bernoulli(rule.sharing)) publish(state, architecture);
}

function publish(state: SearchState, architecture: number): void {
  if (state.isPublished[architecture] === 1) return;
  state.isPublished[architecture] = 1;
  state.published.push(architecture);
  const { fitness } = state.landscape;
  if (fitness[architecture] > fitness[state.bestPublished]) state.bestPublished = architecture;
}
