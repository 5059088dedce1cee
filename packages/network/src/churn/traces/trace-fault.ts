/** What is wrong in the text of a trace, and where. */

/** Line and column count from 1, columns in UTF-16 code units as editors do. */
export class TraceFault extends Error {
  readonly line: number;
  readonly column: number;

  constructor(place: TextPlace, message: string) {
    super(`${place.line}:${place.column} ${message}`);
    this.name = "TraceFault";
    this.line = place.line;
    this.column = place.column;
  }
}

export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** The place of the character at `offset`. */
export function placeAt(text: string, offset: number): TextPlace {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

const longestShown = 40;

/** Text from a file as a message may carry it: quoted, on one line, not too long. */
export function shownText(text: string): string {
  return JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown - 1)}…` : text);
}
