/** The contract of an optimiser, and what all of them share: the learning rate's schedule, weight decay and clipping. */
import { count } from "@shardlab/contracts";
import { cos } from "@shardlab/numerics";
import type { Tensor } from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { Tfjs } from "../backends/backend.ts";

/** Parameters that every optimiser has. */
export const optimizerFields = {
  learningRate: z.number().positive().max(1e3).default(1e-3).describe("at its height"),
  warmup: count({ min: 0, max: 1e9, isWhole: true }).prefault(0).describe("updates over which the rate rises from 0"),
  decay: z.enum(["none", "cosine"]).default("none").describe("from the end of the warm-up to the last update"),
  floor: z.number().min(0).max(1).default(0.1).describe("what is left of the rate at the end of its decay"),
  weightDecay: z
    .number()
    .min(0)
    .max(10)
    .default(0)
    .describe("decoupled: each update takes this share, times the rate, off the matrices"),
  clip: z
    .union([z.number().positive(), z.literal("none")])
    .default("none")
    .describe("of the gradient's global norm"),
} as const;

interface LearningRate {
  readonly learningRate: number;
  readonly warmup: number;
  readonly decay: "none" | "cosine";
  readonly floor: number;
}

/**
 * The rate of an update, counted from 0, of `updates`: rises by equal steps to its height at the last update of the warm-up,
 * then follows half a cosine (Loshchilov and Hutter, "SGDR", ICLR 2017) down to its floor at the last update.
 */
export function learningRateAt(schedule: LearningRate, update: number, updates: number): number {
  const { learningRate, warmup, decay, floor } = schedule;
  if (update < warmup) return (learningRate * (update + 1)) / warmup;
  if (decay === "none") return learningRate;
  const progress = Math.min(1, (update - warmup) / Math.max(1, updates - 1 - warmup));
  return learningRate * (floor + (1 - floor) * 0.5 * (1 + cos(Math.PI * progress)));
}

/** What the gradient is multiplied by so that its norm does not exceed `clip`. */
export function clipFactor(clip: number | "none", squaredNorm: number): number {
  const norm = Math.sqrt(squaredNorm);
  return clip === "none" || !(norm > clip) ? 1 : clip / norm;
}

/**
 * @property step number of this step, counted from 1.
 * @property rate learning rate of this step.
 * @property weightDecay of this parameter: 0 where it does not decay.
 */
export interface StepSizes {
  readonly step: number;
  readonly rate: number;
  readonly weightDecay: number;
}

/** New tensors for old: the optimiser owns none of its arguments and disposes of nothing. */
export interface Optimizer {
  /** Tensors of a parameter's shape that the optimiser remembers for it, all of them zero at first. */
  readonly memories: number;
  step(tf: Tfjs, parameter: ParameterState, gradient: Tensor, sizes: StepSizes): ParameterState;
}

export interface ParameterState {
  readonly weights: Tensor;
  readonly memories: readonly Tensor[];
}

/** Weights after decoupled decay (Loshchilov and Hutter, ICLR 2019): w - rate decay w. */
export function decayed(tf: Tfjs, weights: Tensor, { rate, weightDecay }: StepSizes): Tensor {
  return weightDecay === 0 ? weights : tf.mul(weights, 1 - rate * weightDecay);
}
