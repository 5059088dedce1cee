/** Shards on disk: `stage-3/version-40.shard`, each with its version and digest in it. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { CheckpointStore } from "../compute/compute-module.ts";
import { type FileCalls, fileCalls, fileError, writeDurably } from "./durable-file.ts";

const magic = "SLCK";
const formatVersion = 1;
/** Magic, format version, stage, version, length, digest. */
const headBytes = 4 + 4 + 4 + 8 + 8 + 32;

export class CheckpointFiles implements CheckpointStore {
  private readonly directory: string;
  private readonly keep: number;
  private readonly calls: FileCalls;

  /** @param keep newest versions of each stage that stay; older ones are removed when one is written. */
  constructor(directory: string, keep: number, calls: FileCalls = fileCalls) {
    this.directory = directory;
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
    writeDurably(this.pathOf(stage, version), [head, bytes], this.calls);
    for (const old of this.versionsOf(stage).slice(0, -this.keep)) rmSync(this.pathOf(stage, old), { force: true });
    return { bytes: bytes.byteLength, digest: digest.toString("hex") };
  }

  read(stage: number, version: number): Uint8Array {
    const path = this.pathOf(stage, version);
    let file: Buffer;
    try {
      file = readFileSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT")
        throw new Error(`no checkpoint: stage ${stage}, version ${version}`);
      throw fileError(error, `read ${path}`);
    }
    const body = file.subarray(headBytes);
    const isWhole =
      file.length >= headBytes &&
      file.toString("latin1", 0, 4) === magic &&
      file.readUInt32BE(4) === formatVersion &&
      file.readUInt32BE(8) === stage &&
      file.readDoubleBE(12) === version &&
      file.readDoubleBE(20) === body.length &&
      createHash("sha256").update(body).digest().equals(file.subarray(28, headBytes));
    if (!isWhole) throw new Error(`damaged checkpoint: ${path}`);
    return new Uint8Array(body);
  }

  /** Versions of a stage that are there, ascending. */
  versionsOf(stage: number): number[] {
    try {
      return readdirSync(this.folderOf(stage))
        .flatMap((name) => /^version-(\d+)\.shard$/.exec(name)?.[1] ?? [])
        .map(Number)
        .sort((a, b) => a - b);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  }

  private folderOf(stage: number): string {
    return join(this.directory, `stage-${stage}`);
  }

  private pathOf(stage: number, version: number): string {
    return join(this.folderOf(stage), `version-${version}.shard`);
  }
}
