import { expect, test } from "vitest";
import { presentValues } from "./present-value.ts";

test.each([0, 1e-4, 0.01, 0.5])("of a constant flow is the annuity at rate %d", (rate) => {
  const days = 700;
  const values = presentValues(new Float64Array(days).fill(3), rate);
  for (const day of [0, 1, 350, 699]) {
    const left = days - day;
    const annuity = rate === 0 ? left : -Math.expm1(-rate * left) / -Math.expm1(-rate);
    expect(values[day] / (3 * annuity)).toBeCloseTo(1, 11);
  }
});

test("of one payment is its discount, and nothing after it", () => {
  const flow = new Float64Array(10);
  flow[6] = 100;
  const values = presentValues(flow, 0.1);
  expect(values[6]).toBe(100);
  expect(values[2]).toBeCloseTo(100 * Math.exp(-0.4), 12);
  expect(values[7]).toBe(0);
});

test("of no flow is empty", () => expect(presentValues(new Float64Array(0), 0.1)).toHaveLength(0));
