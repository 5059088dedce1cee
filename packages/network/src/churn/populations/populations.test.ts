import { EventLoop } from "@shardlab/des";
import { createStreams } from "@shardlab/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Churn, churnSpec } from "../churn.ts";
import { populationKinds, populationSpec } from "./registry.ts";

type Event = readonly [time: number, what: string, node: number];

/** Runs a population to `until` and lists what happened; `look` is called at each of `instants` with the number present. */
function run(
  population: unknown,
  options: { seed?: number; until: number; instants?: readonly number[]; look?: (present: number) => void },
): Event[] {
  const loop = new EventLoop();
  const events: Event[] = [];
  const note = (what: string) => (node: number) => {
    events.push([loop.now, what, node]);
  };
  const churn = new Churn({
    spec: churnSpec.parse({ population }),
    loop,
    streams: createStreams(options.seed ?? 1),
    handlers: {
      onArrival: note("arrival"),
      onDeparture: note("departure"),
      onCrash: note("crash"),
      onNotice: note("notice"),
    },
  });
  churn.start();
  for (const instant of options.instants ?? []) {
    loop.run({ until: instant });
    options.look?.(churn.presentCount);
  }
  loop.run({ until: options.until });
  return events;
}

/** Number present at each instant, for each of `seeds` seeds: counts[instant][seed]. */
function presentAt(population: unknown, instants: readonly number[], seeds: number): number[][] {
  const counts: number[][] = instants.map(() => []);
  for (let seed = 0; seed < seeds; seed++) {
    let at = 0;
    run(population, { seed, until: instants.at(-1) ?? 0, instants, look: (present) => counts[at++].push(present) });
  }
  return counts;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** z-scores of the mean and of the variance of counts that ought to be Poisson with this mean. */
function poissonZ(counts: readonly number[], mean: number): { mean: number; variance: number } {
  const n = counts.length;
  const dispersion = sum(counts.map((count) => (count - mean) ** 2));
  // The fourth central moment of a Poisson variate is mean + 3 mean^2.
  const spread = Math.sqrt(n * (mean + 2 * mean * mean));
  return { mean: (sum(counts) - n * mean) / Math.sqrt(n * mean), variance: (dispersion - n * mean) / spread };
}

function expectPoisson(counts: readonly number[], mean: number): void {
  const z = poissonZ(counts, mean);
  expect(Math.abs(z.mean)).toBeLessThan(4);
  expect(Math.abs(z.variance)).toBeLessThan(4);
}

/** The integral of `f` from 0 to `end` by the midpoint rule. */
const integral = (f: (x: number) => number, end: number): number => {
  const pieces = 20_000;
  return (sum(Array.from({ length: pieces }, (_, i) => f(((i + 0.5) * end) / pieces))) * end) / pieces;
};

describe("poisson", () => {
  const sessions = [
    { kind: "exponential", mean: "100 s" },
    { kind: "weibull", mean: "100 s", shape: 0.5 },
    { kind: "log-normal", mean: "100 s", sigma: 1 },
    { kind: "constant", mean: "100 s" },
  ];
  it.each(sessions)("holds rate x mean session nodes in the stationary state: $kind", (session) => {
    const population = { kind: "poisson", meanInterval: "5 s", session };
    for (const counts of presentAt(population, [0, 40, 250], 500)) expectPoisson(counts, 20);
  });

  const survivals: { kind: string; survival: (x: number) => number }[] = [
    { kind: "exponential", survival: (x) => Math.exp(-x / 100) },
    { kind: "weibull", survival: (x) => Math.exp(-Math.sqrt(x / 50)) },
    { kind: "constant", survival: (x) => (x < 100 ? 1 : 0) },
  ];
  it.each(survivals)(
    "fills up as rate x the integral of survival when it starts empty: $kind",
    ({ kind, survival }) => {
      const session = kind === "weibull" ? { kind, mean: "100 s", shape: 0.5 } : { kind, mean: "100 s" };
      const population = { kind: "poisson", meanInterval: "5 s", session, start: "empty" };
      const instants = [20, 90, 300];
      presentAt(population, instants, 400).forEach((counts, i) => {
        expectPoisson(counts, 0.2 * integral(survival, instants[i]));
      });
    },
  );

  it("has exponential intervals between arrivals, of strangers alone", () => {
    const events = run(
      { kind: "poisson", meanInterval: "3 s", session: { kind: "constant", mean: "1 s" }, start: "empty" },
      { until: 30_000 },
    ).filter(([, what]) => what === "arrival");
    expect(events.map(([, , node]) => node)).toEqual(events.map((_, i) => i));
    expect(Math.abs(events.length - 10_000)).toBeLessThan(4 * 100);
    const long = events.filter(([time], i) => time - (events[i - 1]?.[0] ?? 0) > 6).length;
    const p = Math.exp(-2);
    expect(Math.abs(long - events.length * p)).toBeLessThan(4 * Math.sqrt(events.length * p * (1 - p)));
  });
});

it("superposition: two groups in one loop arrive as one Poisson process of the summed rate", () => {
  const loop = new EventLoop();
  const times: number[] = [];
  for (const [name, meanInterval] of [
    ["first", "4 s"],
    ["second", "12 s"],
  ]) {
    new Churn({
      spec: churnSpec.parse({
        population: { kind: "poisson", meanInterval, session: { kind: "exponential", mean: "1 min" } },
      }),
      loop,
      streams: createStreams(5),
      handlers: { onArrival: () => times.push(loop.now) },
      name,
    }).start();
  }
  loop.run({ until: 60_000 });
  const gaps = times
    .filter((time) => time > 0)
    .map((time, i, all) => time - (all[i - 1] ?? 0))
    .sort((a, b) => a - b);
  let distance = 0;
  gaps.forEach((gap, i) => {
    const p = 1 - Math.exp(-gap / 3);
    distance = Math.max(distance, p - i / gaps.length, (i + 1) / gaps.length - p);
  });
  expect(Math.abs(gaps.length - 20_000)).toBeLessThan(4 * Math.sqrt(20_000));
  expect(Math.sqrt(gaps.length) * distance).toBeLessThan(2.29);
});

describe("daily-cycle", () => {
  const day = 86_400;
  const omega = (2 * Math.PI) / day;
  const cycle = {
    kind: "daily-cycle",
    meanInterval: "10 min",
    amplitude: 0.8,
    peak: "20 h",
    session: { kind: "exponential", mean: "3 h" },
  };
  /** Eick, Massey and Whitt (1993), eq. for exponential service: the rate, lagged and damped. */
  const meanPresent = (time: number): number => {
    const tau = 3 * 3600;
    const phase = omega * (time - 20 * 3600);
    const wave = (Math.cos(phase) + omega * tau * Math.sin(phase)) / (1 + (omega * tau) ** 2);
    return (tau / 600) * (1 + 0.8 * wave);
  };

  it("follows the closed form from the first instant on, when it has gone on for ever", () => {
    const instants = [0, 6 * 3600, 23 * 3600, 1.5 * day];
    presentAt(cycle, instants, 300).forEach((counts, i) => {
      expectPoisson(counts, meanPresent(instants[i]));
    });
  });
  it("forgets an empty start after a few sessions", () => {
    const [counts] = presentAt({ ...cycle, start: "empty" }, [2.25 * day], 150);
    expectPoisson(counts, meanPresent(2.25 * day));
  });
  it("arrives at the rate of the hour", () => {
    const bins = new Array<number>(12).fill(0);
    const days = 300;
    for (const [time, what] of run({ ...cycle, start: "empty" }, { until: days * day })) {
      if (what === "arrival") bins[Math.floor(((time % day) / day) * 12)] += 1;
    }
    const width = day / 12;
    const statistic = sum(
      bins.map((count, bin) => {
        const wave =
          (Math.sin(omega * ((bin + 1) * width - 72_000)) - Math.sin(omega * (bin * width - 72_000))) / omega;
        const expected = (days * (width + 0.8 * wave)) / 600;
        return (count - expected) ** 2 / expected;
      }),
    );
    // Twelve degrees of freedom, because the total is not fixed.
    expect((Math.cbrt(statistic / 12) - (1 - 2 / 108)) / Math.sqrt(2 / 108)).toBeLessThan(4);
  });
});

describe("fixed-population", () => {
  it("keeps everybody for ever without sessions", () => {
    expect(run({ kind: "fixed-population", count: 3 }, { until: 1e9 })).toEqual([
      [0, "arrival", 0],
      [0, "arrival", 1],
      [0, "arrival", 2],
    ]);
  });
  it("loses everybody for good without absences", () => {
    const session = { kind: "constant", mean: "7 s" };
    expect(run({ kind: "fixed-population", count: 1, session }, { until: 1e9 })).toEqual([
      [0, "arrival", 0],
      [7, "departure", 0],
    ]);
  });

  const on = { kind: "weibull", mean: "30 s", shape: 0.6 };
  const off = { kind: "log-normal", mean: "70 s", sigma: 1 };
  it("is present the share E[on] / (E[on] + E[off]) at every instant of the stationary state", () => {
    const population = { kind: "fixed-population", count: 2000, session: on, absence: off, start: "stationary" };
    for (const [seed, count] of presentAt(population, [0, 17, 400], 5).flat().entries()) {
      expect(Math.abs(count - 600) / Math.sqrt(2000 * 0.3 * 0.7), `sample ${seed}`).toBeLessThan(4);
    }
  });
  it("has that share of a long run, whatever it starts with", () => {
    const until = 50_000;
    const shares = new Float64Array(200);
    const events = run(
      { kind: "fixed-population", count: shares.length, session: on, absence: off, start: "absent" },
      { until },
    );
    for (const [time, what, node] of events) shares[node] += what === "arrival" ? until - time : time - until;
    const values = [...shares].map((seconds) => seconds / until);
    const mean = sum(values) / values.length;
    const deviation = Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1));
    // The start costs about one absence in 50,000 s, well below the standard error.
    expect(Math.abs(mean - 0.3) / (deviation / Math.sqrt(values.length))).toBeLessThan(4);
    expect(deviation).toBeLessThan(0.05);
  });
  it("relaxes exponentially from a full start when both lengths are exponential", () => {
    const [session, absence] = [
      { kind: "exponential", mean: "40 s" },
      { kind: "exponential", mean: "60 s" },
    ];
    const instants = [10, 30, 100];
    const population = { kind: "fixed-population", count: 5000, session, absence };
    presentAt(population, instants, 2).forEach((counts, i) => {
      // Rates 1/40 and 1/60 add up to 1/24.
      const p = 0.4 + 0.6 * Math.exp(-instants[i] / 24);
      for (const count of counts) expect(Math.abs(count - 5000 * p)).toBeLessThan(4 * Math.sqrt(5000 * p * (1 - p)));
    });
  });
  it("approaches a Poisson process of arrivals when many nodes each come rarely", () => {
    // Palm and Khintchine: 2000 nodes, one return each in 10,000 s.
    const population = {
      kind: "fixed-population",
      count: 2000,
      session: { kind: "constant", mean: "1 s" },
      absence: { kind: "weibull", mean: "9999 s", shape: 1.5 },
      start: "stationary",
    };
    const bins = new Array<number>(400).fill(0);
    for (const [time, what] of run(population, { until: 1000 })) {
      if (what === "arrival" && time > 0) bins[Math.floor(time / 2.5)] += 1;
    }
    expectPoisson(bins, 0.5);
  });
  it("refuses what has no meaning", () => {
    const wrong = { kind: "fixed-population", count: 2, absence: { kind: "constant", mean: "1 s" } };
    expect(populationSpec.safeParse(wrong).error?.message).toContain("expected a distribution of sessions");
    const start = { kind: "fixed-population", count: 2, start: "stationary" };
    expect(populationSpec.safeParse(start).error?.message).toContain("expected present where no absence is given");
  });
});

describe("endings", () => {
  const base = { kind: "poisson", meanInterval: "1 s", session: { kind: "exponential", mean: "5 s" }, start: "empty" };
  it("crash the share they say", () => {
    const events = run({ ...base, ending: { kind: "crash", share: 0.3 } }, { until: 10_000 });
    const crashes = events.filter(([, what]) => what === "crash").length;
    const ends = crashes + events.filter(([, what]) => what === "departure").length;
    expect(Math.abs(crashes - 0.3 * ends) / Math.sqrt(ends * 0.21)).toBeLessThan(4);
    expect(ends).toBeGreaterThan(9000);
  });
  it("always crash by default, and never with departures", () => {
    const whats = (kind: string) =>
      new Set(run({ ...base, ending: { kind } }, { until: 1000 }).map(([, what]) => what));
    expect(whats("crash")).toEqual(new Set(["arrival", "crash"]));
    expect(whats("departure")).toEqual(new Set(["arrival", "departure"]));
  });
  it("announce departures as long before as they say, or on arrival", () => {
    const events = run({ ...base, ending: { kind: "crash", share: 0.5, notice: "3 s" } }, { until: 2000 });
    const timeOf = (wanted: string) =>
      new Map(events.filter(([, what]) => what === wanted).map(([time, , node]) => [node, time]));
    const [arrivals, notices, departures, crashes] = ["arrival", "notice", "departure", "crash"].map(timeOf);
    expect(departures.size).toBeGreaterThan(500);
    for (const [node, leftAt] of departures) {
      const expected = Math.max(arrivals.get(node) ?? 0, leftAt - 3);
      expect(Math.abs((notices.get(node) ?? 0) - expected)).toBeLessThan(1e-9);
    }
    for (const node of crashes.keys()) expect(notices.has(node)).toBe(false);
  });
});

describe("streams", () => {
  const lengths = fc.constantFrom(
    { kind: "exponential", mean: "10 s" },
    { kind: "weibull", mean: "20 s", shape: 0.4 },
    { kind: "pareto", mean: "15 s", shape: 1.5 },
  );
  it("a further node changes nothing for the others", () => {
    const property = fc.property(
      fc.integer({ min: 0, max: 1e6 }),
      fc.integer({ min: 1, max: 8 }),
      lengths,
      lengths,
      fc.constantFrom("present", "absent", "stationary"),
      (seed, count, session, absence, start) => {
        const ending = { kind: "crash", share: 0.5, notice: "1 s" };
        const population = { kind: "fixed-population", count, session, absence, start, ending };
        const few = run(population, { seed, until: 200 });
        const more = run({ ...population, count: count + 1 }, { seed, until: 200 });
        expect(more.filter(([, , node]) => node < count)).toEqual(few);
        if (start === "present") expect(few.length).toBeGreaterThan(0);
      },
    );
    fc.assert(property, { numRuns: 60 });
  });
  it("another length of sessions does not move the arrivals", () => {
    const arrivals = (mean: string) =>
      run(
        { kind: "poisson", meanInterval: "5 s", session: { kind: "exponential", mean }, start: "empty" },
        { until: 500 },
      )
        .filter(([, what]) => what === "arrival")
        .map(([time]) => time);
    expect(arrivals("10 s")).toEqual(arrivals("70 s"));
  });
  it("the same seed gives the same run, another one another", () => {
    const population = { kind: "poisson", meanInterval: "5 s", session: { kind: "exponential", mean: "1 min" } };
    const [first, again, other] = [7, 7, 8].map((seed) => run(population, { seed, until: 500 }));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });
});

it("populationSpec names the kinds", () => {
  const message = populationSpec.safeParse({ kind: "poison" }).error?.message ?? "";
  for (const kind of populationKinds) expect(message).toContain(kind);
});
