import { describe, expect, it } from "vitest";
import { formatDuration, formatQuantity, formatRange } from "./number-format.ts";

describe("formatQuantity", () => {
  it.each([
    [1_234_567, "$", "$1.23M"],
    [-1500, "$", "−$1.5k"],
    [2.1, "$/h", "$2.1/h"],
    [-0.447, "$", "−$0.447"],
    [-0.447, "$/PFLOP", "−$0.447/PFLOP"],
    [-250_000, "$/y", "−$250k/y"],
    [0.31, "", "0.31"],
    [0.31, "share", "31 %"],
    [1_500_000, "providers", "1.5M providers"],
    [1.5e9, "B", "1.5 GB"],
    [12, "B", "12 B"],
    [3.2, "nat", "3.2 nat"],
    [90, "s", "1 min 30 s"],
    [0.9321, "s", "0.932 s"],
  ])("writes %d in %s as %s", (value, unit, text) => {
    expect(formatQuantity(value, unit)).toBe(text);
  });
});

describe("formatRange", () => {
  it.each([
    [1.9, 2.3, "ZFLOP", "1.9 to 2.3 ZFLOP"],
    [0.1, 0.2, "share", "10 to 20 %"],
    [1.2e6, 1.5e6, "$", "$1.2M to $1.5M"],
    [90, 150, "s", "1 min 30 s to 2 min 30 s"],
    [0.794, 0.82, "s", "0.794 to 0.82 s"],
    [1, 2, "", "1 to 2"],
  ])("writes %d to %d in %s as %s", (low, high, unit, text) => {
    expect(formatRange(low, high, unit)).toBe(text);
  });
});

describe("formatDuration", () => {
  it.each([
    [0.4, "0.4 s"],
    [12.2, "12 s"],
    [185, "3 min 5 s"],
    [7800, "2 h 10 min"],
    [3_542_400, "41 d"],
  ])("writes %d seconds as %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});
