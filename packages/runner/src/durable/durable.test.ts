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

describe("checkpoints", () => {
  const shard = new Uint8Array(10_000).map((_, index) => index % 251);

  it("come back as they were written, the newest ones of each stage", () => {
    const files = new CheckpointFiles(folder, 2);
    for (const version of [0, 20, 40]) expect(files.write(3, version, shard).bytes).toBe(10_000);
    files.write(1, 20, shard.slice(0, 5));
    expect(files.versionsOf(3)).toEqual([20, 40]);
    expect(files.versionsOf(1)).toEqual([20]);
    expect(Buffer.compare(files.read(3, 40), shard)).toBe(0);
    expect(() => files.read(3, 0)).toThrow("no checkpoint: stage 3, version 0");
  });

  it("that were changed on disk are not taken", () => {
    const files = new CheckpointFiles(folder, 2);
    files.write(0, 1, shard);
    const path = join(folder, "stage-0", "version-1.shard");
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

  it("that find no room leave the one before, and nothing half written", () => {
    new CheckpointFiles(folder, 2).write(0, 1, shard);
    const full = new CheckpointFiles(folder, 2, smallDisk(5000));
    expect(() => full.write(0, 2, shard)).toThrow(/^disk full: cannot write .*version-2.shard$/);
    expect(readdirSync(join(folder, "stage-0"))).toEqual(["version-1.shard"]);
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
      const files = new CheckpointFiles(mount, 2);
      files.write(0, 1, shard);
      expect(() => files.write(0, 2, new Uint8Array(200_000))).toThrow(/^disk full: cannot write /);
      expect(files.versionsOf(0)).toEqual([1]);
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
