import { editDistance } from "@shardlab/contracts";
import { device } from "@shardlab/devices";
import { expect, test } from "vitest";
import { link } from "./links.ts";
import { region } from "./regions.ts";
import { trainingRun } from "./training-runs.ts";

test("the edit distance counts insertions, deletions, replacements and swaps of neighbours", () => {
  expect(editDistance("kitten", "sitting")).toBe(3);
  expect(editDistance("", "abc")).toBe(3);
  expect(editDistance("flaw", "lawn")).toBe(2);
  expect(editDistance("same", "same")).toBe(0);
  expect(editDistance("rtx-4900", "rtx-4090")).toBe(1);
  // No part is edited twice: the swap of "ca" cannot be pulled apart by the insertion.
  expect(editDistance("ca", "abc")).toBe(3);
});

test("a row is found by its kind", () => {
  expect(device("rtx-4090").memoryBytes).toBe(24 * 2 ** 30);
  expect(link("dsl").kind).toBe("dsl");
  expect(region("china").kind).toBe("china");
  expect(trainingRun("bloom-176b").tokens).toBe(366e9);
});

test("an unknown kind is refused, and the nearest one named", () => {
  expect(() => device("rtx-490")).toThrow("unknown device: rtx-490 (did you mean rtx-4090?)");
  expect(() => link("fiber-gigabit")).toThrow("did you mean fibre-gigabit?");
  expect(() => region("united-state")).toThrow("unknown region: united-state (did you mean united-states?)");
  expect(() => trainingRun("bloom-17b")).toThrow("did you mean bloom-176b?");
});
