/** Compressors through real training: stages on a backend, compressed at their boundaries and between replicas. */
import { type Backend, MemoryCheckpointStore, openBackend, UnshardedTrainer } from "@shardlab/learning";
import { createStreams } from "@shardlab/random";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  CompressedSwarm,
  compressorOf,
  microbatchSize,
  modelOf,
  seed,
  sizes,
  trainingOf,
  weightsOf,
} from "./compressed-swarm.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend({ kind: "wasm" });
});
afterAll(() => backend.dispose());

/** Of AdamW, which turns rounding of gradients near zero into parts of a step. */
const tenthOfStep = 0.001;

const rows = microbatchSize * sizes.context;

type Options = Omit<ConstructorParameters<typeof CompressedSwarm>[0], "backend">;
type Comparison = { readonly losses: number[]; readonly expected: number[]; readonly weightDifference: number };

async function withSwarm<T>(options: Options, use: (swarm: CompressedSwarm) => Promise<T>): Promise<T> {
  const swarm = new CompressedSwarm({ backend, ...options });
  await swarm.open();
  try {
    const result = await use(swarm);
    expect(swarm.store.count).toBe(0);
    return result;
  } finally {
    swarm.dispose();
  }
}

/** A run in stages beside the whole model, whose weights obey the constraint of `activations` if it is `constrained`. */
async function besideWhole(options: Options, constrained: boolean, updates = 10): Promise<Comparison> {
  const { model, stages = 4, activations } = options;
  const constraint = constrained ? compressorOf(activations).constraint : undefined;
  const training = trainingOf(options.optimizer);
  const whole = new UnshardedTrainer({
    ...{ backend, model: modelOf(model), training, seed, microbatches: 2, stages, constraint },
  });
  const comparison = await withSwarm(options, async (swarm) => {
    const [losses, expected]: number[][] = [[], []];
    for (let update = 0; update < updates; update++) {
      losses.push(await swarm.passes(update));
      if (model !== undefined && "head" in model) await swarm.exchangeTied(update);
      await swarm.apply(update);
      expected.push((await whole.update(update)).loss);
    }
    let weightDifference = 0;
    for (let stage = 0; stage < stages; stage++) {
      for (const [name, values] of weightsOf(await swarm.contents(0, stage))) {
        const wanted = await whole.weights(name);
        values.forEach((value, i) => {
          weightDifference = Math.max(weightDifference, Math.abs(value - wanted[i]));
        });
      }
    }
    return { losses, expected, weightDifference };
  });
  whole.dispose();
  return comparison;
}

const largestRelative = ({ losses, expected }: Comparison): number =>
  losses.reduce((most, loss, update) => Math.max(most, Math.abs(loss / expected[update] - 1)), 0);

describe("a subspace at stage boundaries", () => {
  it("of full width trains as no compressor does, but for rounding", async () => {
    const activations = { kind: "subspace", rank: sizes.width, frozenDeviation: 0 };
    const comparison = await besideWhole({ activations }, false);
    expect(comparison.losses[0] / comparison.expected[0]).toBeCloseTo(1, 6);
    expect(largestRelative(comparison)).toBeLessThan(1e-5);
    expect(comparison.weightDifference).toBeLessThan(tenthOfStep);
  });

  it.each([
    ["in four stages", { stages: 4 }, 3],
    ["in two stages", { stages: 2 }, 5],
    ["of one direction", { stages: 3 }, 1],
    ["of none", { stages: 2 }, 0],
    ["with learned positions and layer norms", { model: { positions: "learned", norm: "layer" } }, 3],
    ["with a tied head", { stages: 2, model: { head: "tied" } }, 4],
    ["with gradient descent", { optimizer: { kind: "sgd", learningRate: 0.3 } }, 2],
  ])("%s is the whole model with the same constraint", async (_, options, rank) => {
    const comparison = await besideWhole({ ...options, activations: { kind: "subspace", rank } }, true);
    expect(largestRelative(comparison)).toBeLessThan(1e-5);
    const isPlain = "optimizer" in options;
    expect(comparison.weightDifference).toBeLessThan(isPlain ? 1e-5 : tenthOfStep);
  });

  it("is not without the constraint, nor is it then the model without one", async () => {
    const activations = { kind: "subspace", rank: 3 };
    const change = ({ constraint: _, ...rest }: ReturnType<typeof compressorOf>) => rest;
    for (const constrained of [true, false]) {
      expect(largestRelative(await besideWhole({ activations, change }, constrained, 4))).toBeGreaterThan(1e-3);
    }
  });

  it("sends k values a token, with ids on the way forward alone", async () => {
    for (const [values, bytes] of [["float32", 4] as const, ["bfloat16", 2] as const]) {
      await withSwarm({ activations: { kind: "subspace", rank: 3, values } }, async (swarm) => {
        await swarm.update(0);
        // Three boundaries, two microbatches.
        expect(swarm.sent.activation).toEqual(new Array(6).fill(rows * (3 * bytes + 2)));
        expect(swarm.sent["activation-gradient"]).toEqual(new Array(6).fill(rows * 3 * bytes));
      });
    }
  });
});

/** d loss / d weights of a stage along a direction, by central differences of fourth order. */
async function slopeOf(swarm: CompressedSwarm, stage: number, direction: Float32Array): Promise<number> {
  const contents = await swarm.contents(0, stage);
  const lossAt = async (step: number): Promise<number> => {
    const tensors = new Map(contents.tensors);
    let first = 0;
    for (const [name, values] of weightsOf(contents)) {
      const offset = first;
      tensors.set(
        `weights ${name}`,
        values.map((value, i) => value + step * direction[offset + i]),
      );
      first += values.length;
    }
    await swarm.reopen(0, stage, { ...contents, tensors });
    const loss = 2 * (await swarm.passes(0));
    await swarm.everywhere({ kind: "discard" });
    return loss;
  };
  const step = 0.005;
  const near = (await lossAt(step)) - (await lossAt(-step));
  const far = (await lossAt(2 * step)) - (await lossAt(-2 * step));
  await swarm.reopen(0, stage, contents);
  return (8 * near - far) / (12 * step);
}

/** Half along `gradient`, half at random, within the subspace where the weights are bound to one. */
function directionBeside(
  gradient: Float32Array,
  stage: number,
  project: (values: Float32Array) => Float32Array,
): Float32Array {
  const stream = createStreams(4).stream("direction", stage);
  const random = Float32Array.from(gradient, () => stream.normal());
  const unit = (values: Float32Array): Float32Array => {
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    return values.map((value) => value / length);
  };
  const [along, beside] = [unit(project(gradient)), unit(project(random))];
  return along.map((value, i) => value + beside[i]);
}

describe("gradients through a compressed boundary", () => {
  it.each([
    ["identity", { kind: "identity" }, false],
    ["a subspace whose constraint is obeyed", { kind: "subspace", rank: 3 }, true],
    ["a subspace that cuts into the activations", { kind: "subspace", rank: 9 }, false],
    [
      "a chain of a subspace",
      { kind: "chain", outer: { kind: "subspace", rank: 3 }, inner: { kind: "identity" } },
      true,
    ],
  ])("are the slopes of the loss: %s", async (_, activations, constrained) => {
    const compressor = compressorOf(activations);
    const change = ({ constraint: __, ...rest }: typeof compressor) => rest;
    const rank = compressor.constraint?.rank ?? 0;
    const projected = compressorOf({ kind: "subspace", rank });
    /** Rows within the span, as the way of a gradient through a boundary makes them. */
    const within = (values: Float32Array): Float32Array => {
      const tensor = {
        name: "rows",
        role: "activation-gradient",
        shape: [values.length / sizes.width, sizes.width],
      } as const;
      return projected.decode(projected.encoder(tensor).encode(values), tensor).values;
    };
    await withSwarm({ activations, ...(constrained ? {} : { change }) }, async (swarm) => {
      await swarm.passes(0);
      const gradients = await Promise.all([0, 1, 2, 3].map((stage) => swarm.gradientOf(0, stage, 0)));
      await swarm.everywhere({ kind: "discard" });
      for (const [stage, gradient] of gradients.entries()) {
        const names = weightsOf(await swarm.contents(0, stage));
        const project = (values: Float32Array): Float32Array => {
          const result = values.slice();
          let first = 0;
          for (const [name, { length }] of names) {
            const isBound = constrained && stage < 3 && /\.(out|tokens)$/.test(name);
            if (isBound) result.set(within(values.slice(first, first + length)), first);
            first += length;
          }
          return result;
        };
        const direction = directionBeside(gradient, stage, project);
        const expected = direction.reduce((sum, value, i) => sum + value * gradient[i], 0);
        const slope = await slopeOf(swarm, stage, direction);
        expect(Math.abs(expected)).toBeGreaterThan(0.05);
        expect(slope / expected).toBeCloseTo(1, 2);
      }
    });
  });
});

const sparse = {
  kind: "error-feedback",
  inner: {
    kind: "chain",
    outer: { kind: "top-k", count: 8, chunk: 64 },
    inner: { kind: "uniform-quantization", bits: 4, block: 8 },
  },
};
const topK = { kind: "error-feedback", inner: { kind: "top-k", share: 0.05 } };

describe("compressed gradients between replicas", () => {
  it.each([
    ["top-k with error feedback", topK],
    ["two compressors in a chain with error feedback", sparse],
    ["bfloat16", { kind: "bfloat16" }],
  ])("leave replicas bitwise equal, and are as many bytes as declared: %s", async (_, gradients) => {
    await withSwarm({ stages: 2, replicas: 2, gradients }, async (swarm) => {
      for (let update = 0; update < 5; update++) {
        const [first, second] = (await swarm.update(update)).digests;
        expect(second).toEqual(first);
      }
      const compressor = compressorOf(gradients);
      const declared: number[] = [];
      for (let stage = 0; stage < 2; stage++) {
        const lengths = weightsOf(await swarm.contents(0, stage)).map(([, { length }]) => length);
        const bytes = lengths.map((length) =>
          compressor.encodedBytes({ name: "g", role: "gradient", shape: [length] }),
        );
        declared.push(bytes.reduce((sum, value) => sum + value, 0));
      }
      const ofUpdate = [declared[0], declared[0], declared[1], declared[1]];
      expect(swarm.sent.gradient).toEqual([0, 1, 2, 3, 4].flatMap(() => ofUpdate));
    });
  });

  it("differ from whole ones where they are lossy, and do not where they are not", async () => {
    const digestsWith = (gradients: object) =>
      withSwarm({ stages: 2, replicas: 2, gradients }, async (swarm) => (await swarm.update(0)).digests[0]);
    const whole = await digestsWith({ kind: "identity" });
    expect(await digestsWith({ kind: "top-k", share: 1 })).toEqual(whole);
    expect(await digestsWith({ kind: "subspace", rank: 2 })).toEqual(whole);
    expect(await digestsWith(topK)).not.toEqual(whole);
  });

  it("are with error feedback, in the end, all the gradients there were", async () => {
    await withSwarm({ stages: 2, replicas: 2, gradients: sparse }, async (swarm) => {
      const left: Float64Array[] = [];
      for (let update = 0; update < 6; update++) {
        await swarm.passes(update);
        for (const stage of [0, 1]) {
          const own = [await swarm.gradientOf(0, stage, update), await swarm.gradientOf(1, stage, update)];
          left[stage] ??= new Float64Array(own[0].length);
          left[stage].forEach((sum, i) => {
            left[stage][i] = sum + own[0][i] + own[1][i];
          });
        }
        await swarm.exchange(update);
        for (const stage of [0, 1]) {
          const sent = await swarm.gradientOf(1, stage, update);
          for (let i = 0; i < sent.length; i++) left[stage][i] -= sent[i];
        }
        await swarm.apply(update);
      }
      for (const stage of [0, 1]) {
        let first = 0;
        const [one, two] = [await swarm.contents(0, stage), await swarm.contents(1, stage)];
        for (const [name, { length }] of weightsOf(one)) {
          const memories = [one, two].map(({ tensors }) => tensors.get(`encoder ${name}`) ?? new Float32Array());
          expect(memories.map((memory) => memory.length)).toEqual([length, length]);
          for (let i = 0; i < length; i++) {
            expect(Math.abs(left[stage][first + i] - memories[0][i] - memories[1][i])).toBeLessThan(1e-5);
          }
          first += length;
        }
      }
    });
  });

  it("go on from a checkpoint, and after an attempt that was given up, as if nothing had been", async () => {
    const options = { stages: 2, replicas: 2, gradients: topK };
    const expected = await withSwarm(options, async (swarm) => {
      const digests: string[][][] = [];
      for (let update = 0; update < 6; update++) digests.push((await swarm.update(update)).digests);
      return digests;
    });
    const checkpoints = [new MemoryCheckpointStore(), new MemoryCheckpointStore()];
    await withSwarm({ ...options, checkpoints }, async (swarm) => {
      for (let update = 0; update < 3; update++) await swarm.update(update);
      await swarm.passes(3);
      await swarm.exchange(3);
      await swarm.everywhere({ kind: "discard" });
      expect((await swarm.update(3)).digests).toEqual(expected[3]);
      await swarm.everywhere({ kind: "checkpoint", version: 4 });
    });
    await withSwarm({ ...options, checkpoints }, async (swarm) => {
      await swarm.open({ from: "checkpoint", version: 4 });
      expect((await swarm.update(4)).digests).toEqual(expected[4]);
      expect((await swarm.update(5)).digests).toEqual(expected[5]);
    });
  });
});

describe("losses under compression", () => {
  const heldOutAfter = (options: Options, updates: number) =>
    withSwarm({ stages: 2, ...options }, async (swarm) => {
      for (let update = 0; update < updates; update++) await swarm.update(update);
      return swarm.heldOut();
    });

  it("fall as without it, or nearly so", async () => {
    const before = await heldOutAfter({}, 0);
    const whole = await heldOutAfter({}, 25);
    expect(whole).toBeLessThan(before - 0.5);
    const eightBits = { kind: "uniform-quantization", bits: 8, block: "row" };
    for (const options of [
      { activations: { kind: "bfloat16" } },
      { activations: eightBits },
      { activations: { kind: "subspace", rank: 4 } },
      { replicas: 2, gradients: sparse },
      { replicas: 2, gradients: topK },
    ]) {
      const loss = await heldOutAfter(options, 25);
      expect(loss, JSON.stringify(options)).toBeLessThan(before - 0.4 * (before - whole));
    }
  });
});
