/**
 * Private layers on a frozen base model: each block's output h becomes h + sum over contributors of f_i(h), with f(h)
 * = gelu(norm(h) W) V of a small inner width (parallel adapters: Houlsby et al., ICML 2019; He et al., ICLR 2022). A
 * sum, so that what a set of layers does depends on the set alone, and not on the order of stacking.
 *
 * Who sees what: a contributor who serves a layer sees the hidden states of whoever asks; who serves the base sees
 * them as well, and the answers. Neither is given the other's weights, and contributors see nothing of one another.
 * This is no proof against the base: enough pairs of states and answers let it train a copy of f.
 */
import type { Streams } from "@shardlab/random";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { Backend } from "../backends/backend.ts";
import { feedForward } from "../layers/feed-forward.ts";
import { type Layer, type Saved, sequence, tidied } from "../layers/layer.ts";
import { rmsNorm } from "../layers/normalization.ts";
import type { Optimizer, StepSizes } from "../optimizers/optimizer.ts";

/** All that others get of a private layer: its answer to hidden states [rows, width] after a block, of the same shape and the caller's. */
export interface LayerService {
  answer(block: number, hidden: Tensor2D): Tensor2D;
}

/** @property stream its first weights are drawn from, by this name. */
export interface PrivateLayerSizes {
  readonly blocks: number;
  readonly width: number;
  readonly innerWidth: number;
  readonly stream: string;
}

/** Weights of one block's layer, in the order of the layer: gain, W, V. */
type BlockWeights = readonly Tensor[];

/** A layer of one contributor: weights that only it can read, a service for everybody. V begins with zeros, so that it changes nothing. */
export class PrivateLayer implements LayerService {
  readonly #backend: Backend;
  readonly #layer: Layer;
  #weights: BlockWeights[];
  #memories: (readonly Tensor[])[][] = [];

  constructor(backend: Backend, sizes: PrivateLayerSizes, streams: Streams) {
    const { blocks, width, innerWidth, stream } = sizes;
    this.#backend = backend;
    this.#layer = sequence(backend, [rmsNorm(backend), feedForward(backend, "gelu")]);
    this.#weights = Array.from({ length: blocks }, (_, block) => {
      const draws = streams.stream(stream, block);
      const into = Float32Array.from({ length: width * innerWidth }, () => draws.normal(0, 1 / Math.sqrt(width)));
      const { tf } = backend;
      return [tf.ones([width]), tf.tensor2d(into, [width, innerWidth]), tf.zeros([innerWidth, width])];
    });
  }

  answer(block: number, hidden: Tensor2D): Tensor2D {
    return this.forward(block, hidden, ({ y }) => y) as Tensor2D;
  }

  /** For its owner, who trains it: the answer, and what the way back needs. */
  passForward(block: number, hidden: Tensor2D): { readonly y: Tensor; readonly saved: Saved } {
    return this.forward(block, hidden, (result) => result);
  }

  private forward<T>(block: number, hidden: Tensor2D, choose: (result: { y: Tensor; saved: Saved }) => T): T {
    return tidied(this.#backend, () => choose(this.#layer.forward(this.#weights[block], hidden)));
  }

  passBack(block: number, dy: Tensor, saved: Saved): { readonly dx: Tensor; readonly gradients: readonly Tensor[] } {
    return tidied(this.#backend, () => this.#layer.backward(this.#weights[block], dy, saved));
  }

  /** One step of the optimiser along the gradients of every block. */
  step(optimizer: Optimizer, gradients: readonly (readonly Tensor[])[], sizes: StepSizes): void {
    const { tf } = this.#backend;
    if (this.#memories.length === 0) {
      this.#memories = this.#weights.map((block) =>
        block.map(({ shape }) => Array.from({ length: optimizer.memories }, () => tf.zeros(shape))),
      );
    }
    const before = [this.#weights, this.#memories];
    const states = this.#weights.map((block, index) =>
      block.map((weights, parameter) => {
        const state = { weights, memories: this.#memories[index][parameter] };
        return tidied(this.#backend, () => optimizer.step(tf, state, gradients[index][parameter], sizes));
      }),
    );
    this.#weights = states.map((block) => block.map(({ weights }) => weights));
    this.#memories = states.map((block) => block.map(({ memories }) => memories));
    tf.dispose(before as never);
  }

  dispose(): void {
    this.#backend.tf.dispose([this.#weights, this.#memories] as never);
  }
}
