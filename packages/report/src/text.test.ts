import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { extentOf, numberAxis } from "./axes.ts";
import { placeLabels, spreadApart } from "./placement.ts";
import { balanceText, formatNumber, powerOfTen, textWidth, wrapText } from "./text.ts";

test.each([
  [0, "0"],
  [1234, "1,234"],
  [999999, "999,999"],
  [-0.01234, "−0.0123"],
  [12.3456, "12.3"],
  [1e6, "10⁶"],
  [2.5e21, "2.5 × 10²¹"],
  [4e-7, "4 × 10⁻⁷"],
  [0.9999, "1"],
  [1234.5, "1,235"],
  [Number.NaN, "n/a"],
  [Number.NEGATIVE_INFINITY, "−∞"],
])("formats %d as %s", (value, text) => expect(formatNumber(value)).toBe(text));

test("writes powers of ten", () =>
  expect([powerOfTen(-12), powerOfTen(0), powerOfTen(3)]).toEqual(["10⁻¹²", "10⁰", "10³"]));

test("wraps at spaces, within the width, and loses nothing", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 40 }), (words) => {
      for (const wrap of [wrapText, balanceText]) {
        const lines = wrap(words.join(" "), 12, 200);
        expect(lines.join(" ")).toBe(words.join(" "));
        for (const line of lines) expect(textWidth(line, 12)).toBeLessThanOrEqual(200);
      }
    }),
  );
});

describe("numberAxis", () => {
  test.each([
    ["losses that differ in the last bits", [2.421893318494161, 2.421893278757731], "nat/token"],
    ["bytes", [398_057_459, 398_057_460], "B"],
    ["shares", [0.08565739, 0.0856574], "share"],
  ])("gives every tick of %s a label of its own", (_of, values, unit) => {
    const { ticks, format, scale } = numberAxis(values, "linear", 5, unit);
    expect(ticks.length).toBeGreaterThan(2);
    expect(new Set(ticks.map(format)).size).toBe(ticks.length);
    const [low = 0, high = 0] = scale.domain as number[];
    for (const value of values) expect(value > low && value < high).toBe(true);
  });

  test.each([
    [[0, 10], "linear", [0, 2, 4, 6, 8, 10]],
    [[2.1, 2.85], "linear", [2.2, 2.4, 2.6, 2.8]],
    [[1, 10000], "log", [1, 10, 100, 1000, 10000]],
    [[1, 50], "log", [1, 2, 5, 10, 20, 50]],
  ] as const)("puts ticks of %j on a %s scale at round numbers", (values, kind, ticks) => {
    expect(numberAxis(values, kind, 5).ticks).toEqual(ticks);
  });

  test("covers the values it is given, and has ticks, whatever they are", () => {
    const value = fc.double({ min: -1e9, max: 1e9, noNaN: true }).filter((x) => x === 0 || Math.abs(x) > 1e-9);
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 9 }), fc.constantFrom("linear", "log"), (values, kind) => {
        const { scale, ticks } = numberAxis(values, kind, 5);
        const [low = 0, high = 0] = scale.domain as number[];
        const [least, most] = extentOf(values, kind);
        expect(low).toBeLessThanOrEqual(least);
        expect(high).toBeGreaterThanOrEqual(most);
        expect(ticks.length).toBeGreaterThan(0);
        expect(ticks.length).toBeLessThan(16);
      }),
    );
  });
});

describe("spreadApart", () => {
  test("leaves what is apart alone, and moves what is not by the same amount to either side", () => {
    expect(spreadApart([10, 50, 100], 15, 0, 200)).toEqual([10, 50, 100]);
    expect(spreadApart([50, 50], 10, 0, 200)).toEqual([45, 55]);
    expect(spreadApart([0, 0, 0], 10, 0, 200)).toEqual([0, 10, 20]);
  });

  test("keeps the gap, the order and the frame", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 12 }), (positions) => {
        const placed = spreadApart(positions, 15, 0, 300);
        const sorted = [...placed].sort((a, b) => a - b);
        sorted.forEach((place, index) => {
          if (index > 0) expect(place - (sorted[index - 1] ?? 0)).toBeGreaterThanOrEqual(15 - 1e-9);
        });
        for (const place of placed) expect(place).toBeGreaterThanOrEqual(0);
        for (const place of placed) expect(place).toBeLessThanOrEqual(300 + 1e-9);
        const order = (values: readonly number[]) =>
          positions.map((_, i) => i).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
        expect(order(placed).map((i) => positions[i])).toEqual(order(positions).map((i) => positions[i]));
      }),
    );
  });
});

test("labels of two points side by side do not lie on one another", () => {
  const frame = { left: 0, top: 0, width: 400, height: 400 };
  const [first, second] = placeLabels(
    [
      { x: 200, y: 200, width: 80 },
      { x: 230, y: 200, width: 80 },
    ],
    14,
    frame,
  );
  expect(
    first &&
      second &&
      (first.left + first.width <= second.left ||
        second.left + second.width <= first.left ||
        first.top + 14 <= second.top ||
        second.top + 14 <= first.top),
  ).toBe(true);
});
