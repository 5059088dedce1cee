/** Encoded tensors of a process, by reference. */
import { createHash } from "node:crypto";
import type { TensorRef, TensorStore } from "@shardlab/contracts";

interface Shelved {
  readonly bytes: Uint8Array;
  holders: number;
}

/** A `TensorStore` whose tensors may have several holders: a role, and sockets that still send the bytes. */
export class TensorShelf implements TensorStore {
  private readonly shelved = new Map<number, Shelved>();
  private nextId = 1;

  /** Tensors held now. */
  get count(): number {
    return this.shelved.size;
  }

  /** Takes the bytes over: the caller neither changes nor uses them afterwards. */
  put(bytes: Uint8Array, shape: readonly number[]): TensorRef {
    return this.putKnown(bytes, shape, createHash("sha256").update(bytes).digest("hex"));
  }

  /** The same for bytes whose digest is known already. */
  putKnown(bytes: Uint8Array, shape: readonly number[], digest: string): TensorRef {
    const id = this.nextId++;
    this.shelved.set(id, { bytes, holders: 1 });
    return { id, shape: [...shape], digest, bytes: bytes.byteLength };
  }

  bytesOf(ref: TensorRef): Uint8Array {
    return this.find(ref).bytes;
  }

  /** One holder more. */
  hold(ref: TensorRef): void {
    this.find(ref).holders++;
  }

  release(ref: TensorRef): void {
    const shelved = this.find(ref);
    if (--shelved.holders === 0) this.shelved.delete(ref.id);
  }

  /** Gives up a hold and answers bytes that nobody else uses: the tensor's own where this was the last hold, else a copy. */
  takeOut(ref: TensorRef): Uint8Array<ArrayBuffer> {
    const { bytes, holders } = this.find(ref);
    this.release(ref);
    return holders === 1 ? movable(bytes) : new Uint8Array(bytes);
  }

  private find(ref: TensorRef): Shelved {
    const shelved = this.shelved.get(ref.id);
    if (shelved === undefined) throw new Error(`unknown tensor: ${ref.id}`);
    return shelved;
  }
}

/**
 * The bytes in a buffer of their own, which can be handed to another thread; copied only where they share one. Not by `slice`,
 * which of a Buffer is a view of the same memory.
 */
function movable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
  return isWhole ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}
