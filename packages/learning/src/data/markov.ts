/**
 * A random Markov chain whose entropy is known: the next symbol depends on the `order` symbols before it.
 *
 * The distribution after each context is drawn from a symmetric Dirichlet distribution and mixed with a little of the
 * uniform one, so that every symbol can follow any context and the chain has one stationary distribution. No predictor does
 * better than the entropy of a symbol given all before it, which is computed exactly (to the precision of doubles): for the
 * first symbols of a window, of which fewer than `order` are known, from the stationary distribution of blocks; then it is
 * the entropy rate (Cover and Thomas, "Elements of information theory", ch. 4).
 */
import { log } from "@shardlab/numerics";
import type { Streams } from "@shardlab/random";
import { z } from "zod";
import { type BatchId, batchUniforms, type DataContext, type DataSource } from "./data-source.ts";

const maximumContexts = 65_536;

export const markovSpec = z
  .strictObject({
    kind: z.literal("markov"),
    alphabet: z.number().int().min(2).max(4096).default(16).describe("symbols"),
    order: z.number().int().min(1).max(8).default(1).describe("symbols that the next one depends on"),
    concentration: z
      .number()
      .min(0.01)
      .max(1000)
      .default(0.3)
      .describe("of the Dirichlet distribution: small for a chain that is easy to predict"),
  })
  .superRefine(({ alphabet, order }, context) => {
    if (contextsOf(alphabet, order) <= maximumContexts) return;
    const message = `expected at most ${maximumContexts} contexts, found ${alphabet} to the power of ${order}`;
    context.addIssue({ code: "custom", path: ["order"], message });
  })
  .describe("a random chain of symbols whose entropy is known");
export type MarkovSpec = z.output<typeof markovSpec>;

/** How much of a next-symbol distribution is uniform. */
const uniformShare = 0.01;

function contextsOf(alphabet: number, order: number): number {
  let contexts = 1;
  for (let i = 0; i < order; i++) contexts *= alphabet;
  return contexts;
}

/**
 * @property transitions [contexts, alphabet]: probability of the next symbol after a context, whose last symbol counts least.
 * @property stationary probability of each context in the long run.
 * @property entropyRate nats per symbol, given everything before it.
 */
export interface MarkovChain {
  readonly alphabet: number;
  readonly order: number;
  readonly transitions: Float64Array;
  readonly stationary: Float64Array;
  readonly entropyRate: number;
}

export function drawMarkovChain({ alphabet, order, concentration }: MarkovSpec, streams: Streams): MarkovChain {
  const contexts = contextsOf(alphabet, order);
  const transitions = new Float64Array(contexts * alphabet);
  for (let context = 0; context < contexts; context++) {
    const stream = streams.stream("markov chain", context);
    const row = transitions.subarray(context * alphabet, (context + 1) * alphabet);
    for (let symbol = 0; symbol < alphabet; symbol++) row[symbol] = stream.gamma(concentration);
    const sum = row.reduce((total, value) => total + value, 0);
    for (let symbol = 0; symbol < alphabet; symbol++) {
      const share = sum > 0 ? row[symbol] / sum : 1 / alphabet;
      row[symbol] = (1 - uniformShare) * share + uniformShare / alphabet;
    }
  }
  const stationary = stationaryOf(transitions, alphabet);
  return {
    alphabet,
    order,
    transitions,
    stationary,
    entropyRate: conditionalEntropy(stationary, transitions, alphabet),
  };
}

/** The distribution of contexts that a further symbol leaves as it is: power iteration, until nothing changes. */
function stationaryOf(transitions: Float64Array, alphabet: number): Float64Array {
  const contexts = transitions.length / alphabet;
  let now = new Float64Array(contexts).fill(1 / contexts);
  for (let round = 0; round < 100_000; round++) {
    const next = new Float64Array(contexts);
    for (let context = 0; context < contexts; context++)
      for (let symbol = 0; symbol < alphabet; symbol++)
        next[(context * alphabet + symbol) % contexts] += now[context] * transitions[context * alphabet + symbol];
    let change = 0;
    for (let context = 0; context < contexts; context++) change += Math.abs(next[context] - now[context]);
    now = next;
    if (change < 1e-14) break;
  }
  return now;
}

/** Entropy in nats of a symbol drawn from `conditional` [contexts, alphabet] given a context drawn from `weights`. */
function conditionalEntropy(weights: Float64Array, conditional: Float64Array, alphabet: number): number {
  let entropy = 0;
  for (let context = 0; context < weights.length; context++) {
    for (let symbol = 0; symbol < alphabet; symbol++) {
      const probability = conditional[context * alphabet + symbol];
      if (probability > 0) entropy -= weights[context] * probability * log(probability);
    }
  }
  return entropy;
}

/**
 * Mean over the targets of a window of `length` tokens of the entropy of each, given the tokens of the window before it: the
 * least expected loss of any predictor that sees the window alone.
 */
export function windowEntropy(
  { alphabet, order, transitions, stationary, entropyRate }: MarkovChain,
  length: number,
): number {
  // Joint distribution of (context of `order` symbols, next one), summed over the oldest symbols until `known` are left.
  let joint = Float64Array.from(transitions, (share, i) => share * stationary[Math.floor(i / alphabet)]);
  let sum = 0;
  for (let known = order - 1; known >= 1; known--) {
    const fewer = new Float64Array(joint.length / alphabet);
    for (let i = 0; i < joint.length; i++) fewer[i % fewer.length] += joint[i];
    joint = fewer;
    if (known > length) continue;
    const weights = new Float64Array(joint.length / alphabet);
    for (let i = 0; i < joint.length; i++) weights[Math.floor(i / alphabet)] += joint[i];
    const conditional = joint.map((share, i) => share / weights[Math.floor(i / alphabet)]);
    sum += conditionalEntropy(weights, conditional, alphabet);
  }
  return (sum + entropyRate * Math.max(0, length - (order - 1))) / length;
}

/** @throws Error `unsuitable data: ...` */
export function markov(spec: MarkovSpec, { plan, microbatchSize, streams }: DataContext): DataSource {
  if (plan.features > 0) throw new Error("unsuitable data: markov (the model classifies vectors)");
  if (spec.alphabet > plan.vocabulary)
    throw new Error(`unsuitable data: markov has ${spec.alphabet} symbols, the model's vocabulary ${plan.vocabulary}`);
  const chain = drawMarkovChain(spec, streams);
  const cumulativeStationary = cumulated(chain.stationary, chain.stationary.length);
  const cumulativeTransitions = cumulated(chain.transitions, chain.alphabet);
  const length = plan.rowsPerExample;
  const fill = (uniform: (draw: number) => number, firstDraw: number, out: Int32Array): void => {
    const { alphabet, order, stationary } = chain;
    let context = chosen(cumulativeStationary, 0, stationary.length, uniform(firstDraw));
    // The window begins with the last symbol of a context from the long run.
    out[0] = context % alphabet;
    for (let i = 1; i <= length; i++) {
      const symbol = chosen(cumulativeTransitions, context * alphabet, alphabet, uniform(firstDraw + i));
      out[i] = symbol;
      context = order === 1 ? symbol : (context * alphabet + symbol) % stationary.length;
    }
  };
  return {
    lossFloor: windowEntropy(chain, length),
    batch: (id: BatchId) => {
      const uniform = batchUniforms(streams, id);
      const tokens = new Int32Array(microbatchSize * length);
      const targets = new Int32Array(microbatchSize * length);
      const window = new Int32Array(length + 1);
      for (let example = 0; example < microbatchSize; example++) {
        fill(uniform, example * (length + 1), window);
        tokens.set(window.subarray(0, length), example * length);
        targets.set(window.subarray(1), example * length);
      }
      return { tokens, targets, features: new Float32Array(0) };
    },
  };
}

/** Running sums within each row. */
function cumulated(shares: Float64Array, rowLength: number): Float64Array {
  const sums = Float64Array.from(shares);
  for (let i = 0; i < sums.length; i++) if (i % rowLength !== 0) sums[i] += sums[i - 1];
  return sums;
}

/** The first index of a row whose running sum exceeds `uniform`; the last where rounding leaves none. */
function chosen(sums: Float64Array, firstOfRow: number, rowLength: number, uniform: number): number {
  let low = 0;
  let high = rowLength - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[firstOfRow + middle] > uniform) high = middle;
    else low = middle + 1;
  }
  return low;
}
