/**
 * The gradient of one update, summed over microbatches on the backend, and flattened in the memory of the process once
 * replicas exchange it.
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Backend } from "../backends/backend.ts";
import { elementsOf } from "../models/model-plan.ts";
import { readTensors } from "./read-tensors.ts";
import { settled } from "./settled.ts";
import type { GradientSlot, ShardLayout } from "./shard-layout.ts";

export class UpdateGradient {
  private readonly backend: Backend;
  private readonly layout: ShardLayout;
  /** One for each slot; none before the first microbatch. */
  private sums: readonly Tensor[] | undefined;
  /** The same, flattened, as far as it is known; what is here counts where `sums` is undefined. */
  private flat: Float32Array | undefined;

  constructor(backend: Backend, layout: ShardLayout) {
    this.backend = backend;
    this.layout = layout;
  }

  /** Adds the gradients of one microbatch, one for each slot, and takes them over; where it fails, all is as it was. */
  add(gradients: readonly Tensor[]): void {
    const { tf } = this.backend;
    const before = this.sums ?? (this.flat === undefined ? undefined : this.upload(this.flat));
    try {
      this.sums =
        before === undefined ? gradients : tf.tidy(() => before.map((sum, slot) => tf.add(sum, gradients[slot])));
    } catch (error) {
      if (before !== this.sums) tf.dispose([...(before ?? [])]);
      throw error;
    }
    this.flat = undefined;
    if (before !== undefined) tf.dispose([...before, ...gradients]);
  }

  /** The flattened gradient, not to be changed; zeros where there was no microbatch. */
  read(): Float32Array | Promise<Float32Array> {
    if (this.flat !== undefined) return this.flat;
    if (this.sums === undefined) return new Float32Array(this.layout.elementCount);
    return settled(readTensors(this.backend, this.sums), (parts) => {
      const flat = new Float32Array(this.layout.elementCount);
      for (const [slot, { firstElement }] of this.layout.slots.entries()) flat.set(parts[slot], firstElement);
      this.flat = flat;
      return flat;
    });
  }

  /** Changes the flattened gradient. */
  change(edit: (flat: Float32Array) => void): void | Promise<void> {
    return settled(this.read(), (flat) => {
      edit(flat);
      this.replace(flat);
    });
  }

  replace(flat: Float32Array): void {
    this.dropSums();
    this.flat = flat;
  }

  /** The sum of each slot on the backend; they stay this object's. */
  onBackend(): readonly Tensor[] {
    this.sums ??= this.upload(this.flat ?? new Float32Array(this.layout.elementCount));
    return this.sums;
  }

  dispose(): void {
    this.dropSums();
    this.flat = undefined;
  }

  private dropSums(): void {
    for (const sum of this.sums ?? []) sum.dispose();
    this.sums = undefined;
  }

  private upload(flat: Float32Array): Tensor[] {
    const { tf } = this.backend;
    return this.layout.slots.map((slot) => {
      const { shape } = this.layout.parameters[slot.parameter];
      return tf.tensor(sliceOf(flat, slot), [...shape]);
    });
  }
}

/** A copy of the elements of a slot. */
export const sliceOf = (flat: Float32Array, { firstElement, elementCount }: GradientSlot): Float32Array =>
  flat.slice(firstElement, firstElement + elementCount);

/** Rows and columns by which a parameter is compressed: matrices as they are, all else as one row. */
export const matrixShapeOf = (shape: readonly number[]): number[] =>
  shape.length === 2 ? [...shape] : [1, elementsOf(shape)];
