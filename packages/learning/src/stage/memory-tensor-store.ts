/** Tensors in the memory of this process. */
import { createHash } from "node:crypto";
import type { TensorRef, TensorStore } from "@shardlab/contracts";

/** 64 hexadecimal digits of SHA-256. */
export const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export class MemoryTensorStore implements TensorStore {
  private readonly held = new Map<number, Uint8Array>();
  private nextId = 1;

  /** Tensors that nobody has released yet. */
  get count(): number {
    return this.held.size;
  }

  /** Keeps `bytes` as they are, without copying them. */
  put(bytes: Uint8Array, shape: readonly number[]): TensorRef {
    const id = this.nextId++;
    this.held.set(id, bytes);
    return { id, shape, digest: digestOf(bytes), bytes: bytes.length };
  }

  bytesOf({ id }: TensorRef): Uint8Array {
    const bytes = this.held.get(id);
    if (bytes === undefined) throw new Error(`unknown tensor: ${id}`);
    return bytes;
  }

  release({ id }: TensorRef): void {
    if (!this.held.delete(id)) throw new Error(`unknown tensor: ${id}`);
  }
}
