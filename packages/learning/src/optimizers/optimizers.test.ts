/** Optimisers against a second implementation in double precision, and closed forms. */

import { createStreams } from "@shardlab/random";
import type { Tensor } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backend, openBackend } from "../backends/index.ts";
import { clipFactor, learningRateAt, type ParameterState } from "./optimizer.ts";
import { createOptimizer, type OptimizerSpec, optimizerSpec } from "./registry.ts";

/** One parameter, one number. */
interface Scalar {
  w: number;
  a: number;
  b: number;
}

/** The published rules, a number at a time, corrections where the papers have them. */
function scalarStep(
  spec: OptimizerSpec,
  state: Scalar,
  g: number,
  { step, rate }: { step: number; rate: number },
): Scalar {
  const w = state.w - rate * spec.weightDecay * state.w;
  if (spec.kind === "sgd") return { ...state, w: w - rate * g };
  if (spec.kind === "momentum") {
    const a = spec.momentum * state.a + g;
    return { ...state, a, w: w - rate * (spec.lookAhead ? g + spec.momentum * a : a) };
  }
  const a = spec.beta1 * state.a + (1 - spec.beta1) * g;
  const b = spec.beta2 * state.b + (1 - spec.beta2) * g * g;
  const mean = a / (1 - spec.beta1 ** step);
  const meanSquare = b / (1 - spec.beta2 ** step);
  return { a, b, w: w - (rate * mean) / (Math.sqrt(meanSquare) + spec.epsilon) };
}

describe.each(["cpu", "wasm"] as const)("on %s", (kind) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await openBackend({ kind });
  });
  afterAll(() => backend.dispose());

  const begin = (spec: OptimizerSpec, values: readonly number[]): ParameterState => ({
    weights: backend.tf.tensor1d([...values]),
    memories: Array.from({ length: createOptimizer(spec).memories }, () => backend.tf.zeros([values.length])),
  });
  const stepped = (
    spec: OptimizerSpec,
    state: ParameterState,
    gradient: readonly number[],
    sizes: { step: number; rate: number },
  ) =>
    createOptimizer(spec).step(backend.tf, state, backend.tf.tensor1d([...gradient]), {
      ...sizes,
      weightDecay: spec.weightDecay,
    });
  const read = (tensor: Tensor): number[] => [...(backend.read(tensor) as Float32Array)];

  test.each([
    { kind: "sgd", weightDecay: 0.1 },
    { kind: "momentum", weightDecay: 0.1 },
    { kind: "momentum", momentum: 0.5, lookAhead: true },
    { kind: "adam-w", weightDecay: 0.1 },
    { kind: "adam-w", beta1: 0, beta2: 0.5, epsilon: 0.1 },
    { kind: "adam-w", beta1: 0.99, beta2: 0.9999 },
  ])("%o follows its rule over many steps", (options) => {
    const spec = optimizerSpec.parse(options);
    const stream = createStreams(5).stream("optimisers");
    const values = Array.from({ length: 7 }, () => stream.normal());
    let state = begin(spec, values);
    let scalars: Scalar[] = values.map((w) => ({ w, a: 0, b: 0 }));
    for (let step = 1; step <= 40; step++) {
      const gradient = values.map((_, i) => stream.normal(0, i === 0 ? 1e-4 : i));
      const sizes = { step, rate: 0.01 * (1 + (step % 3)) };
      state = stepped(spec, state, gradient, sizes);
      scalars = scalars.map((scalar, i) => scalarStep(spec, scalar, gradient[i], sizes));
      read(state.weights).forEach((w, i) => {
        expect(Math.abs(w - scalars[i].w)).toBeLessThan(1e-5 * (1 + Math.abs(scalars[i].w)));
      });
    }
  });

  test("the first step of AdamW is the rate against the gradient's sign, whatever its size", () => {
    const spec = optimizerSpec.parse({ kind: "adam-w", epsilon: 1e-12 });
    const after = stepped(spec, begin(spec, [0, 0, 0]), [1e-3, -2, 300], { step: 1, rate: 0.25 });
    read(after.weights).forEach((w, i) => {
      expect(w).toBeCloseTo([-0.25, 0.25, -0.25][i], 6);
    });
  });

  test("momentum under a constant gradient moves by a geometric sum", () => {
    const spec = optimizerSpec.parse({ kind: "momentum", momentum: 0.9 });
    let state = begin(spec, [0]);
    for (let step = 1; step <= 30; step++) state = stepped(spec, state, [2], { step, rate: 0.1 });
    // Velocity after n steps g (1 - mu^n) / (1 - mu), and w = -rate g (n - mu (1 - mu^n) / (1 - mu)) / (1 - mu).
    const power = 0.9 ** 30;
    expect(read(state.memories[0])[0]).toBeCloseTo((2 * (1 - power)) / 0.1, 4);
    expect(read(state.weights)[0]).toBeCloseTo((-0.1 * 2 * (30 - (0.9 * (1 - power)) / 0.1)) / 0.1, 3);
  });
});

describe("the learning rate", () => {
  const schedule = { learningRate: 0.3, warmup: 4, decay: "cosine", floor: 0.1 } as const;

  test("rises in equal steps, falls along half a cosine, and ends at its floor", () => {
    const rates = Array.from({ length: 14 }, (_, update) => learningRateAt(schedule, update, 13));
    [0.075, 0.15, 0.225, 0.3, 0.3].forEach((rate, update) => {
      expect(rates[update]).toBeCloseTo(rate, 12);
    });
    // Half-way down, update 8 of 4 to 12.
    expect(rates[8]).toBeCloseTo(0.3 * (0.1 + 0.9 / 2), 12);
    expect(rates[6]).toBeCloseTo(0.3 * (0.1 + 0.45 * (1 + Math.SQRT1_2)), 12);
    expect(rates[12]).toBeCloseTo(0.03, 12);
    expect(rates[13]).toBeCloseTo(0.03, 12);
  });

  test("stays where nothing lowers it", () => {
    expect(learningRateAt({ ...schedule, decay: "none", warmup: 0 }, 0, 5)).toBe(0.3);
    expect(learningRateAt({ ...schedule, warmup: 0 }, 0, 1)).toBe(0.3);
  });
});

test("clipping brings the norm to its bound, and leaves shorter gradients alone", () => {
  expect(clipFactor(2, 16)).toBe(0.5);
  expect(clipFactor(2, 4)).toBe(1);
  expect(clipFactor(2, 0)).toBe(1);
  expect(clipFactor("none", 1e9)).toBe(1);
});
