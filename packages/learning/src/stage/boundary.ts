/** Tensors that cross stage boundaries: through the compressor, into the store, and back out of it. */
import type { Compressor, DataSplit, Encoder, TensorDescription, TensorRef, TensorStore } from "@shardlab/contracts";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Backend } from "../backends/backend.ts";
import { settled } from "./settled.ts";

/** @property number boundary b lies between stages b and b + 1. */
export interface Crossing {
  readonly number: number;
  readonly role: "activation" | "activation-gradient";
  readonly split: DataSplit;
}

export interface Arrived {
  readonly tensor: Tensor;
  /** Token ids of the rows, where they travelled with them. */
  readonly tokens: ArrayLike<number> | undefined;
}

/** Encoders by the name of their stream: what they remember is part of a worker's state. */
export class EncoderMemories {
  private readonly encoders = new Map<string, Encoder>();
  /** Memories of encoders that nobody has asked for since `reset`. */
  private readonly waiting = new Map<string, Float32Array>();

  /** The encoder of a stream. */
  of(compressor: Compressor, description: TensorDescription): Encoder {
    const { name } = description;
    const known = this.encoders.get(name);
    if (known !== undefined) return known;
    const encoder = compressor.encoder(description);
    const memory = this.waiting.get(name);
    if (memory !== undefined) encoder.restore(memory.slice());
    this.waiting.delete(name);
    this.encoders.set(name, encoder);
    return encoder;
  }

  /** Copies of what the encoders remember, by stream. */
  copy(): Map<string, Float32Array> {
    const memories = new Map(this.waiting);
    for (const [name, encoder] of this.encoders) {
      const memory = encoder.memory();
      if (memory !== undefined) memories.set(name, memory.slice());
    }
    return memories;
  }

  /** Forgets everything but these memories. */
  reset(memories: ReadonlyMap<string, Float32Array> = new Map()): void {
    this.encoders.clear();
    this.waiting.clear();
    for (const [name, memory] of memories) this.waiting.set(name, memory);
  }
}

export interface BoundaryOptions {
  readonly backend: Backend;
  readonly store: TensorStore;
  readonly compressor: Compressor;
  readonly shape: readonly [number, number];
}

export class Boundary {
  private readonly options: BoundaryOptions;

  constructor(options: BoundaryOptions) {
    this.options = options;
  }

  describe({ number, role }: Crossing): TensorDescription {
    return { name: `${role} ${number}`, role, shape: this.options.shape };
  }

  /** Encodes a tensor, which stays the caller's, and keeps the bytes in the store. */
  send(
    tensor: Tensor,
    crossing: Crossing,
    sender: { encoders: EncoderMemories; tokens: ArrayLike<number> | undefined },
  ): TensorRef | Promise<TensorRef> {
    const { backend, store, shape } = this.options;
    return settled(backend.read(tensor), (values) => {
      const encoder = this.encoder(crossing, sender.encoders);
      const context = sender.tokens === undefined ? {} : { tokens: sender.tokens };
      return store.put(encoder.encode(values, context), shape);
    });
  }

  /** The tensor, now the caller's. */
  receive(ref: TensorRef, crossing: Crossing): Arrived {
    const { backend, store, compressor, shape } = this.options;
    const { values, tokens } = compressor.decode(store.bytesOf(ref), this.describe(crossing));
    return { tensor: backend.tf.tensor2d(values.slice(), [...shape]), tokens };
  }

  /** Held-out tensors leave no trace in what the encoders remember of training, and have no memory of their own. */
  private encoder(crossing: Crossing, encoders: EncoderMemories): Encoder {
    const description = this.describe(crossing);
    if (crossing.split === "training") return encoders.of(this.options.compressor, description);
    return this.options.compressor.encoder(description);
  }
}
