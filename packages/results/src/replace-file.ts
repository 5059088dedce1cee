import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { threadId } from "node:worker_threads";
import { errorCode, writeError } from "./results-error.ts";

/** What half-written files and folders are called; readers pass over hidden names. */
export const temporaryPrefix = ".tmp-";

/** Tells machines apart that share a disk, without naming them. */
const machineDigits = createHash("sha256").update(hostname()).digest("hex").slice(0, 6);

/** A suffix that no other process or thread uses at the same time: machine, process and thread. */
export const writerName = (): string => `${machineDigits}-${process.pid}-${threadId}`;

const writerPattern = new RegExp(`^\\${temporaryPrefix}(?:.+-)?${machineDigits}-(\\d+)-\\d+$`);

/** Whether `name` is a leftover: something half written by a process of this machine that is no more. */
export function isLeftover(name: string): boolean {
  const writer = writerPattern.exec(name)?.[1];
  if (writer === undefined) return false;
  try {
    process.kill(Number(writer), 0);
    return false;
  } catch (error) {
    return errorCode(error) === "ESRCH";
  }
}

/** JSON for people and version control: indented, with a newline at the end. */
export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/**
 * Makes a folder and those above it. Node's own recursion goes round for ever where a file system denies that a folder which
 * is there exists, as Linux's /proc does.
 *
 * @throws NodeJS.ErrnoException where a folder cannot be made.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(resolve(path)));
  try {
    mkdirSync(path);
  } catch (error) {
    if (!existsSync(path)) throw error; // Somebody else has just made it.
  }
}

/**
 * Writes a file beside its target and renames it, so that it is never seen half written. Folders are made as needed.
 *
 * @throws ResultsError (`cannot write results: ...`) when the disk is full or the folder cannot be written.
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const aside = join(dirname(path), `${temporaryPrefix}${writerName()}`);
  try {
    makeFolder(dirname(path));
    writeFileSync(aside, content);
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw writeError(error, path);
  }
}
