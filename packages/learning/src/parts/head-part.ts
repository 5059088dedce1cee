/** The last part of every model: a layer, logits, and the loss. */
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { Backend } from "../backends/backend.ts";
import { crossEntropy, crossEntropyGradient } from "../layers/cross-entropy.ts";
import { type Layer, type Saved, tidied } from "../layers/layer.ts";
import { given, type Part } from "./part.ts";

interface SavedHead extends Saved {
  readonly layer: Saved;
  readonly shares: Tensor2D;
}

/** `logits` ends in the logits of each row. */
export function headPart(backend: Backend, logits: Layer): Part {
  const { tf } = backend;
  return {
    forward: (weights, { x, batch }) =>
      tidied(backend, () => {
        const { y, saved } = logits.forward(weights, given(x, "activation"));
        const { loss, shares } = crossEntropy(tf, y as Tensor2D, given(batch, "batch").targets);
        return { y: loss, saved: { layer: saved, shares } };
      }),
    backward: (weights, _dy, { saved, input }) =>
      tidied(backend, () => {
        const { layer, shares } = saved as SavedHead;
        const dLogits = crossEntropyGradient(tf, shares, given(input.batch, "batch").targets);
        return logits.backward(weights, dLogits, layer);
      }),
  };
}
