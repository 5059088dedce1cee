/** What a coordinator and a worker are told when they are made. */
import type { Signer } from "@shardlab/contracts";
import type { WorkerBehaviour } from "./behaviour.ts";
import type { EvaluationSpec, FaultToleranceSpec, ParallelismSpec } from "./spec.ts";

/**
 * How replicas bring their gradients together: `reduce` adds slices along the collective's schedule, `whole-encodings` lets
 * each replica encode its gradient once and add up everybody's in rank order, which is what lossy compressors need.
 */
export type GradientExchange = "reduce" | "whole-encodings";

export interface CoordinatorSettings {
  /** Name of the run; it stands in every signed commitment. */
  readonly run: string;
  readonly updates: number;
  readonly parallelism: ParallelismSpec;
  readonly faultTolerance: FaultToleranceSpec;
  readonly evaluation?: EvaluationSpec;
  /** Whether the compressor between replicas gives back exactly what it was given. */
  readonly gradientsAreLossless: boolean;
  /** Default: `reduce` where gradients are lossless, else `whole-encodings`. */
  readonly gradientExchange?: GradientExchange;
  /** Whether every worker can open every checkpoint (a shared disk), or only those that it wrote itself. */
  readonly checkpointsAreShared: boolean;
  /** @see WorkerSettings.signer; only its public key tells whether commitments are signed. Default: `nullSigner`. */
  readonly signer?: Signer;
}

export interface WorkerSettings {
  readonly faultTolerance: FaultToleranceSpec;
  /** Signs boundary commitments; `nullSigner` (the default) signs nothing and costs nothing. */
  readonly signer?: Signer;
  /** `verify`: is told of plans and never holds a stage. Default: `train`. */
  readonly duty?: WorkerDuty;
  /** Where it departs from the protocol; default `honestBehaviour`. */
  readonly behaviour?: WorkerBehaviour;
}

export const workerDuties = ["train", "verify"] as const;
export type WorkerDuty = (typeof workerDuties)[number];
