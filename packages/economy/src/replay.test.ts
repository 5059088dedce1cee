import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { describe, expect, test } from "vitest";
import { epochSeconds } from "./epoch.ts";
import { economyWith, modelWith } from "./fixtures/small-economy.ts";
import { replayEconomy } from "./replay.ts";
import { runEconomy } from "./run.ts";

const kinds = ["closed-lab", "grant", "proof-of-work", "protocol-models", "volunteer"] as const;
const mechanism = (kind: (typeof kinds)[number]) => createMechanism(mechanismSpec.parse({ kind }));
const spec = economyWith({ models: [modelWith({}), modelWith({ name: "other", parameters: "7B" })] });
const days = (count: number): number => count * epochSeconds;

describe("a replay", () => {
  test.each(kinds)("of a whole run with %s leaves its trace", (kind) => {
    const outcome = runEconomy(spec, mechanism(kind), { seed: 4, detail: "full" });
    const replay = replayEconomy(spec, mechanism(kind), { seed: 4 });
    expect([replay.isWhole, replay.days, replay.traceHash]).toEqual([true, 300, outcome.traceHash]);
    const [day, digest] = outcome.tables.find(({ name }) => name === "trace")?.columns ?? [];
    expect(replay.checkpoints.map((checkpoint) => checkpoint.digest)).toEqual(digest?.data.values);
    expect(replay.checkpoints.map(({ epoch }) => epoch)).toEqual(Array.from(day?.data.values as Float64Array));
  });

  test("up to a moment is the beginning of the whole one, day for day", () => {
    const whole = replayEconomy(spec, mechanism("protocol-models"), { seed: 4 });
    const timeline = runEconomy(spec, mechanism("protocol-models"), { seed: 4, detail: "full" }).tables[0];
    const column = (name: string) => timeline.columns.find((one) => one.name === name)?.data.values as Float64Array;
    for (const count of [1, 2, 8, 71, 141]) {
      const part = replayEconomy(spec, mechanism("protocol-models"), { seed: 4, untilSeconds: days(count) });
      expect([part.days, part.isWhole, part.traceHash]).toEqual([count, false, null]);
      expect(part.checkpoints).toEqual(whole.checkpoints.filter(({ epoch }) => epoch < count));
      const row = column("day").indexOf(count - 1);
      if (row < 0) continue;
      for (const [model, now] of part.models.entries()) {
        expect(now.computeZettaflop).toBe(column("compute")[row + model]);
        expect(now.workers).toBe(column("workers")[row + model]);
        expect(now.lossNatsPerToken).toBe(column("loss")[row + model]);
        expect(now.revenueDollarsPerDay).toBe(column("revenue-rate")[row + model]);
      }
    }
  });

  test("stops at the end of the day in which the moment lies, and not beyond the horizon", () => {
    const daysAt = (untilSeconds: number) => replayEconomy(spec, mechanism("grant"), { seed: 1, untilSeconds }).days;
    expect([1, days(1), days(1) + 1, days(10), days(1000)].map(daysAt)).toEqual([1, 1, 2, 10, 300]);
    for (const bad of [0, -5, Number.NaN]) expect(() => daysAt(bad)).toThrow("nothing to replay");
  });

  test("shows balances that sum to zero in every asset", () => {
    for (const kind of kinds) {
      const { holdings } = replayEconomy(spec, mechanism(kind), { seed: 2, untilSeconds: days(200) });
      const sums = new Map<string, { sum: number; size: number }>();
      for (const { asset, amount } of holdings) {
        const known = sums.get(asset) ?? { sum: 0, size: 0 };
        sums.set(asset, { sum: known.sum + amount, size: known.size + Math.abs(amount) });
      }
      expect(sums.size).toBeGreaterThan(0);
      for (const { sum, size } of sums.values()) expect(Math.abs(sum)).toBeLessThanOrEqual(1e-12 * size);
    }
  });

  test("shows what moved a treasury on the last day: revenue in, shares and bills out", () => {
    const lucky = economyWith({ shocks: "expected" });
    const { movements, models } = replayEconomy(lucky, mechanism("protocol-models"), {
      seed: 4,
      untilSeconds: days(150),
    });
    const [first] = models;
    const paid = movements.filter(({ account, reason }) => account === "treasury/toy" && reason.startsWith("revenue"));
    expect(first.revenueDollarsPerDay).toBeGreaterThan(0);
    expect(paid[0].amount).toBeCloseTo(first.revenueDollarsPerDay, 6);
  });
});
