/** What a value with a kind is called: `grant`, or, for a rule that goes around another one, `slashing of vesting of grant`. */
import { isRecord } from "./schema-place.ts";

/** The kinds of a value and of what it says under `of`, which may be a bare kind; undefined for what has none. */
export function kindLabel(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (!isRecord(value) || typeof value.kind !== "string") return undefined;
  const inner = kindLabel(value.of);
  return inner === undefined ? value.kind : `${value.kind} of ${inner}`;
}
