import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CheckpointFiles } from "./checkpoint-files.ts";
import { type FileCalls, fileCalls } from "./durable-file.ts";
import { Journal } from "./journal.ts";
import { RoleJournal } from "./role-journal.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "durable-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A disk with room for so many bytes more. */
function smallDisk(bytes: number): FileCalls {
  let left = bytes;
  return {
    ...fileCalls,
    writeSync: (file, data, offset = 0, length = data.byteLength - offset) => {
      if (left === 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      const written = Math.min(left, length);
      left -= written;
      return fileCalls.writeSync(file, data, offset, written);
    },
  };
}

/** Versions of a stage that are on disk. */
const versionsOf = (stage: number, of = folder): number[] =>
  readdirSync(join(of, `stage-${stage}`))
    .map((name) => Number(/\d+/.exec(name)?.[0]))
    .sort((a, b) => a - b);

describe("checkpoints", () => {
  const shard = new Uint8Array(10_000).map((_, index) => index % 251);
  const two = { owner: "worker-0", keep: 2 };

  it("come back as they were written, the newest ones of each stage", () => {
    const files = new CheckpointFiles(folder, two);
    for (const version of [0, 20, 40]) expect(files.write(3, version, shard).bytes).toBe(10_000);
    files.write(1, 20, shard.slice(0, 5));
    expect(versionsOf(3)).toEqual([20, 40]);
    expect(versionsOf(1)).toEqual([20]);
    expect(Buffer.compare(files.read(3, 40), shard)).toBe(0);
    expect(() => files.read(3, 0)).toThrow("no checkpoint: stage 3, version 0");
  });

  it("that all stages have stay, however far one is ahead", () => {
    const files = new CheckpointFiles(folder, two);
    for (const stage of [0, 1]) for (const version of [5, 10]) files.write(stage, version, shard);
    for (const version of [15, 20, 25]) files.write(0, version, shard);
    // Stage 1 cannot write; version 10 is the last that is whole.
    expect(versionsOf(0)).toEqual([10, 15, 20, 25]);
    files.write(1, 25, shard);
    files.write(0, 30, shard);
    expect(versionsOf(1)).toEqual([10, 25]);
    expect(versionsOf(0)).toEqual([25, 30]);
  });

  it("of several workers lie side by side: one's own one comes first, then anybody's", () => {
    const [first, second, third] = [0, 1, 2].map((n) => new CheckpointFiles(folder, { owner: `worker-${n}`, keep: 1 }));
    first.write(0, 4, shard.slice(0, 1));
    second.write(0, 4, shard.slice(0, 2));
    expect([first, second].map((files) => files.read(0, 4).length)).toEqual([1, 2]);
    expect(third.read(0, 4).length).toBe(1);
    second.write(0, 8, shard.slice(0, 3));
    expect(second.read(0, 8).length).toBe(3);
    expect(first.read(0, 4).length).toBe(1);
  });

  it("that were changed on disk are not taken", () => {
    const files = new CheckpointFiles(folder, two);
    files.write(0, 1, shard);
    const path = join(folder, "stage-0", "version-1.worker-0.shard");
    const bytes = readFileSync(path);
    for (const at of [0, 10, 40, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ 1;
      writeFileSync(path, changed);
      expect(() => files.read(0, 1), `byte ${at}`).toThrow(/^damaged checkpoint: /);
    }
    writeFileSync(path, bytes.subarray(0, 50));
    expect(() => files.read(0, 1)).toThrow(/^damaged checkpoint: /);
  });

  it("of others stand in for a worker's own that is damaged", () => {
    const [own, other] = [0, 1].map((n) => new CheckpointFiles(folder, { owner: `worker-${n}`, keep: 1 }));
    other.write(0, 1, shard);
    own.write(
      0,
      1,
      shard.map((byte) => byte ^ 1),
    );
    truncateSync(join(folder, "stage-0", "version-1.worker-0.shard"), 3000);
    expect(own.read(0, 1)).toEqual(shard);
    truncateSync(join(folder, "stage-0", "version-1.worker-1.shard"), 0);
    expect(() => own.read(0, 1)).toThrow(/^damaged checkpoint: .*worker-0.shard$/);
  });

  it("that find no room leave the one before, and nothing half written", () => {
    new CheckpointFiles(folder, two).write(0, 1, shard);
    const full = new CheckpointFiles(folder, two, smallDisk(5000));
    expect(() => full.write(0, 2, shard)).toThrow(/^disk full: cannot write .*version-2.worker-0.shard$/);
    expect(readdirSync(join(folder, "stage-0"))).toEqual(["version-1.worker-0.shard"]);
    expect(full.read(0, 1)).toHaveLength(10_000);
  });

  it("that find a really full disk say so", (context) => {
    const mount = join(folder, "small");
    try {
      execFileSync("mkdir", [mount]);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", mount], { stdio: "pipe" });
    } catch {
      context.skip("a file system cannot be mounted here");
    }
    try {
      const files = new CheckpointFiles(mount, two);
      files.write(0, 1, shard);
      expect(() => files.write(0, 2, new Uint8Array(200_000))).toThrow(/^disk full: cannot write /);
      expect(versionsOf(0, mount)).toEqual([1]);
    } finally {
      execFileSync("umount", [mount]);
    }
  });
});

describe("a journal", () => {
  const entries = [{ kind: "plan", loss: Number.NaN }, [1, "zwei", null], { deep: { list: [true] } }];

  it("has what was appended, and goes on", () => {
    const path = join(folder, "journal");
    const first = new Journal(path);
    for (const entry of entries) first.append(entry);
    first.close();
    const second = new Journal(path);
    expect(second.entries).toEqual(entries);
    second.append("more");
    second.close();
    expect(new Journal(path).entries).toEqual([...entries, "more"]);
  });

  it("loses no more than a torn last line, wherever it is torn", () => {
    const path = join(folder, "journal");
    const journal = new Journal(path);
    for (const entry of entries) journal.append(entry);
    journal.close();
    const { size } = statSync(path);
    const whole = readFileSync(path);
    const secondEnd = whole.indexOf(10, whole.indexOf(10) + 1) + 1;
    for (let cut = secondEnd + 1; cut < size; cut += 3) {
      writeFileSync(path, whole.subarray(0, cut));
      const torn = new Journal(path);
      expect(torn.entries, `cut at ${cut}`).toEqual(entries.slice(0, 2));
      torn.append("after");
      torn.close();
      expect(new Journal(path).entries).toEqual([...entries.slice(0, 2), "after"]);
    }
    truncateSync(path, 0);
    appendFileSync(path, whole.subarray(0, size - 1));
    expect(new Journal(path).entries).toEqual(entries.slice(0, 2));
  });

  it("that is damaged in the middle is not taken for a shorter one", () => {
    const path = join(folder, "journal");
    const journal = new Journal(path);
    for (const entry of entries) journal.append(entry);
    journal.close();
    const bytes = readFileSync(path);
    bytes[12] = (bytes[12] as number) ^ 1;
    writeFileSync(path, bytes);
    expect(() => new Journal(path)).toThrow(`damaged journal: ${path}:1`);
  });

  it("of a role drops what a snapshot makes needless, and nothing of the host", () => {
    const path = join(folder, "journal");
    const isSnapshot = (entry: unknown): boolean => typeof entry === "object";
    const journal = new RoleJournal(path, isSnapshot, 2000);
    journal.appendHost({ node: 1 });
    for (let entry = 0; entry < 100; entry++) {
      journal.append(`entry ${entry} ${"x".repeat(20)}`);
      if (entry % 10 === 4) journal.append({ snapshot: entry });
      if (entry === 50) journal.appendHost({ node: 2 });
    }
    expect(statSync(path).size).toBeLessThan(3000);
    const again = new RoleJournal(path, isSnapshot, 2000);
    expect(again.hostEntries).toEqual([{ node: 1 }, { node: 2 }]);
    expect(again.roleEntries[0]).toEqual({ snapshot: 94 });
    expect(again.roleEntries).toHaveLength(6);
  });

  it("says when the disk is full, and has what fitted before", () => {
    const path = join(folder, "journal");
    const journal = new Journal(path, smallDisk(60));
    journal.append("fits");
    expect(() => journal.append("x".repeat(100))).toThrow(`disk full: cannot append to journal ${path}`);
    journal.close();
    expect(new Journal(path).entries).toEqual(["fits"]);
  });
});
