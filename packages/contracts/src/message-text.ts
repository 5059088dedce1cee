/** Text from outside as a message may carry it. */

const longestShown = 60;

/** `text` as a message may carry it: on one line, without control characters, at most 60 characters long. */
export function shorten(text: string): string {
  const short = text.length > longestShown ? `${text.slice(0, longestShown - 1)}…` : text;
  // Control and formatting characters could move a terminal's cursor or turn the reading direction.
  return short.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
    return character === "\n" ? "\\n" : character === "\t" ? "\\t" : `\\u{${code}}`;
  });
}

/** A value as a message may name it. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (value === "") return "empty text";
  return shorten(String(value));
}
