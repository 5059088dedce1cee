/** Plain values as JSON text that keeps numbers which JSON does not have: a diverging loss is NaN at the other end too. */

/** Begins the text that stands for such a number; no message of ours has a text that begins so. */
const mark = "\0";

export const toText = (value: unknown): string =>
  JSON.stringify(value, (_key, part) => (typeof part === "number" && !Number.isFinite(part) ? `${mark}${part}` : part));

/** @throws SyntaxError */
export function fromText(text: string): unknown {
  if (!text.includes("\\u0000")) return JSON.parse(text);
  return JSON.parse(text, (_key, part) =>
    typeof part === "string" && part.startsWith(mark) ? numberOf(part.slice(mark.length)) : part,
  );
}

function numberOf(text: string): number {
  if (text === "Infinity") return Number.POSITIVE_INFINITY;
  return text === "-Infinity" ? Number.NEGATIVE_INFINITY : Number.NaN;
}
