/** Cuts a model into stages: slices of consecutive parts, as even in cost as whole blocks allow. */
import type { ModelPlan, PartPlan } from "./models/model-plan.ts";

/** The parts of a stage: from `firstPart` up to, not including, `endPart`. */
export interface StageParts {
  readonly firstPart: number;
  readonly endPart: number;
}

const costOf = ({ forwardFlop, backwardFlop }: PartPlan): number => forwardFlop + backwardFlop;

/**
 * The parts of each stage: at least one block in each, the input with the first, the output with the last. The dearest stage is
 * as cheap as can be; among such cuts the sum of squared costs is least, and among those the first stages are the longest.
 * @throws Error `too many stages: ...` when there are fewer blocks
 */
export function cutIntoStages(plan: ModelPlan, stages: number): StageParts[] {
  const { blocks, parts } = plan;
  if (!(Number.isInteger(stages) && stages >= 1)) throw new Error(`invalid stages: ${stages}`);
  if (stages > blocks) throw new Error(`too many stages: ${stages} (the model has ${blocks} blocks to cut between)`);
  const sums = [0];
  for (const part of parts) sums.push(sums[sums.length - 1] + costOf(part));
  // Block b is part b + 1; a slice of blocks takes the input or the output along at the ends.
  const slice = (from: number, end: number) =>
    sums[end === blocks ? parts.length : end + 1] - sums[from === 0 ? 0 : from + 1];
  const bottleneck = bestCut({ blocks, stages, slice, join: Math.max, cap: Number.POSITIVE_INFINITY });
  const even = bestCut({ blocks, stages, slice, join: (sum, cost) => sum + cost * cost, cap: bottleneck.value });
  return even.ends.map((end, stage) => ({
    firstPart: stage === 0 ? 0 : even.ends[stage - 1] + 1,
    endPart: end === blocks ? parts.length : end + 1,
  }));
}

interface CutProblem {
  readonly blocks: number;
  readonly stages: number;
  readonly slice: (from: number, end: number) => number;
  readonly join: (value: number, cost: number) => number;
  /** No stage may cost more. */
  readonly cap: number;
}

/** The least value of `join` over all stages, and the block at which each stage ends. */
function bestCut({ blocks, stages, slice, join, cap }: CutProblem): { value: number; ends: number[] } {
  let values: number[] = Array.from({ length: blocks + 1 }, (_, end) => (end === 0 ? 0 : Number.POSITIVE_INFINITY));
  const begins: number[][] = [];
  for (let stage = 0; stage < stages; stage++) {
    const next = new Array<number>(blocks + 1).fill(Number.POSITIVE_INFINITY);
    const begin = new Array<number>(blocks + 1).fill(0);
    for (let end = stage + 1; end <= blocks; end++) {
      for (let from = stage; from < end; from++) {
        const cost = slice(from, end);
        const value = cost <= cap ? join(values[from], cost) : Number.POSITIVE_INFINITY;
        if (value <= next[end]) {
          next[end] = value;
          begin[end] = from;
        }
      }
    }
    values = next;
    begins.push(begin);
  }
  const ends: number[] = [];
  for (let stage = stages - 1, end = blocks; stage >= 0; end = begins[stage][end], stage--) ends.unshift(end);
  return { value: values[blocks], ends };
}
