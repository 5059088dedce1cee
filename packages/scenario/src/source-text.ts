/** The bytes of a scenario file as text, and positions in it. */
import type { Fault } from "./fault.ts";

/** Scenarios are a few kilobytes; parsing time grows with size, so that large files are refused unread. */
export const largestBytes = 256 * 1024;

export interface LineAndColumn {
  readonly line: number;
  readonly column: number;
}

/** Where the offset (in UTF-16 code units) stands; offsets beyond the end are at the end of the last line. */
export function positionIn(text: string): (offset: number) => LineAndColumn {
  const starts = [0];
  const end = text.endsWith("\n") ? text.length - 1 : text.length;
  for (let at = text.indexOf("\n"); at !== -1 && at < end; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    const within = Math.max(0, Math.min(offset, end));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= within) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: within - (starts[low] as number) + 1 };
  };
}

// All controls but tab, line feed, carriage return and next line: YAML 1.2 (section 5.1) forbids them.
const control = /(?![\t\n\r\u0085])\p{Cc}/u;

/** The text of a scenario file, or the one fault for which it is not read any further. */
export function readText(source: string | Uint8Array): { text: string } | { fault: Fault } {
  const at = (position: LineAndColumn, message: string) => ({ fault: { ...position, path: "", message } });
  const bytes = typeof source === "string" ? Buffer.byteLength(source) : source.byteLength;
  if (bytes > largestBytes) {
    return at({ line: 1, column: 1 }, `file too large: ${bytes} bytes (expected at most ${largestBytes})`);
  }
  const decoded = typeof source === "string" ? source : new TextDecoder("utf-8").decode(source);
  const text = decoded.startsWith("\ufeff") ? decoded.slice(1) : decoded;
  const bad = control.exec(text);
  if (bad) {
    const code = bad[0].charCodeAt(0);
    const what =
      code === 0 ? "binary file: NUL byte" : `control character: U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
    return at(positionIn(text)(bad.index), `${what} (expected YAML text)`);
  }
  if (typeof source !== "string" && !isUtf8(source)) {
    return at(positionIn(text)(text.indexOf("\ufffd")), "bytes that are not UTF-8 (expected YAML text in UTF-8)");
  }
  return { text };
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
