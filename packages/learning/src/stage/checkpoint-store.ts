/** Where checkpoints are kept: by whoever computes, durably, beyond the life of a process. */

/** A shard at a version. Holders of a stage write alike, but for what their encoders remember (see `ShardContents.owner`). */
export interface CheckpointKey {
  readonly stage: number;
  readonly stages: number;
  readonly version: number;
}

export interface CheckpointStore {
  /** Once this has ended, the bytes are read back whole or not at all. */
  write(key: CheckpointKey, bytes: Uint8Array): void | Promise<void>;
  /** The reader's own, where it wrote one and others did too. @throws Error, or rejects, `no checkpoint: ...` */
  read(key: CheckpointKey): Uint8Array | Promise<Uint8Array>;
}

export const checkpointName = ({ stage, stages, version }: CheckpointKey): string =>
  `version ${version} of stage ${stage} of ${stages}`;

/** In the memory of this process, for simulations and tests. */
export class MemoryCheckpointStore implements CheckpointStore {
  private readonly held = new Map<string, Uint8Array>();

  write(key: CheckpointKey, bytes: Uint8Array): void {
    this.held.set(checkpointName(key), bytes.slice());
  }

  read(key: CheckpointKey): Uint8Array {
    const bytes = this.held.get(checkpointName(key));
    if (bytes === undefined) throw new Error(`no checkpoint: ${checkpointName(key)}`);
    return bytes;
  }
}
