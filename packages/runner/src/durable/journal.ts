/** A list of plain values that only grows, each on disk before anybody acts on it. */
import { createHash } from "node:crypto";
import { closeSync, readFileSync, truncateSync } from "node:fs";
import type { Plain } from "@shardlab/contracts";
import { fromText, toText } from "../plain-text.ts";
import { type FileCalls, fileCalls, fileError, writeAll } from "./durable-file.ts";

const checkDigits = 8;
const checkOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, checkDigits);

/** One line: the first digits of the text's SHA-256, a blank, the text. */
const lineOf = (text: string): string => `${checkOf(text)} ${text}\n`;

/** The value of a line, or undefined where it is not whole. */
function read(line: string): Plain | undefined {
  const text = line.slice(checkDigits + 1);
  return line.slice(0, checkDigits) === checkOf(text) ? (fromText(text) as Plain) : undefined;
}

export class Journal {
  private readonly path: string;
  private readonly calls: FileCalls;
  private readonly file: number;
  /** What was there when the journal was opened. */
  readonly entries: readonly Plain[];

  /**
   * Opens the journal, or begins one. A last line that was torn by a crash is cut off: nobody acted on it.
   *
   * @throws Error `damaged journal: ...` where another line is not whole, `disk full: ...`.
   */
  constructor(path: string, calls: FileCalls = fileCalls) {
    this.path = path;
    this.calls = calls;
    this.entries = readEntries(path);
    try {
      this.file = calls.openSync(path, "a", 0o600);
    } catch (error) {
      throw fileError(error, `open ${path}`);
    }
  }

  /** On return the entry is on disk. */
  append(entry: Plain): void {
    try {
      writeAll(this.file, Buffer.from(lineOf(toText(entry))), this.calls);
      this.calls.fsyncSync(this.file);
    } catch (error) {
      throw fileError(error, `append to journal ${this.path}`);
    }
  }

  close(): void {
    closeSync(this.file);
  }
}

function readEntries(path: string): Plain[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw fileError(error, `read ${path}`);
  }
  const entries: Plain[] = [];
  let offset = 0;
  for (let line = 1; offset < bytes.length; line++) {
    const end = bytes.indexOf(10, offset);
    const entry = end < 0 ? undefined : read(bytes.toString("utf8", offset, end));
    if (entry === undefined) {
      if (end >= 0 && end < bytes.length - 1) throw new Error(`damaged journal: ${path}:${line}`);
      truncateSync(path, offset);
      break;
    }
    entries.push(entry);
    offset = end + 1;
  }
  return entries;
}
