/** A transformer on a backend. */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { Backend } from "../backends/backend.ts";
import { attention, attentionTables } from "../layers/attention.ts";
import { feedForward } from "../layers/feed-forward.ts";
import { type Layer, residual, type Saved, sequence, tidied } from "../layers/layer.ts";
import { layerNorm, rmsNorm } from "../layers/normalization.ts";
import { tokenEmbedding } from "../layers/token-embedding.ts";
import { type GptSpec, gptSizes } from "../models/gpt.ts";
import { headPart } from "./head-part.ts";
import { given, innerPart, type Part, type Parts } from "./part.ts";

export function gptParts(spec: GptSpec, backend: Backend): Parts {
  const { heads, keyValueHeads, headWidth } = gptSizes(spec);
  const sizes = { heads, keyValueHeads, headWidth, context: spec.context, positions: spec.positions };
  const tables = attentionTables(backend, sizes);
  const norm = (): Layer => (spec.norm === "rms" ? rmsNorm(backend) : layerNorm(backend));
  const attend = attention(backend, sizes, tables);
  const feed = feedForward(backend, spec.activation);
  const block = sequence(backend, [
    residual(backend, sequence(backend, [norm(), attend])),
    residual(backend, sequence(backend, [norm(), feed])),
  ]);
  const blocks = Array.from({ length: spec.layers }, () => innerPart(backend, block));
  const head = headPart(backend, sequence(backend, [norm(), vocabularyHead(backend)]));
  return {
    parts: [embeddingPart(backend, spec.positions === "learned"), ...blocks, withFrozenHead(backend, head, spec)],
    dispose: () => backend.tf.dispose([tables.mask, ...Object.values(tables.rotary ?? {})]),
  };
}

function embeddingPart(backend: Backend, hasPositions: boolean): Part {
  const embedding = tokenEmbedding(backend, hasPositions);
  return {
    forward: (weights, { batch, frozen }) => ({
      y: tidied(backend, () => embedding.forward(weights, given(batch, "batch").tokens, frozen)),
      saved: {},
    }),
    backward: (weights, dy, { input }) => ({
      dx: undefined,
      gradients: tidied(backend, () =>
        embedding.backward(weights, given(dy, "activation gradient"), given(input.batch, "batch").tokens),
      ),
    }),
  };
}

interface SavedVocabularyHead extends Saved {
  readonly x: Tensor2D;
}

/** Logits x E^T. Weights: E [vocabulary, width]. */
function vocabularyHead(backend: Backend): Layer<SavedVocabularyHead> {
  return {
    weights: 1,
    forward: ([matrix], x) => ({
      y: backend.matMul(x as Tensor2D, matrix as Tensor2D, false, true),
      saved: { x: backend.tf.clone(x as Tensor2D) },
    }),
    backward: ([matrix], dy, { x }) => ({
      dx: backend.matMul(dy as Tensor2D, matrix as Tensor2D),
      gradients: [backend.matMul(dy as Tensor2D, x, true, false)],
    }),
  };
}

/** A head that is the token embedding has its frozen part too. */
function withFrozenHead(backend: Backend, head: Part, { head: kind }: GptSpec): Part {
  if (kind === "untied") return head;
  const withFrozen = <T>(
    weights: readonly Tensor[],
    frozen: Tensor | undefined,
    use: (all: readonly Tensor[]) => T,
  ): T => {
    if (frozen === undefined) return use(weights);
    return tidied(backend, () => use([...weights.slice(0, -1), backend.tf.add(weights[weights.length - 1], frozen)]));
  };
  return {
    forward: (weights, input) => withFrozen(weights, input.frozen, (all) => head.forward(all, input)),
    backward: (weights, dy, pass) => withFrozen(weights, pass.input.frozen, (all) => head.backward(all, dy, pass)),
  };
}
