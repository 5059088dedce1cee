import { EventLoop } from "@shardlab/des";
import { createStreams } from "@shardlab/random";
import { describe, expect, it } from "vitest";
import { Churn, type ChurnHandlers, churnSpec } from "../churn.ts";
import { createFactor, factorKinds, factorSpec } from "../factors/registry.ts";
import { faultKinds, faultSpec } from "./registry.ts";

interface Options {
  readonly population?: unknown;
  readonly faults: readonly unknown[];
  readonly seed?: number;
  readonly handlers?: (loop: EventLoop) => ChurnHandlers;
}

function start({ population, faults, seed = 1, handlers = () => ({}) }: Options) {
  const loop = new EventLoop();
  const churn = new Churn({
    spec: churnSpec.parse({ population: population ?? { kind: "fixed-population", count: 4 }, faults }),
    loop,
    streams: createStreams(seed),
    handlers: handlers(loop),
  });
  churn.start();
  return { loop, churn };
}

const constant = (mean: string) => ({ kind: "constant", mean });
const nodes = (count: number) => Array.from({ length: count }, (_, node) => node);

describe("partition", () => {
  const everyTen = { kind: "partition", every: constant("10 s"), lasts: constant("4 s") };

  it("splits and heals when it says, as often as it may", () => {
    const times: [string, number, number][] = [];
    const { loop, churn } = start({
      faults: [{ ...everyTen, limit: 2 }],
      handlers: (clock) => ({
        onPartition: (fault) => times.push(["split", fault, clock.now]),
        onHeal: (fault) => times.push(["heal", fault, clock.now]),
      }),
    });
    loop.run({ until: 1000 });
    expect(times).toEqual([
      ["split", 0, 10],
      ["heal", 0, 14],
      ["split", 0, 24],
      ["heal", 0, 28],
    ]);
    expect(loop.pendingCount).toBe(0);
    expect(nodes(4).map((node) => churn.groupOf(node))).toEqual([0, 0, 0, 0]);
  });

  it("puts nodes into groups by their shares, anew each time or once", () => {
    for (const membership of ["random", "fixed"]) {
      const shares = [0.2, 0.5, 0.3, 0];
      const { loop, churn } = start({ faults: [{ ...everyTen, shares, membership }] });
      const groupsAt = (time: number) => {
        loop.run({ until: time });
        return nodes(5000).map((node) => churn.groupOf(node));
      };
      const [first, between, second] = [12, 16, 26].map(groupsAt);
      for (const groups of [first, second]) {
        shares.forEach((p, group) => {
          const count = groups.filter((own) => own === group).length;
          expect(Math.abs(count - 5000 * p)).toBeLessThanOrEqual(4 * Math.sqrt(5000 * p * (1 - p)));
        });
      }
      expect(new Set(between)).toEqual(new Set([0]));
      if (membership === "fixed") expect(second).toEqual(first);
      // Two independent draws agree with probability 0.04 + 0.25 + 0.09.
      const agreeing = first.filter((group, node) => group === second[node]).length;
      if (membership === "random") expect(Math.abs(agreeing - 1900)).toBeLessThan(4 * Math.sqrt(5000 * 0.38 * 0.62));
    }
  });

  it("gives a node its group whoever else is asked for, and whenever", () => {
    const [one, other] = [start({ faults: [everyTen] }), start({ faults: [everyTen] })];
    one.loop.run({ until: 25 });
    const late = one.churn.groupOf(3);
    other.loop.run({ until: 11 });
    nodes(50).map((node) => other.churn.groupOf(node));
    other.loop.run({ until: 27 });
    expect(nodes(4).map((node) => other.churn.groupOf(node))[3]).toBe(late);
  });

  it("keeps apart who any of several partitions keeps apart", () => {
    const halves = { ...everyTen, shares: [1, 1] };
    const { loop, churn } = start({ faults: [halves, { ...halves, membership: "fixed" }] });
    loop.run({ until: 12 });
    const groups = new Set(nodes(200).map((node) => churn.groupOf(node)));
    expect(groups.size).toBe(4);
  });
});

describe("permanent-straggler", () => {
  it("slows its share for good, and nobody else", () => {
    const slow = new Map<number, number>();
    const { loop, churn } = start({
      population: { kind: "fixed-population", count: 4000 },
      faults: [{ kind: "permanent-straggler", share: 0.25, factor: { kind: "fixed-factor", factor: 3 } }],
      handlers: () => ({
        onSlowdown: (node, factor) => slow.set(node, factor),
        onRecover: () => expect.unreachable(),
      }),
    });
    loop.run({ until: 1e6 });
    expect(Math.abs(slow.size - 1000)).toBeLessThan(4 * Math.sqrt(750));
    expect(new Set(slow.values())).toEqual(new Set([3]));
    for (const node of nodes(4000)) expect(churn.slowdownOf(node)).toBe(slow.get(node) ?? 1);
  });

  it("is slow again each time that it comes back", () => {
    const told: number[] = [];
    const { loop } = start({
      population: { kind: "fixed-population", count: 1, session: constant("2 s"), absence: constant("3 s") },
      faults: [{ kind: "permanent-straggler", share: 1 }],
      handlers: (clock) => ({ onSlowdown: () => told.push(clock.now) }),
    });
    loop.run({ until: 11 });
    expect(told).toEqual([0, 5, 10]);
  });
});

describe("temporary-straggler", () => {
  const spec = {
    kind: "temporary-straggler",
    every: constant("10 s"),
    lasts: constant("3 s"),
    factor: { kind: "fixed-factor", factor: 4 },
  };
  it("slows down and recovers when it says", () => {
    const told: [number, number][] = [];
    const { loop } = start({
      population: { kind: "fixed-population", count: 1 },
      faults: [spec],
      handlers: (clock) => ({
        onSlowdown: (_, factor) => told.push([clock.now, factor]),
        onRecover: () => told.push([clock.now, 1]),
      }),
    });
    loop.run({ until: 27 });
    expect(told).toEqual([
      [10, 4],
      [13, 1],
      [23, 4],
      [26, 1],
    ]);
  });
  it("multiplies with other causes, and tells of nobody who is absent", () => {
    const told: [number, number][] = [];
    const { loop } = start({
      // Present from 0 to 11 and from 12 on.
      population: { kind: "fixed-population", count: 1, session: constant("11 s"), absence: constant("1 s") },
      faults: [spec, { kind: "permanent-straggler", share: 1, factor: { kind: "fixed-factor", factor: 1.5 } }],
      handlers: (clock) => ({
        onSlowdown: (_, factor) => told.push([clock.now, factor]),
        onRecover: () => expect.unreachable(),
      }),
    });
    loop.run({ until: 22 });
    expect(told).toEqual([
      [0, 1.5],
      [10, 6],
      [12, 6],
      [13, 1.5],
    ]);
  });
  it("slows the share E[lasts] / (E[every] + E[lasts]) of the nodes in the long run", () => {
    const { loop, churn } = start({
      population: { kind: "fixed-population", count: 4000 },
      faults: [{ ...spec, every: { kind: "exponential", mean: "8 s" }, lasts: { kind: "exponential", mean: "2 s" } }],
    });
    loop.run({ until: 60 });
    const slow = nodes(4000).filter((node) => churn.slowdownOf(node) > 1).length;
    expect(Math.abs(slow - 800)).toBeLessThan(4 * Math.sqrt(4000 * 0.2 * 0.8));
  });
  it("leaves nothing behind when a node goes for good", () => {
    const { loop, churn } = start({
      population: { kind: "fixed-population", count: 5, session: constant("12 s") },
      faults: [spec, { ...spec, share: 0.5 }, { kind: "permanent-straggler", share: 1 }],
    });
    loop.run({ until: 12 });
    expect([loop.pendingCount, churn.presentCount]).toEqual([0, 0]);
    expect(nodes(5).map((node) => churn.slowdownOf(node))).toEqual([1, 1, 1, 1, 1]);
  });
});

describe("streams of faults", () => {
  const population = {
    kind: "fixed-population",
    count: 6,
    session: { kind: "exponential", mean: "20 s" },
    absence: { kind: "exponential", mean: "5 s" },
  };
  const straggler = {
    kind: "temporary-straggler",
    every: { kind: "exponential", mean: "7 s" },
    lasts: { kind: "exponential", mean: "3 s" },
    factor: { kind: "shifted-exponential" },
  };
  const split = { kind: "partition", every: { kind: "exponential", mean: "9 s" }, lasts: constant("2 s") };

  function log(faults: readonly unknown[], count = 6) {
    const events: [number, string, number, number][] = [];
    const { loop } = start({
      population: { ...population, count },
      faults,
      handlers: (clock) => ({
        onArrival: (node) => events.push([clock.now, "arrival", node, 1]),
        onDeparture: (node) => events.push([clock.now, "departure", node, 1]),
        onSlowdown: (node, factor) => events.push([clock.now, "slow", node, factor]),
        onRecover: (node) => events.push([clock.now, "well", node, 1]),
      }),
    });
    loop.run({ until: 200 });
    return events;
  }
  it("a fault changes nothing about comings and goings, nor about a fault of another kind", () => {
    const comings = (events: ReturnType<typeof log>) => events.filter(([, what]) => !["slow", "well"].includes(what));
    const alone = log([straggler]);
    expect(alone.some(([, what]) => what === "slow")).toBe(true);
    expect(comings(alone)).toEqual(log([]));
    expect(log([split, straggler])).toEqual(alone);
  });
  it("a further node changes nothing for the others", () => {
    expect(log([split, straggler], 7).filter(([, , node]) => node < 6)).toEqual(log([split, straggler]));
  });
});

describe("factors", () => {
  const cases = [
    {
      input: { kind: "shifted-exponential", meanExcess: 0.5 },
      mean: 1.5,
      cdf: (x: number) => 1 - Math.exp(-2 * (x - 1)),
    },
    // Integral of x^-3 from 1 to 10, plus 1.
    { input: { kind: "pareto-tail", shape: 3, largest: 10 }, mean: 1.495, cdf: (x: number) => 1 - x ** -3 },
    { input: { kind: "pareto-tail", shape: 1, largest: 50 }, mean: 1 + Math.log(50), cdf: (x: number) => 1 - 1 / x },
  ];
  it.each(cases)("follow their distribution and mean: $input", ({ input, mean, cdf }) => {
    const factor = createFactor(factorSpec.parse(input));
    const stream = createStreams(11).stream("factor");
    const sample = Float64Array.from({ length: 20_000 }, () => factor.draw(stream)).sort();
    expect(Math.abs(factor.mean / mean - 1)).toBeLessThan(1e-12);
    const largest = "largest" in input ? Number(input.largest) : Number.POSITIVE_INFINITY;
    let distance = 0;
    sample.forEach((x, i) => {
      if (x < largest) distance = Math.max(distance, cdf(x) - i / sample.length, (i + 1) / sample.length - cdf(x));
    });
    expect(Math.sqrt(sample.length) * distance).toBeLessThan(2.29);
    expect(sample[0]).toBeGreaterThanOrEqual(1);
    expect(sample.at(-1)).toBeLessThanOrEqual(largest);
  });
});

it("the registries name their kinds", () => {
  const messages = [faultSpec, factorSpec].map((spec) => spec.safeParse({ kind: "none" }).error?.message ?? "");
  for (const kind of faultKinds) expect(messages[0]).toContain(kind);
  for (const kind of factorKinds) expect(messages[1]).toContain(kind);
});
