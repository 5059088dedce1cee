/** A value as text, so that two values can be compared whole: typed arrays by type and element, functions left out. */
export function snapshot(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (ArrayBuffer.isView(inner)) {
      const elements = Array.from(inner as Float64Array, numeral);
      return [inner.constructor.name, ...elements];
    }
    if (inner instanceof Map || inner instanceof Set) return [inner.constructor.name, ...inner];
    if (typeof inner === "number") return numeral(inner);
    return typeof inner === "bigint" ? `${inner}n` : inner;
  });
}

/** JSON writes NaN and Infinity as null and -0 as 0. */
const numeral = (value: number | bigint): string => (Object.is(value, -0) ? "-0" : String(value));
