import { describe, expect, it } from "vitest";
import { runFaultSeed } from "./fixtures/fault-run.ts";
import { plantedBugs } from "./fixtures/planted-bugs.ts";

const seeds = 10_000;
const perTest = 1000;
/** Within so many seeds each planted bug must be found. */
const seedsPerBug = 400;

const replayOf = (seed: number): string => `npm run fault-seeds -- --seed ${seed}`;

describe("a swarm with faults", () => {
  const firsts = Array.from({ length: seeds / perTest }, (_, i) => 1 + i * perTest);
  it.each(firsts)("keeps what the protocol promises: 1000 seeds from %d", (first) => {
    const failures: string[] = [];
    for (let seed = first; seed < first + perTest; seed++) {
      const { faults } = runFaultSeed(seed);
      if (faults.length > 0) failures.push(`${replayOf(seed)}   # ${faults[0]}`);
    }
    expect(failures).toEqual([]);
  });

  it("goes the same way twice, and another way with another seed", () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 40; seed++) {
      const { traceHash } = runFaultSeed(seed);
      expect(runFaultSeed(seed).traceHash).toBe(traceHash);
      hashes.add(traceHash);
    }
    expect(hashes.size).toBe(40);
  });

  it("really meets the faults: attempts are made again, updates undone, work lost, workers gone", () => {
    const met = new Map<string, number>();
    const meet = (what: string): void => {
      met.set(what, (met.get(what) ?? 0) + 1);
    };
    for (let seed = 1; seed <= 300; seed++) {
      let version = 0;
      const { scenario } = runFaultSeed(seed, {}, ({ record }) => {
        if (record.kind === "update") version = record.update + 1;
        else if (record.kind === "restart") meet(record.version < version ? "undone" : "again");
        else if (record.kind === "membership") meet(record.change);
        else if (record.kind === "contribution" && !record.isCommitted) meet("in vain");
      });
      meet(scenario.coordinator.parallelism.schedule.kind);
      for (const fault of scenario.faults) meet(fault);
    }
    // An order of magnitude below what is seen, so that a change of the draws does not matter.
    for (const what of ["again", "undone", "in vain", "lost", "left", "idle"]) {
      expect([what, (met.get(what) ?? 0) >= 5]).toEqual([what, true]);
    }
    expect(met.get("asynchronous")).toBeGreaterThan(60);
    expect(met.get("coordinator-crash")).toBeGreaterThan(60);
  });
});

describe("a planted bug", () => {
  it.each(Object.keys(plantedBugs))("is found: %s", (name) => {
    let found: string | undefined;
    for (let seed = 1; seed <= seedsPerBug && found === undefined; seed++) {
      found = runFaultSeed(seed, plantedBugs[name]()).faults[0];
    }
    expect(found).toBeDefined();
  });
});
