/** Checkpoints on the disks of virtual time. */
import { createHash } from "node:crypto";

/** Where the shards of one worker are written, by stage and version. */
export interface CheckpointStore {
  write(stage: number, version: number, bytes: Uint8Array): { readonly bytes: number; readonly digest: string };
  /** @throws Error `no checkpoint: ...` */
  read(stage: number, version: number): Uint8Array;
}

/** Versions of a stage that a disk keeps: the last complete one may be older than the newest. */
const keptVersions = 4;

/** A disk, of one worker or shared by all. Bytes are undefined where computing is modelled. */
export class Disk implements CheckpointStore {
  private readonly stages = new Map<number, Map<number, Uint8Array | undefined>>();

  write(stage: number, version: number, bytes: Uint8Array): { readonly bytes: number; readonly digest: string } {
    this.mark(stage, version, bytes.slice());
    return { bytes: bytes.length, digest: createHash("sha256").update(bytes).digest("hex") };
  }

  read(stage: number, version: number): Uint8Array {
    this.check(stage, version);
    const bytes = this.stages.get(stage)?.get(version);
    if (bytes === undefined) throw new Error(`no checkpoint: stage ${stage}, version ${version}, has no numbers`);
    return bytes;
  }

  /** Notes a checkpoint. */
  mark(stage: number, version: number, bytes?: Uint8Array): void {
    let versions = this.stages.get(stage);
    if (versions === undefined) {
      versions = new Map();
      this.stages.set(stage, versions);
    }
    versions.set(version, bytes);
    if (versions.size > keptVersions) versions.delete(Math.min(...versions.keys()));
  }

  /** @throws Error `no checkpoint: ...` */
  check(stage: number, version: number): void {
    if (this.stages.get(stage)?.has(version)) return;
    throw new Error(`no checkpoint: stage ${stage}, version ${version}`);
  }
}
