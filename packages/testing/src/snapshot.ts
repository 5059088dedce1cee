/** Values as they are now, to be compared or kept: as text, or as a copy. */

/** A value as text, so that two values can be compared whole: typed arrays by type and element, functions left out. */
export function snapshot(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (ArrayBuffer.isView(inner)) return elementsOf(inner as Float64Array);
    if (inner instanceof Map || inner instanceof Set) return [inner.constructor.name, ...inner];
    if (typeof inner === "number") return numeral(inner);
    return typeof inner === "bigint" ? `${inner}n` : inner;
  });
}

/** One text for all elements: an array of texts would pass through the replacer again, one by one. */
function elementsOf(column: Float64Array): string {
  let text: string = column.constructor.name;
  for (let i = 0; i < column.length; i++) text += ` ${numeral(column[i])}`;
  return text;
}

/** JSON writes NaN and Infinity as null and -0 as 0. */
const numeral = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

/** Plain data with every typed array in it copied; much faster than `structuredClone` for many short arrays. */
export function copyOf<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value)) return (value as unknown as Float64Array).slice() as T & Float64Array;
  if (Array.isArray(value)) return value.map(copyOf) as T & unknown[];
  const copy: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) copy[name] = copyOf(inner);
  return copy as T;
}
