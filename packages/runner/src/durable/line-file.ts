/** A file of lines that several lives of a process append to. Losing its last lines in a crash of the machine is allowed. */
import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { fileError } from "./durable-file.ts";

export class LineFile {
  private readonly path: string;

  /** Cuts off a last line that was torn. */
  constructor(path: string) {
    this.path = path;
    if (!existsSync(path)) return;
    const bytes = readFileSync(path);
    const end = bytes.lastIndexOf(10) + 1;
    if (end < bytes.length) truncateSync(path, end);
  }

  /** @throws Error `disk full: ...` */
  append(lines: readonly string[]): void {
    if (lines.length === 0) return;
    try {
      appendFileSync(this.path, lines.map((line) => `${line}\n`).join(""));
    } catch (error) {
      throw fileError(error, `append to ${this.path}`);
    }
  }
}
