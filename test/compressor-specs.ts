/** Specifications of compressors to be tested, with the error that each may make. */
import type { TensorDescription } from "@shardlab/contracts";

export type ErrorBound = (values: Float32Array, tensor: TensorDescription) => number;

export interface ExampleSpec {
  readonly spec: { readonly kind: string } & Record<string, unknown>;
  readonly errorBound?: ErrorBound;
}

const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Rounding to float32, of ordinary and of very small numbers. */
const rounding = (magnitude: number): number => 2 ** -23 * magnitude + 2 ** -149;

/** Half a unit in the last of eight significant bits. */
const halfUnit = (values: Float32Array): number => 2 ** -8 * largest(values) + 2 ** -134;

/** Half a step between levels of the largest scale. */
const halfStep =
  (steps: number): ErrorBound =>
  (values) =>
    largest(values) / steps + rounding(largest(values));

/** The largest of those that are not among the `kept` largest of their chunk. */
const leftOut =
  (keptOf: (length: number) => number, chunk = Number.POSITIVE_INFINITY): ErrorBound =>
  (values) => {
    let most = 0;
    for (let from = 0; from < values.length; from += chunk) {
      const sorted = values
        .slice(from, from + chunk)
        .map(Math.abs)
        .sort()
        .reverse();
      most = Math.max(most, sorted[keptOf(sorted.length)] ?? 0);
    }
    return most;
  };

const shareOf =
  (part: number) =>
  (length: number): number =>
    Math.max(1, Math.round(part * length));

const isOfModel = ({ role }: TensorDescription): boolean => role.startsWith("activation");

/** An orthogonal projection leaves out at most a row's norm; the frozen embedding of tests has no value beyond 6. */
const projected: ErrorBound = (values, tensor) =>
  isOfModel(tensor) ? Math.sqrt(tensor.shape.at(-1) ?? 1) * (largest(values) + 6) * 1.001 : 0;

/** With all of the width only rounding is left: of the coefficients, the frozen embedding and the sum. */
const wholeWidth: ErrorBound = (values, tensor) => (isOfModel(tensor) ? 12 * rounding(largest(values) + 6) : 0);

const quantized = { kind: "uniform-quantization" };

export const exampleSpecs: readonly ExampleSpec[] = [
  { spec: { kind: "identity" }, errorBound: () => 0 },
  { spec: { kind: "bfloat16" }, errorBound: halfUnit },
  { spec: quantized, errorBound: halfStep(254) },
  { spec: { ...quantized, bits: 4, block: 7 }, errorBound: halfStep(14) },
  { spec: { ...quantized, bits: 2, block: "row" }, errorBound: halfStep(2) },
  { spec: { ...quantized, bits: 8, levels: "mid-rise", block: 1 }, errorBound: (values) => rounding(largest(values)) },
  { spec: { ...quantized, bits: 4, levels: "mid-rise", block: "row" }, errorBound: halfStep(15) },
  { spec: { ...quantized, bits: 2, levels: "mid-rise", block: 5 }, errorBound: halfStep(3) },
  { spec: { kind: "top-k" }, errorBound: leftOut(shareOf(0.01)) },
  { spec: { kind: "top-k", share: 0.3, chunk: 16 }, errorBound: leftOut(shareOf(0.3), 16) },
  { spec: { kind: "top-k", count: 5 }, errorBound: leftOut(() => 5) },
  { spec: { kind: "top-k", count: 1, chunk: 2 }, errorBound: leftOut(() => 1, 2) },
  { spec: { kind: "top-k", share: "100 %" }, errorBound: () => 0 },
  { spec: { kind: "top-k", share: 0 }, errorBound: largest },
  {
    spec: { kind: "top-k", count: 9, chunk: 20, values: "bfloat16" },
    errorBound: (values, tensor) => Math.max(halfUnit(values), leftOut(() => 9, 20)(values, tensor)),
  },
  { spec: { kind: "subspace" }, errorBound: projected },
  {
    spec: { kind: "subspace", rank: 5, values: "bfloat16" },
    errorBound: (values, tensor) => 2 * projected(values, tensor),
  },
  { spec: { kind: "subspace", rank: 0 }, errorBound: projected },
  { spec: { kind: "subspace", rank: 12 }, errorBound: wholeWidth },
  { spec: { kind: "subspace", rank: 12, frozenDeviation: 0 }, errorBound: wholeWidth },
  { spec: { kind: "error-feedback", inner: { kind: "top-k", share: 0.1 } }, errorBound: leftOut(shareOf(0.1)) },
  { spec: { kind: "error-feedback", decay: 0.95, inner: { ...quantized, bits: 4 } }, errorBound: halfStep(14) },
  { spec: { kind: "error-feedback", inner: { kind: "identity" } }, errorBound: () => 0 },
  {
    spec: {
      kind: "error-feedback",
      decay: 0.95,
      inner: {
        kind: "chain",
        outer: { kind: "top-k", count: 6, chunk: 64 },
        inner: { ...quantized, bits: 2, levels: "mid-rise", block: 6 },
      },
    },
    errorBound: (values, tensor) => Math.max(leftOut(() => 6, 64)(values, tensor), halfStep(3)(values, tensor)),
  },
  { spec: { kind: "chain", outer: { kind: "subspace", rank: 4 }, inner: { kind: "bfloat16" } } },
  {
    spec: {
      kind: "chain",
      outer: { kind: "subspace", rank: 12 },
      inner: { kind: "chain", outer: { kind: "top-k", share: 1 }, inner: { kind: "identity" } },
    },
    errorBound: wholeWidth,
  },
  { spec: { kind: "chain", outer: { kind: "top-k", share: 1 }, inner: { kind: "identity" } }, errorBound: () => 0 },
  { spec: { kind: "by-role" }, errorBound: () => 0 },
  {
    spec: {
      kind: "by-role",
      activation: { kind: "subspace", rank: 3 },
      "activation-gradient": { kind: "subspace", rank: 3, values: "bfloat16" },
      gradient: { kind: "error-feedback", inner: { kind: "top-k", share: 0.05 } },
      default: { kind: "bfloat16" },
    },
  },
];
