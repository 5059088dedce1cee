/** The tensors of all nodes of a run on one machine. */
import { createHash } from "node:crypto";
import type { NodeId, TensorRef, TensorStore } from "@shardlab/contracts";

/** Ids are uses * 2^24 + slot, so that a released one is never taken for a later one. */
const slotLimit = 2 ** 24;
const initialSlots = 1024;
const noBytes = new Uint8Array(0);
const nobody = -1;

export interface SizedTensor {
  readonly bytes: number;
  readonly shape: readonly number[];
  /** Text that stands for the bytes that nobody has. */
  readonly digest: string;
}

/**
 * Each tensor belongs to one node; what is sent becomes the receiver's under an id of its own, with the same bytes behind it.
 * Tensors of modelled computing have a size and no bytes.
 */
export class SwarmTensors {
  private owners = new Int32Array(initialSlots).fill(nobody);
  private uses = new Float64Array(initialSlots);
  private readonly contents: (Uint8Array | undefined)[] = [];
  private readonly free: number[] = [];
  private slots = 0;
  private live = 0;

  /** Tensors that somebody has. */
  get liveCount(): number {
    return this.live;
  }

  /** The store of one node. */
  storeOf(node: NodeId): TensorStore {
    return {
      put: (bytes, shape) => {
        const digest = createHash("sha256").update(bytes).digest("hex");
        return { id: this.take(node, bytes), shape, digest, bytes: bytes.length };
      },
      bytesOf: ({ id }) => this.contents[this.slotOf(id)] ?? noBytes,
      release: (ref) => this.release(ref),
    };
  }

  /** A tensor without numbers. */
  putSize(owner: NodeId, { bytes, shape, digest }: SizedTensor): TensorRef {
    return { id: this.take(owner, undefined), shape, digest, bytes };
  }

  /** The same for another node. @throws Error `unknown tensor: ...` */
  copyFor(owner: NodeId, { id, shape, digest, bytes }: TensorRef): TensorRef {
    return { id: this.take(owner, this.contents[this.slotOf(id)]), shape, digest, bytes };
  }

  /** @throws Error `unknown tensor: ...` when it was released before */
  release({ id }: TensorRef): void {
    this.freeSlot(this.slotOf(id));
  }

  /** Forgets all that a node has. */
  releaseAllOf(owner: NodeId): void {
    for (let slot = 0; slot < this.slots; slot++) if (this.owners[slot] === owner) this.freeSlot(slot);
  }

  private take(owner: NodeId, content: Uint8Array | undefined): number {
    const slot = this.free.pop() ?? this.slots++;
    if (slot >= slotLimit) throw new Error(`too many tensors: ${slot}`);
    if (slot >= this.owners.length) this.grow();
    this.owners[slot] = owner;
    this.contents[slot] = content;
    this.live += 1;
    return this.uses[slot] * slotLimit + slot;
  }

  private slotOf(id: number): number {
    const slot = id % slotLimit;
    const isLive = slot < this.slots && this.owners[slot] !== nobody && this.uses[slot] === (id - slot) / slotLimit;
    if (!isLive) throw new Error(`unknown tensor: ${id}`);
    return slot;
  }

  private freeSlot(slot: number): void {
    this.owners[slot] = nobody;
    this.contents[slot] = undefined;
    this.uses[slot] += 1;
    this.free.push(slot);
    this.live -= 1;
  }

  private grow(): void {
    const owners = new Int32Array(2 * this.owners.length).fill(nobody);
    const uses = new Float64Array(2 * this.uses.length);
    owners.set(this.owners);
    uses.set(this.uses);
    this.owners = owners;
    this.uses = uses;
  }
}
