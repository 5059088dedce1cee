/**
 * Vectors for classification whose least error is known: classes of equal probability, each a standard normal distribution around
 * a mean of its own. The means are random orthogonal directions of one length, `separation`.
 *
 * Seen along the means, an example of class c is separation + z at c and z elsewhere, with independent standard normal z. The best
 * guess is the largest, right with probability E[Phi(separation + z)^(classes - 1)]; the least expected loss is
 * E[log(sum of exp(separation x))] - separation E[x_c], where E[log S] is the integral over u of exp(-e^u) - E[exp(-e^u S)].
 */
import { exp, log } from "@shardlab/numerics";
import { normalQuantile, type Streams } from "@shardlab/random";
import { z } from "zod";
import { type BatchId, batchUniforms, type DataContext, type DataSource } from "./data-source.ts";

export const gaussianMixtureSpec = z
  .strictObject({
    kind: z.literal("gaussian-mixture"),
    separation: z.number().min(0).max(20).default(2).describe("length of the means, in standard deviations"),
  })
  .describe("normal clouds around orthogonal means");
export type GaussianMixtureSpec = z.output<typeof gaussianMixtureSpec>;

/** Standard deviations of a normal variable that count. */
const reach = 9;

/** The mean of `f` over a standard normal variable, by the trapezoidal rule, which converges geometrically for smooth f. */
function normalMean(f: (z: number) => number, step: number): number {
  const steps = Math.ceil(reach / step);
  let sum = 0;
  for (let i = -steps; i <= steps; i++) sum += exp(-0.5 * (i * step) * (i * step)) * f(i * step);
  return (sum * step) / Math.sqrt(2 * Math.PI);
}

/** Least expected cross-entropy, nats. */
export function mixtureLossFloor(separation: number, classes: number): number {
  if (separation === 0) return log(classes);
  // Both integrands are smooth over a strip of half a turn: with these steps the rule errs by exp(-39).
  const uStep = 1 / 4;
  const zStep = 1 / Math.max(4, 4 * separation);
  const laplace = (t: number, mean: number) => normalMean((z) => exp(-t * exp(separation * (z + mean))), zStep);
  const lowest = -40 - separation * (reach + separation);
  let integral = 0;
  for (let u = lowest; u <= 5 + separation * reach; u += uStep) {
    const t = exp(u);
    integral += uStep * (exp(-t) - laplace(t, separation) * productOf(laplace(t, 0), classes - 1));
  }
  // Far apart, what is left of the difference is rounding.
  return Math.max(0, integral - separation * separation);
}

function productOf(factor: number, times: number): number {
  let product = 1;
  for (let i = 0; i < times; i++) product *= factor;
  return product;
}

/** Orthogonal means, [classes, features]: random directions made orthogonal one after the other (Gram and Schmidt). */
function drawMeans(separation: number, sizes: { classes: number; features: number }, streams: Streams): Float64Array {
  const { classes, features } = sizes;
  const means = new Float64Array(classes * features);
  for (let index = 0; index < classes; index++) {
    const stream = streams.stream("mixture means", index);
    const mean = means.subarray(index * features, (index + 1) * features);
    for (let i = 0; i < features; i++) mean[i] = stream.normal();
    // Twice, because once leaves rounding errors that grow with the number of classes.
    for (let other = 0; other < 2 * index; other++) {
      const direction = means.subarray((other % index) * features, ((other % index) + 1) * features);
      const overlap = dotOf(mean, direction) / dotOf(direction, direction);
      for (let i = 0; i < features; i++) mean[i] -= overlap * direction[i];
    }
    const length = Math.sqrt(dotOf(mean, mean));
    for (let i = 0; i < features; i++) mean[i] /= length;
  }
  return means.map((value) => value * separation);
}

function dotOf(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** @throws Error `unsuitable data: ...` for models of tokens, and with fewer features than classes. */
export function gaussianMixture({ separation }: GaussianMixtureSpec, context: DataContext): DataSource {
  const { plan, microbatchSize, streams } = context;
  const { features, vocabulary: classes } = plan;
  if (features === 0) throw new Error("unsuitable data: gaussian-mixture (the model reads tokens)");
  if (features < classes)
    throw new Error(`unsuitable data: gaussian-mixture has ${classes} orthogonal means in ${features} dimensions`);
  const means = drawMeans(separation === 0 ? 1 : separation, { classes, features }, streams);
  const scale = separation === 0 ? 0 : 1;
  return {
    get lossFloor() {
      return mixtureLossFloor(separation, classes);
    },
    batch: (id: BatchId) => {
      const uniform = batchUniforms(streams, id);
      const values = new Float32Array(microbatchSize * features);
      const targets = new Int32Array(microbatchSize);
      for (let example = 0; example < microbatchSize; example++) {
        const firstDraw = example * (features + 1);
        const target = Math.floor(uniform(firstDraw) * classes);
        targets[example] = target;
        for (let i = 0; i < features; i++) {
          // In the middle of the steps of 2^-53, so that 0 does not come up.
          const noise = normalQuantile(uniform(firstDraw + 1 + i) + 2 ** -54);
          values[example * features + i] = scale * means[target * features + i] + noise;
        }
      }
      return { tokens: new Int32Array(0), targets, features: values };
    },
  };
}
