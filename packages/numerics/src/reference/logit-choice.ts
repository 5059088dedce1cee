/** Scalar reference of the logit choice. */
import { exp } from "../exp.ts";
import type { LogitChoice } from "../logit-choice.ts";

/** Weights below e^-708 of the best option's count as zero. */
const smallestExponent = -708;

export function logitChoiceReference(task: LogitChoice): void {
  const { utilities, rows, options, temperature, uniforms, choice } = task;
  for (let row = 0; row < rows; row++) {
    const offered = utilities.subarray(row * options, (row + 1) * options);
    choice[row] = temperature === 0 ? indexOfBest(offered) : softmaxChoice(offered, temperature, uniforms[row]);
  }
}

function indexOfBest(utilities: Float64Array): number {
  let best = Number.NEGATIVE_INFINITY;
  let bestIndex = -1;
  for (let option = 0; option < utilities.length; option++) {
    if (utilities[option] > best) {
      best = utilities[option];
      bestIndex = option;
    }
  }
  return bestIndex;
}

/** Inverts the cumulative weights at `uniform`: the number of options whose cumulative weight is at most uniform * total. */
function softmaxChoice(utilities: Float64Array, temperature: number, uniform: number): number {
  const best = utilities.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const cumulative = new Float64Array(utilities.length);
  let total = 0;
  for (let option = 0; option < utilities.length; option++) {
    const exponent = (utilities[option] - best) / temperature;
    if (exponent >= smallestExponent) total += exp(exponent);
    cumulative[option] = total;
  }
  if (total === 0) return -1;
  const threshold = uniform * total;
  return cumulative.filter((weight) => weight <= threshold).length;
}
