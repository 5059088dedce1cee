/** How fast a backend trains: whole updates of a small transformer, timed by a clock that the caller gives. */
import type { Backend } from "./backends/backend.ts";
import { type ModelSpec, modelSpec } from "./models/registry.ts";
import { optimizerSpec } from "./optimizers/registry.ts";
import { asFloats } from "./stage/as-floats.ts";
import { MemoryCheckpointStore } from "./stage/checkpoint-store.ts";
import { MemoryTensorStore } from "./stage/memory-tensor-store.ts";
import { createStageCompute } from "./stage/stage-trainer.ts";
import { microbatchTokensOf, stageCosts } from "./stage-costs.ts";

/**
 * @property model by default a transformer of 2 layers, width 64, sequences of 64 tokens.
 * @property microbatchSize sequences of a step; 8 by default.
 * @property steps that are timed, after one that is not; 3 by default.
 */
export interface TrainingStepOptions {
  readonly model?: ModelSpec;
  readonly microbatchSize?: number;
  readonly steps?: number;
}

/** The fastest of the steps: forward, backward, norm of the gradient and AdamW. */
export interface TrainingStepRate {
  readonly secondsPerStep: number;
  readonly tokensPerSecond: number;
  /** Of matrix products. */
  readonly flopPerStep: number;
  readonly flopPerSecond: number;
}

/** @param nowSeconds a clock: seconds since whenever. */
export async function measureTrainingStep(
  backend: Backend,
  options: TrainingStepOptions,
  nowSeconds: () => number,
): Promise<TrainingStepRate> {
  const { microbatchSize = 8, steps = 3 } = options;
  const { model = modelSpec.parse({ kind: "gpt", layers: 2, width: 64, heads: 2, context: 64 }) } = options;
  const optimizer = optimizerSpec.parse({ kind: "adam-w", clip: 1 });
  const compute = createStageCompute({
    ...{ backend, model, seed: 1, store: new MemoryTensorStore(), checkpoints: new MemoryCheckpointStore() },
    ...{ activations: asFloats, gradients: asFloats },
    training: {
      data: { kind: "markov", alphabet: 16, order: 1, concentration: 0.3 },
      tokenizer: { kind: "bytes" },
      ...{ microbatchSize, optimizer, updates: steps + 1 },
    },
  });
  try {
    await compute.run({ kind: "open", stage: 0, stages: 1, source: { from: "initial" } });
    let secondsPerStep = Number.POSITIVE_INFINITY;
    for (let update = 0; update <= steps; update++) {
      const begin = nowSeconds();
      await compute.run({ kind: "forward", split: "training", update, microbatch: 0 });
      await compute.run({ kind: "backward", split: "training", update, microbatch: 0 });
      const { squaredNorm = 0 } = await compute.run({ kind: "gradient-norm", update, divisor: 1 });
      await compute.run({ kind: "apply", update, divisor: 1, squaredNorm, digest: false });
      await compute.run({ kind: "mark" });
      if (update > 0) secondsPerStep = Math.min(secondsPerStep, nowSeconds() - begin);
    }
    const [{ forwardFlop, backwardFlop }] = stageCosts(model, { stages: 1, microbatchSize, optimizer });
    const flopPerStep = forwardFlop + backwardFlop;
    const tokensPerSecond = microbatchTokensOf(model, microbatchSize) / secondsPerStep;
    return { secondsPerStep, tokensPerSecond, flopPerStep, flopPerSecond: flopPerStep / secondsPerStep };
  } finally {
    compute.dispose();
  }
}
