/** Faults of a scenario file: where, and what is wrong, in one line. */

/**
 * One fault. Lines and columns count from 1, columns in UTF-16 code units as editors do.
 * A fault of an override (`--set`) is in no file: its line and column are 0 and its message names the override.
 */
export interface Fault {
  readonly line: number;
  readonly column: number;
  /** Dotted path of the place in the document; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** A place in the document: keys of maps and indices of lists. */
export type Path = readonly (string | number)[];

/** What is wrong in a document, before it is known where in the file that stands. */
export interface Finding {
  readonly path: Path;
  /** Whether the key or the value at the path is wrong. */
  readonly at: "key" | "value";
  readonly message: string;
}

/** `file:line:column what is wrong (expected …; did you mean …?)`, on one line. */
export function formatFault(file: string, fault: Fault): string {
  return fault.line === 0 ? fault.message : `${file}:${fault.line}:${fault.column} ${fault.message}`;
}

/** Faults by position, each once; overrides come first. */
export function sortFaults(faults: readonly Fault[]): Fault[] {
  const seen = new Set<string>();
  const isNew = (fault: Fault): boolean => {
    const identity = `${fault.line}:${fault.column} ${fault.message}`;
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  };
  const order = (a: Fault, b: Fault): number => a.line - b.line || a.column - b.column;
  return faults.filter(isNew).sort(order);
}
