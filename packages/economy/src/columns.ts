/** Columns of the tables that an economy writes. */
import type { Column } from "@shardlab/contracts";

export const numbers = (name: string, unit: string, values: ArrayLike<number>): Column => ({
  name,
  unit,
  data: { type: "float64", values: Float64Array.from(values) },
});

export const texts = (name: string, values: readonly string[]): Column => ({
  name,
  unit: "",
  data: { type: "string", values },
});
