import { describe, expect, it } from "vitest";
import { TimeAverage } from "./time-average.ts";

describe("a time average", () => {
  it("weighs each value with how long it lasted", () => {
    const clock = { now: 10 };
    const average = new TimeAverage(clock, 4);
    expect([average.mean, average.value, average.integral]).toEqual([4, 4, 0]);
    clock.now = 12;
    average.set(1);
    clock.now = 15;
    average.add(6);
    clock.now = 20;
    expect([average.integral, average.mean, average.value, average.maximum]).toEqual([46, 4.6, 7, 7]);
  });

  it("starts anew with the value that it has", () => {
    const clock = { now: 0 };
    const average = new TimeAverage(clock);
    average.set(9);
    clock.now = 1;
    average.set(2);
    clock.now = 5;
    average.restart();
    clock.now = 7;
    average.set(6);
    clock.now = 9;
    expect([average.mean, average.maximum]).toEqual([4, 6]);
  });
});
