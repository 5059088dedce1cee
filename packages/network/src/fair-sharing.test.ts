import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FairSharing } from "./fair-sharing.ts";
import { maxMinFaults, type NaiveFlow, naiveRates } from "./fixtures/naive-fluid.ts";

const unlimited = Number.POSITIVE_INFINITY;
const flow = (links: number[], weight = 1, cap = unlimited): NaiveFlow => ({ links, weight, cap });

function insertAll(capacities: readonly number[], flows: readonly NaiveFlow[]): FairSharing {
  const sharing = new FairSharing(capacities);
  for (const [i, { links, weight, cap }] of flows.entries()) sharing.insert(i, links, links.length, weight, cap);
  sharing.solve();
  return sharing;
}

const ratesOf = (capacities: readonly number[], flows: readonly NaiveFlow[]): number[] =>
  Array.from(insertAll(capacities, flows).rates.subarray(0, flows.length));

const capacity = fc.oneof(
  fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
  fc.integer({ min: 1, max: 4 }),
  fc.constant(0),
);
const weight = fc.oneof(fc.constant(1), fc.double({ min: 1 / 64, max: 64, noNaN: true }));
const cap = fc.oneof(
  fc.constant(unlimited),
  fc.double({ min: 0, max: 1e6, noNaN: true }),
  fc.integer({ min: 0, max: 3 }),
);

/** A network of up to 12 links, and flows over up to 5 of them. */
const networkOf = (weights: fc.Arbitrary<number>, maximumFlows: number) =>
  fc.array(capacity, { minLength: 1, maxLength: 12 }).chain((capacities) => {
    const links = fc.uniqueArray(fc.nat({ max: capacities.length - 1 }), { minLength: 1, maxLength: 5 });
    const flows = fc.array(fc.record({ links, weight: weights, cap }), { minLength: 1, maxLength: maximumFlows });
    return fc.record({ capacities: fc.constant(capacities), flows });
  });

function expectClose(actual: readonly number[], expected: readonly number[], scale: number): void {
  for (const [i, rate] of expected.entries()) {
    expect(Math.abs(actual[i] - rate), `flow ${i}: ${actual[i]} for ${rate}`).toBeLessThanOrEqual(scale);
  }
}

describe("max-min fair rates in closed form", () => {
  it("gives n flows over one bottleneck a share each", () => {
    for (const n of [1, 2, 3, 7, 100]) {
      expect(
        ratesOf(
          [1000],
          Array.from({ length: n }, () => flow([0])),
        ),
      ).toEqual(Array(n).fill(1000 / n));
    }
  });

  it("gives weights their part", () => {
    expect(ratesOf([700], [flow([0], 1), flow([0], 2), flow([0], 4)])).toEqual([100, 200, 400]);
  });

  it("leaves the others what a capped flow does not take", () => {
    expect(ratesOf([100], [flow([0], 1, 10), flow([0]), flow([0])])).toEqual([10, 45, 45]);
  });

  it("halves every link of a parking lot between the long flow and the local one", () => {
    // The classic: one flow over all links of equal capacity, one more on each.
    const hops = 5;
    const long = flow(Array.from({ length: hops }, (_, i) => i));
    const local = Array.from({ length: hops }, (_, i) => flow([i]));
    expect(ratesOf(Array(hops).fill(60), [long, ...local])).toEqual(Array(hops + 1).fill(30));
  });

  it("fills one bottleneck after another", () => {
    // Two flows halve the link of 1/2, two others then link 1; link 0 keeps 1/4 that nobody can use.
    const flows = [flow([0, 2]), flow([2]), flow([0, 1]), flow([1, 3])];
    expect(ratesOf([1, 1, 0.5, 1], flows)).toEqual([0.25, 0.25, 0.5, 0.5]);
  });

  it("bounds a star by its uplinks or by its downlink", () => {
    // Uplinks of 20 into a downlink of 300: 8 senders are held by their uplinks, 30 by the downlink.
    const star = (n: number) =>
      ratesOf(
        [300, ...Array(n).fill(20)],
        Array.from({ length: n }, (_, i) => flow([0, i + 1])),
      );
    expect(star(8)).toEqual(Array(8).fill(20));
    expect(star(30)).toEqual(Array(30).fill(10));
  });

  it("gives nothing over a link of no capacity, and all of the rest to others", () => {
    expect(ratesOf([0, 10], [flow([0, 1]), flow([1])])).toEqual([0, 10]);
  });
});

describe("max-min fair rates of random networks", () => {
  it("satisfy the condition of optimality", () => {
    fc.assert(
      fc.property(networkOf(weight, 24), ({ capacities, flows }) => {
        expect(maxMinFaults(capacities, flows, ratesOf(capacities, flows), 1e-9)).toEqual([]);
      }),
      { numRuns: 600, seed: 1 },
    );
  });

  it("equal those of naive progressive filling", () => {
    fc.assert(
      fc.property(networkOf(weight, 16), ({ capacities, flows }) => {
        expectClose(ratesOf(capacities, flows), naiveRates(capacities, flows), 1e-9 * Math.max(...capacities));
      }),
      { numRuns: 400, seed: 2 },
    );
  });

  it("are told from unfair ones by the condition", () => {
    const capacities = [10];
    const flows = [flow([0]), flow([0])];
    expect(maxMinFaults(capacities, flows, [6, 4], 1e-9)).toEqual(["flow 1 has no bottleneck at 4"]);
    expect(maxMinFaults(capacities, flows, [6, 6], 1e-9)[0]).toBe("link 0 carries 12 of 10");
  });
});

type Change =
  | { kind: "insert"; flow: NaiveFlow }
  | { kind: "remove"; pick: number }
  | { kind: "cap"; pick: number; cap: number }
  | { kind: "capacity"; link: number; capacity: number }
  | { kind: "solve" };

const changesOf = (linkCount: number): fc.Arbitrary<Change[]> => {
  const links = fc.uniqueArray(fc.nat({ max: linkCount - 1 }), { minLength: 1, maxLength: 4 });
  const pick = fc.nat({ max: 1000 });
  return fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant("insert" as const), flow: fc.record({ links, weight, cap }) }),
      },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant("remove" as const), pick }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("cap" as const), pick, cap }) },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant("capacity" as const),
          link: fc.nat({ max: linkCount - 1 }),
          capacity,
        }),
      },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant("solve" as const) }) },
    ),
    { maxLength: 60 },
  );
};

/** Plays changes, holding the rates after each solve against a solve from nothing. */
function playChanges(start: readonly number[], changes: readonly Change[], solves: boolean): number[] {
  const capacities = [...start];
  const sharing = new FairSharing(capacities);
  const live = new Map<number, NaiveFlow>();
  const picked = (pick: number): number | undefined => [...live.keys()][pick % live.size];
  let nextFlow = 0;
  for (const change of changes) {
    const id = "pick" in change ? picked(change.pick) : undefined;
    if (change.kind === "insert") {
      sharing.insert(nextFlow, change.flow.links, change.flow.links.length, change.flow.weight, change.flow.cap);
      live.set(nextFlow++, change.flow);
    } else if (change.kind === "capacity") {
      sharing.setCapacity(change.link, change.capacity);
      capacities[change.link] = change.capacity;
    } else if (change.kind === "solve") {
      if (!solves) continue;
      sharing.solve();
      const flows = [...live.values()];
      const rates = [...live.keys()].map((flow) => sharing.rates[flow]);
      expect(maxMinFaults(capacities, flows, rates, 1e-8)).toEqual([]);
    } else if (id !== undefined) {
      if (change.kind === "remove") {
        sharing.remove(id);
        live.delete(id);
      } else {
        sharing.setCap(id, change.cap);
        live.set(id, { ...(live.get(id) as NaiveFlow), cap: change.cap });
      }
    }
  }
  sharing.solve();
  return [...live.keys()].map((flow) => sharing.rates[flow]);
}

describe("incremental solves", () => {
  const history = fc
    .array(capacity, { minLength: 1, maxLength: 10 })
    .chain((capacities) => fc.tuple(fc.constant(capacities), changesOf(capacities.length)));

  it("stay max-min fair through arrivals, departures and changes of caps and capacities", () => {
    fc.assert(
      fc.property(history, ([capacities, changes]) => {
        playChanges(capacities, changes, true);
      }),
      { numRuns: 600, seed: 3 },
    );
  });

  it("do not depend on when the solves happen, to the last bit", () => {
    fc.assert(
      fc.property(history, ([capacities, changes]) => {
        expect(playChanges(capacities, changes, true)).toEqual(playChanges(capacities, changes, false));
      }),
      { numRuns: 300, seed: 4 },
    );
  });

  it("touch the component that changed and no other", () => {
    const sharing = insertAll([10, 10], [flow([0]), flow([0]), flow([1]), flow([1])]);
    sharing.insert(4, [0], 1, 1, unlimited);
    sharing.solve();
    expect(Array.from(sharing.touched.subarray(0, sharing.touchedCount)).sort()).toEqual([0, 1, 4]);
  });

  it("do not couple flows over a link that cannot fill up", () => {
    // A backbone of 1000 over which three pairs of nodes with links of 10 send.
    const flows = [flow([0, 1, 2]), flow([0, 3, 4]), flow([0, 5, 6])];
    const sharing = insertAll([1000, 10, 10, 10, 10, 10, 10], flows);
    sharing.remove(1);
    sharing.insert(1, [0, 3, 4], 3, 1, unlimited);
    sharing.solve();
    expect(Array.from(sharing.touched.subarray(0, sharing.touchedCount))).toEqual([1]);
  });

  it("keep the capacity of a link whose flows come and go many thousand times", () => {
    const sharing = new FairSharing([1e9, 3, 7]);
    sharing.insert(0, [1, 2], 2, 1, unlimited);
    for (let round = 0; round < 20_000; round++) {
      sharing.insert(1, [0, 2], 2, 1, 0.1 * (round % 97));
      if (round % 3 === 0) sharing.solve();
      sharing.remove(1);
    }
    sharing.insert(1, [2], 1, 1, unlimited);
    sharing.solve();
    expect(Array.from(sharing.rates.subarray(0, 2))).toEqual([3, 4]);
  });
});

describe("refusals", () => {
  it("names what is wrong", () => {
    const sharing = new FairSharing([1]);
    expect(() => new FairSharing([Number.NaN])).toThrow("invalid capacity: NaN");
    expect(() => sharing.insert(0, [0], 1, 0, 1)).toThrow("invalid weight: 0");
    expect(() => sharing.insert(0, [0], 1, 1, -1)).toThrow("invalid rate: -1");
    sharing.insert(0, [0], 1, 1, 1);
    expect(() => sharing.insert(0, [0], 1, 1, 1)).toThrow("flow already there: 0");
  });
});
