import { describe, expect, test } from "vitest";
import { emptyOffer } from "./offer.ts";

describe("an empty offer", () => {
  test.each([0, 1, 8, 9, 40])("has %d rows in each column, which none shares with another", (models) => {
    const columns = Object.entries(emptyOffer(models));
    const [zeros, ones] = [new Float64Array(models), new Float64Array(models).fill(1)];
    for (const [name, column] of columns) {
      const start = ["usefulShare", "furtherNames", "forfeitShare"].includes(name) ? ones : zeros;
      expect([...column], name).toEqual([...start]);
    }
    for (const [index, [, column]] of columns.entries()) column.fill(index);
    for (const [index, [name, column]] of columns.entries()) {
      expect([...column], name).toEqual(Array(models).fill(index));
    }
  });
});
