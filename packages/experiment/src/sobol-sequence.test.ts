import { createStreams } from "@shardlab/random";
import { describe, expect, it } from "vitest";
import { digitalShift, largestDimension, sobolPoints } from "./sobol-sequence.ts";

const rowOf = (points: Float64Array, dimensions: number, row: number): number[] => [
  ...points.subarray(row * dimensions, (row + 1) * dimensions),
];

describe("sobolPoints", () => {
  it("opens with the published points (Joe and Kuo's notes, section 1; three dimensions)", () => {
    const published = [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
      [0.75, 0.25, 0.25],
      [0.25, 0.75, 0.75],
      [0.375, 0.375, 0.625],
      [0.875, 0.875, 0.125],
      [0.625, 0.125, 0.875],
      [0.125, 0.625, 0.375],
      [0.1875, 0.3125, 0.9375],
      [0.6875, 0.8125, 0.4375],
    ];
    const points = sobolPoints(10, 3);
    expect(published.map((_, row) => rowOf(points, 3, row))).toEqual(published);
  });

  it("agrees with SciPy 1.x (qmc.Sobol, unscrambled) far out in 40 dimensions", () => {
    const points = sobolPoints(4096, 40);
    const last = rowOf(points, 40, 4095);
    expect(last.slice(0, 4)).toEqual([0.000244140625, 0.941162109375, 0.334228515625, 0.901611328125]);
    expect(last.slice(36)).toEqual([0.580322265625, 0.327880859375, 0.165771484375, 0.227294921875]);
    const inner = rowOf(points, 40, 1234);
    expect(inner.slice(0, 4)).toEqual([0.86474609375, 0.41943359375, 0.82666015625, 0.45166015625]);
    expect(inner.slice(36)).toEqual([0.22705078125, 0.98388671875, 0.99365234375, 0.38623046875]);
  });

  it("puts one point into each of 2^k intervals in every dimension, shifted or not", () => {
    for (const shift of [undefined, digitalShift(largestDimension, 7)]) {
      const points = sobolPoints(256, largestDimension, shift);
      for (let dimension = 0; dimension < largestDimension; dimension++) {
        const cells = new Set<number>();
        for (let row = 0; row < 256; row++) cells.add(Math.floor(points[row * largestDimension + dimension] * 256));
        expect(cells.size).toBe(256);
      }
    }
  });

  it("keeps its beginning when it grows, and its shift when dimensions are added", () => {
    const shift = digitalShift(4, 3);
    expect(sobolPoints(64, 4, shift).subarray(0, 32)).toEqual(sobolPoints(8, 4, shift));
    expect(digitalShift(9, 3).subarray(0, 4)).toEqual(shift);
    expect(digitalShift(4, 4)).not.toEqual(shift);
  });

  it("integrates better than random points: the g-function of Saltelli and Sobol, whose integral is 1", () => {
    const dimensions = 6;
    const count = 1024;
    const integrate = (points: ArrayLike<number>): number => {
      let sum = 0;
      for (let row = 0; row < count; row++) {
        let product = 1;
        for (let i = 0; i < dimensions; i++) product *= (Math.abs(4 * points[row * dimensions + i] - 2) + i) / (1 + i);
        sum += product;
      }
      return sum / count;
    };
    let quasi = 0;
    let random = 0;
    for (let seed = 0; seed < 20; seed++) {
      const stream = createStreams(seed).stream("random points");
      quasi += (integrate(sobolPoints(count, dimensions, digitalShift(dimensions, seed))) - 1) ** 2;
      random += (integrate(Array.from({ length: count * dimensions }, () => stream.uniform())) - 1) ** 2;
    }
    expect(quasi).toBeLessThan(random / 50);
  });

  it("refuses more dimensions than it has numbers for", () => {
    expect(() => sobolPoints(1, largestDimension + 1)).toThrow("invalid dimensions: 41");
    expect(() => sobolPoints(1, 0)).toThrow("invalid dimensions: 0");
    expect(largestDimension).toBe(40);
  });
});
