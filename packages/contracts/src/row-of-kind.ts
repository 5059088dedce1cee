/** Finding a row of a table by its kind. */
import { unknownName } from "./nearest.ts";

/**
 * The row of `rows` with this kind.
 *
 * @throws Error `unknown device: rtx-4900 (did you mean rtx-4090?)` where `noun` names what the table holds.
 */
export function rowOfKind<Row extends { readonly kind: string }>(
  noun: string,
  rows: readonly Row[],
  kind: string,
): Row {
  const found = rows.find((row) => row.kind === kind);
  if (found) return found;
  throw new Error(
    unknownName(
      noun,
      kind,
      rows.map((row) => row.kind),
    ),
  );
}
