/** A list of plain values that only grows, each on disk before anybody acts on it. */
import { createHash } from "node:crypto";
import { closeSync, readFileSync, statSync, truncateSync } from "node:fs";
import type { Plain } from "@shardlab/contracts";
import { fromText, toText } from "../plain-text.ts";
import { type FileCalls, fileCalls, fileError, writeAll, writeDurably } from "./durable-file.ts";

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
  private file: number;
  /** Length of the file. */
  bytes: number;
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
    this.file = this.open();
    this.bytes = statSync(path).size;
  }

  /** On return the entry is on disk. */
  append(entry: Plain): void {
    const line = Buffer.from(lineOf(toText(entry)));
    try {
      writeAll(this.file, line, this.calls);
      this.calls.fsyncSync(this.file);
      this.bytes += line.byteLength;
    } catch (error) {
      throw fileError(error, `append to journal ${this.path}`);
    }
  }

  /** Puts `entries` in the place of all that is there, which they make needless. */
  replace(entries: readonly Plain[]): void {
    const text = Buffer.from(entries.map((entry) => lineOf(toText(entry))).join(""));
    writeDurably(this.path, [text], this.calls);
    closeSync(this.file);
    this.file = this.open();
    this.bytes = text.byteLength;
  }

  close(): void {
    closeSync(this.file);
  }

  private open(): number {
    try {
      return this.calls.openSync(this.path, "a", 0o600);
    } catch (error) {
      throw fileError(error, `open ${this.path}`);
    }
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
