import { describe, expect, it } from "vitest";
import { formatDuration, formatNumber, formatQuantity } from "./number-format.ts";

describe("formatNumber", () => {
  it.each([
    [0, "0"],
    [0.012345, "0.0123"],
    [-4.5, "-4.5"],
    [12_345, "12,300"],
    [0.00001234, "1.23e-5"],
    [Number.NaN, "-"],
    [Number.POSITIVE_INFINITY, "∞"],
  ])("writes %d as %s", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});

describe("formatQuantity", () => {
  it.each([
    [1_234_567, "$", "$1.23M"],
    [-1500, "$", "-$1.5k"],
    [2.1, "$/h", "$2.1/h"],
    [0.31, "", "0.31"],
    [1_500_000, "providers", "1.5M providers"],
    [1.5e9, "B", "1.5 GB"],
    [12, "B", "12 B"],
    [3.2, "nat", "3.2 nat"],
    [90, "s", "1 min 30 s"],
  ])("writes %d in %s as %s", (value, unit, text) => {
    expect(formatQuantity(value, unit)).toBe(text);
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
