import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { threadId } from "node:worker_threads";
import { writeError } from "./results-error.ts";

/** What half-written files and folders are called; readers pass over hidden names. */
export const temporaryPrefix = ".tmp-";

/** A suffix that no other process or thread of this machine uses at the same time. */
export const writerName = (): string => `${process.pid}-${threadId}`;

/** JSON for people and version control: indented, with a newline at the end. */
export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/**
 * Writes a file beside its target and renames it, so that it is never seen half written. Folders are made as needed.
 *
 * @throws ResultsError (`cannot write results: ...`) when the disk is full or the folder cannot be written.
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const aside = join(dirname(path), `${temporaryPrefix}${writerName()}`);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(aside, content);
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw writeError(error, path);
  }
}
