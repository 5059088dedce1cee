/**
 * Error feedback: what a lossy compressor left out of one tensor is added to the next of the same place.
 *
 *   send encode(x + decay m);  m <- x + decay m - decode(what was sent);  m = 0 at first
 *
 * With decay 1 nothing is ever lost: what was sent, all together, and the memory add up to all inputs (to float32 rounding).
 *
 * Sources: Seide, Fu, Droppo, Li and Yu, "1-bit stochastic gradient descent", Interspeech 2014; Karimireddy, Rebjock, Stich and
 * Jaggi, "Error feedback fixes SignSGD", ICML 2019 (arXiv 1901.09847); a decay of 0.95 in SparseLoCo (arXiv 2508.15706).
 * Meant for gradients; the memory of activations would mix the rows of different microbatches. A value whose error is infinite
 * or NaN is not remembered, so that a NaN is sent once and not for ever.
 */
import {
  type Compressor,
  type Encoder,
  type Kinded,
  kindsWithin,
  share,
  type TensorDescription,
} from "@shardlab/contracts";
import { z } from "zod";
import { checkValues, elementsOf, settleNaN } from "./tensor-bytes.ts";

export interface ErrorFeedbackSpec<Inner> {
  readonly kind: "error-feedback";
  readonly inner: Inner;
  readonly decay: number;
}

const misplaced: Readonly<Record<string, string>> = {
  "error-feedback": "error-feedback within error-feedback would remember every error twice",
  subspace: "subspace within error-feedback would remember, for ever more, what lies outside the basis",
};

export const errorFeedbackSpec = <Inner extends Kinded>(inner: () => z.ZodType<Inner>) =>
  z.strictObject({
    kind: z.literal("error-feedback"),
    get inner() {
      return inner()
        .refine((spec) => faultsOf(spec).length === 0, { error: ({ input }) => faultsOf(input as Inner).join("; ") })
        .describe("the compressor whose errors are remembered");
    },
    decay: share().prefault(1).describe("share of the memory that is added to the next tensor"),
  });

const faultsOf = (spec: Kinded): string[] => [...new Set(kindsWithin(spec).flatMap((kind) => misplaced[kind] ?? []))];

export function errorFeedback(
  { kind, decay }: Omit<ErrorFeedbackSpec<unknown>, "inner">,
  inner: Compressor,
): Compressor {
  return {
    kind,
    encodedBytes: (tensor) => inner.encodedBytes(tensor),
    isLossless: (tensor) => inner.isLossless(tensor),
    encoder: (tensor) => (inner.isLossless(tensor) ? inner.encoder(tensor) : feedbackEncoder(inner, tensor, decay)),
    decode: (bytes, tensor) => inner.decode(bytes, tensor),
    ...(inner.constraint === undefined ? {} : { constraint: inner.constraint }),
  };
}

function feedbackEncoder(compressor: Compressor, tensor: TensorDescription, decay: number): Encoder {
  const inner = compressor.encoder(tensor);
  if (inner.memory() !== undefined) throw new Error(`invalid inner compressor: ${compressor.kind} has a memory itself`);
  const error = new Float32Array(elementsOf(tensor));
  const corrected = new Float32Array(error.length);
  return {
    encode(values, context) {
      checkValues(values, tensor);
      for (let i = 0; i < error.length; i++) corrected[i] = values[i] + decay * error[i];
      settleNaN(corrected);
      const bytes = inner.encode(corrected, context);
      const { values: sent } = compressor.decode(bytes, tensor);
      for (let i = 0; i < error.length; i++) {
        const left = corrected[i] - sent[i];
        error[i] = left - left === 0 ? left : 0;
      }
      return bytes;
    },
    memory: () => error.slice(),
    restore(memory) {
      if (memory.length !== error.length) {
        throw new Error(`invalid memory: ${memory.length} values (expected ${error.length})`);
      }
      error.set(memory);
    },
  };
}
