/** Shards on disk: `stage-3/version-40.worker-1.shard`, each with its version and digest in it. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { CheckpointStore } from "../compute/compute-module.ts";
import { type FileCalls, fileCalls, fileError, writeDurably } from "./durable-file.ts";

const magic = "SLCK";
const formatVersion = 1;
/** Times as many versions are kept where no version is whole. */
const keptWithoutWhole = 8;
/** Magic, format version, stage, version, length, digest. */
const headBytes = 4 + 4 + 4 + 8 + 8 + 32;

interface CheckpointFile {
  readonly stage: number;
  readonly version: number;
  readonly owner: string;
}

export class CheckpointFiles implements CheckpointStore {
  private readonly directory: string;
  private readonly owner: string;
  private readonly keep: number;
  private readonly calls: FileCalls;

  /**
   * @param owner who writes here, beside others who share the folder: letters, digits and hyphens.
   * @param keep newest versions of each stage that stay; of older ones, but for the last whole one, each owner removes its
   *   own when it writes.
   */
  constructor(
    directory: string,
    { owner, keep }: { readonly owner: string; readonly keep: number },
    calls: FileCalls = fileCalls,
  ) {
    this.directory = directory;
    this.owner = owner;
    this.keep = keep;
    this.calls = calls;
  }

  write(stage: number, version: number, bytes: Uint8Array): { bytes: number; digest: string } {
    const folder = this.folderOf(stage);
    try {
      mkdirSync(folder, { recursive: true });
    } catch (error) {
      throw fileError(error, `make folder ${folder}`);
    }
    const digest = createHash("sha256").update(bytes).digest();
    const head = Buffer.alloc(headBytes);
    head.write(magic, 0, "latin1");
    head.writeUInt32BE(formatVersion, 4);
    head.writeUInt32BE(stage, 8);
    head.writeDoubleBE(version, 12);
    head.writeDoubleBE(bytes.byteLength, 20);
    digest.copy(head, 28);
    writeDurably(this.pathOf({ stage, version, owner: this.owner }), [head, bytes], this.calls);
    for (const file of this.needless(stage)) rmSync(this.pathOf(file), { force: true });
    return { bytes: bytes.byteLength, digest: digest.toString("hex") };
  }

  read(stage: number, version: number): Uint8Array {
    const there = this.filesOf(stage).filter((file) => file.version === version);
    there.sort((a, b) => Number(b.owner === this.owner) - Number(a.owner === this.owner));
    for (const file of there) {
      const bytes = this.readWhole(file);
      if (bytes !== undefined) return bytes;
    }
    if (there.length === 0) throw new Error(`no checkpoint: stage ${stage}, version ${version}`);
    throw new Error(`damaged checkpoint: ${this.pathOf(there[0])}`);
  }

  /** What a file holds; undefined where it is damaged or gone. */
  private readWhole(checkpoint: CheckpointFile): Uint8Array | undefined {
    const path = this.pathOf(checkpoint);
    let file: Buffer;
    try {
      file = readFileSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw fileError(error, `read ${path}`);
    }
    const body = file.subarray(headBytes);
    const isWhole =
      file.length >= headBytes &&
      file.toString("latin1", 0, 4) === magic &&
      file.readUInt32BE(4) === formatVersion &&
      file.readUInt32BE(8) === checkpoint.stage &&
      file.readDoubleBE(12) === checkpoint.version &&
      file.readDoubleBE(20) === body.length &&
      createHash("sha256").update(body).digest().equals(file.subarray(28, headBytes));
    return isWhole ? new Uint8Array(body) : undefined;
  }

  /** What is there of a stage, by ascending version. */
  private filesOf(stage: number): CheckpointFile[] {
    let names: string[];
    try {
      names = readdirSync(this.folderOf(stage));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw fileError(error, `read ${this.folderOf(stage)}`);
    }
    const files = names.flatMap((name) => {
      const match = /^version-(\d+)\.([A-Za-z0-9-]+)\.shard$/.exec(name);
      return match === null ? [] : [{ stage, version: Number(match[1]), owner: match[2] as string }];
    });
    return files.sort((a, b) => a.version - b.version || (a.owner < b.owner ? -1 : 1));
  }

  /**
   * Files of this owner that nobody will go back to: older than the newest ones, and than the newest version that every
   * stage in this folder has. Where there is none, a stage lags behind or was given up, and more are kept.
   */
  private needless(stage: number): CheckpointFile[] {
    const own = this.filesOf(stage).filter(({ owner }) => owner === this.owner);
    const others = this.stages()
      .filter((other) => other !== stage)
      .map((other) => new Set(this.filesOf(other).map(({ version }) => version)));
    const whole = own.findLast(({ version }) => others.every((versions) => versions.has(version)));
    if (whole === undefined) return own.slice(0, -keptWithoutWhole * this.keep);
    return own.slice(0, -this.keep).filter(({ version }) => version < whole.version);
  }

  private stages(): number[] {
    return readdirSync(this.directory).flatMap((name) => {
      const digits = /^stage-(\d+)$/.exec(name)?.[1];
      return digits === undefined ? [] : [Number(digits)];
    });
  }

  private folderOf(stage: number): string {
    return join(this.directory, `stage-${stage}`);
  }

  private pathOf({ stage, version, owner }: CheckpointFile): string {
    return join(this.folderOf(stage), `version-${version}.${owner}.shard`);
  }
}
