/** Tensors that never change, freed when their last holder lets go: weights that passes under way still need stay. */
import type { Tensor } from "@tensorflow/tfjs-core";

export class TensorSet {
  readonly tensors: readonly Tensor[];
  private holders = 1;

  constructor(tensors: readonly Tensor[]) {
    this.tensors = tensors;
  }

  /** One more holder. */
  retain(): this {
    this.holders += 1;
    return this;
  }

  /** One holder less. */
  release(): void {
    this.holders -= 1;
    if (this.holders === 0) for (const tensor of this.tensors) tensor.dispose();
  }
}
