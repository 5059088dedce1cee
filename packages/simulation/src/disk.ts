/** Checkpoints on the disks of virtual time. */
import { type CheckpointKey, type CheckpointStore, checkpointName } from "@shardlab/learning/stage/checkpoint-store";

/** Versions of a stage that a disk keeps: the last one that all stages have may be older than the newest. */
const keptVersions = 4;

/** A disk, of one worker or shared by all. Where computing is modelled there are no bytes. */
export class Disk implements CheckpointStore {
  private readonly stages = new Map<number, Map<number, Uint8Array | undefined>>();

  write(key: CheckpointKey, bytes: Uint8Array): void {
    this.keep(key, bytes.slice());
  }

  read(key: CheckpointKey): Uint8Array {
    const bytes = this.stages.get(key.stage)?.get(key.version);
    if (bytes === undefined) throw new Error(`no checkpoint: ${checkpointName(key)}`);
    return bytes;
  }

  /** Notes that there is one, without its bytes. */
  mark(key: CheckpointKey): void {
    this.keep(key, undefined);
  }

  /** @throws Error `no checkpoint: ...` */
  check(key: CheckpointKey): void {
    if (!this.stages.get(key.stage)?.has(key.version)) throw new Error(`no checkpoint: ${checkpointName(key)}`);
  }

  private keep({ stage, version }: CheckpointKey, bytes: Uint8Array | undefined): void {
    let versions = this.stages.get(stage);
    if (versions === undefined) {
      versions = new Map();
      this.stages.set(stage, versions);
    }
    versions.set(version, bytes);
    if (versions.size > keptVersions) versions.delete(Math.min(...versions.keys()));
  }
}
