/** Files that are there whole or not at all, whatever happens while they are written. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { oneLine } from "../one-line.ts";

/** What is needed of the file system, so that tests can give one that is full. */
export interface FileCalls {
  readonly openSync: (path: string, flags: string, mode?: number) => number;
  readonly writeSync: (file: number, bytes: Uint8Array, offset?: number, length?: number) => number;
  readonly fsyncSync: (file: number) => void;
  readonly closeSync: (file: number) => void;
  readonly renameSync: (from: string, to: string) => void;
}

export const fileCalls: FileCalls = {
  openSync: (path, flags, mode) => openSync(path, flags, mode),
  writeSync: (file, bytes, offset, length) => writeSync(file, bytes, offset, length),
  fsyncSync: (file) => fsyncSync(file),
  closeSync: (file) => closeSync(file),
  renameSync: (from, to) => renameSync(from, to),
};

/** Writes all of `bytes`, however many calls that takes. */
export function writeAll(file: number, bytes: Uint8Array, calls: FileCalls): void {
  for (let written = 0; written < bytes.byteLength; )
    written += calls.writeSync(file, bytes, written, bytes.byteLength - written);
}

/** What went wrong with a file, in words. */
export function fileError(error: unknown, doing: string): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return new Error(`disk full: cannot ${doing}`);
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return new Error(`not permitted: cannot ${doing}`);
  return new Error(`cannot ${doing}: ${oneLine(error)}`);
}

/**
 * Puts `parts`, one after the other, at `path`: a file beside it is written, flushed and renamed.
 *
 * @throws Error `disk full: cannot write ...`; the file that was there before stays.
 */
export function writeDurably(path: string, parts: readonly Uint8Array[], calls: FileCalls = fileCalls): void {
  const temporary = `${path}.${process.pid}-${counter++}.tmp`;
  let file: number | undefined;
  try {
    file = calls.openSync(temporary, "w", 0o600);
    for (const part of parts) writeAll(file, part, calls);
    calls.fsyncSync(file);
    calls.closeSync(file);
    file = undefined;
    calls.renameSync(temporary, path);
    flushFolder(dirname(path), calls);
  } catch (error) {
    if (file !== undefined) calls.closeSync(file);
    rmSync(temporary, { force: true });
    throw fileError(error, `write ${path}`);
  }
}

let counter = 0;

/** A rename is durable once its folder is. */
function flushFolder(path: string, calls: FileCalls): void {
  const folder = calls.openSync(path, "r");
  try {
    calls.fsyncSync(folder);
  } finally {
    calls.closeSync(folder);
  }
}
