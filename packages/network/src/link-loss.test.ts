import { describe, expect, it } from "vitest";
import { combinedLossRate, datagramLossRate, mathisBytesPerSecond } from "./link-loss.ts";

describe("loss", () => {
  it("combines links as independent", () => {
    expect(combinedLossRate()).toBe(0);
    expect(combinedLossRate(0, 0.013, 0)).toBe(0.013);
    expect(combinedLossRate(0.1, 0.2, 0.5)).toBeCloseTo(1 - 0.9 * 0.8 * 0.5, 15);
    expect(combinedLossRate(1, 0.5)).toBe(1);
  });

  it("bounds TCP as worked by hand", () => {
    // 1460 B, 100 ms, 1 %: sqrt(1.5) x 14,600 / 0.1 = 178,813 B/s, or 1.43 Mbit/s.
    expect(mathisBytesPerSecond(0.01, 0.1)).toBeCloseTo(178_812.75, 2);
    expect(mathisBytesPerSecond(0.04, 0.1)).toBeCloseTo(178_812.75 / 2, 2);
    expect(mathisBytesPerSecond(0.01, 0.2)).toBeCloseTo(178_812.75 / 2, 2);
    expect(mathisBytesPerSecond(0, 0.1)).toBe(Number.POSITIVE_INFINITY);
    expect(mathisBytesPerSecond(1, 0.1)).toBe(0);
  });

  it("agrees with a window that halves at each loss and grows by one segment a round trip", () => {
    // The derivation itself: between losses 1/p packets go out while the window climbs from W/2 to W.
    for (const lossRate of [1e-5, 1e-4, 1e-3]) {
      let window = 1;
      let sent = 0;
      let sinceLoss = 0;
      const roundTrips = 200_000;
      for (let i = 0; i < roundTrips; i++) {
        sent += window;
        sinceLoss += window;
        if (sinceLoss >= 1 / lossRate) {
          sinceLoss = 0;
          window = Math.max(1, window / 2);
        } else window += 1;
      }
      const simulated = (sent * 1460) / (roundTrips * 0.1);
      expect(simulated / mathisBytesPerSecond(lossRate, 0.1)).toBeCloseTo(1, 1);
    }
  });

  it("loses a datagram with any of its packets", () => {
    expect(datagramLossRate(0, 0.1)).toBe(0.1);
    expect(datagramLossRate(1460, 0.1)).toBe(0.1);
    expect(datagramLossRate(1461, 0.1)).toBeCloseTo(0.19, 15);
    expect(datagramLossRate(146_000, 1e-12)).toBeCloseTo(1e-10, 18);
    expect(datagramLossRate(1e9, 0)).toBe(0);
    expect(datagramLossRate(1, 1)).toBe(1);
  });
});
