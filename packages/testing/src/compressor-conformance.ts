/** The conformance suite of compressors: what every one must do, and what each says of itself. */
import type { Compressor, CompressorContext, TensorDescription } from "@shardlab/contracts";
import fc from "fast-check";
import { type CompressorCheck, compressorChecks, isWithinBound } from "./compressor-checks.ts";
import type { ConformanceCase } from "./mechanism-conformance.ts";
import { type TensorPlan, tensorPlans } from "./tensor-plans.ts";

export interface CompressorConformanceOptions {
  /** Random tensors per check (default 60). */
  readonly tensors?: number;
  /** Seed of the tensors (default 1). */
  readonly seed?: number;
  /** Sizes of the model (default width 12, vocabulary 23, seed 5). */
  readonly context?: CompressorContext;
  /** The largest error that is allowed in any value that a new encoder sends; checked where given. */
  readonly errorBound?: (values: Float32Array, tensor: TensorDescription) => number;
}

/**
 * The checks that hold for every compressor, and one of its error bound where there is one.
 *
 * @param create makes the compressor anew; whatever it closes over must not differ between calls
 */
export function compressorConformance(
  create: (context: CompressorContext) => Compressor,
  options: CompressorConformanceOptions = {},
): ConformanceCase[] {
  const { tensors: numRuns = 60, seed = 1, context = { width: 12, vocabulary: 23, seed: 5 }, errorBound } = options;
  const over = (check: CompressorCheck) => () => {
    fc.assert(
      fc.property(tensorPlans(context), (plan: TensorPlan) => check(() => create(context), plan)),
      { numRuns, seed },
    );
  };
  const cases = Object.entries(compressorChecks).map(([name, check]) => ({ name, run: over(check) }));
  if (errorBound === undefined) return cases;
  return [...cases, { name: "stays within its error bound", run: over(isWithinBound(errorBound)) }];
}
