import { describe, expect, it } from "vitest";
import { Journal } from "./journal.ts";

describe("journal", () => {
  it("writes entries one after the other, and loses what a crash interrupts", () => {
    const journal = new Journal({ writeSeconds: 2 });
    journal.append("a", 0);
    journal.append("b", 1);
    expect(journal.durableSeconds).toBe(4);
    journal.append("c", 10);
    journal.crash(11.5);
    expect(journal.read()).toEqual(["a", "b"]);
    expect(journal.durableSeconds).toBe(4);
  });

  it("gives copies, so that nobody writes to the disk by accident", () => {
    const journal = new Journal({ writeSeconds: 0 });
    const entry = { list: [1, Number.NaN] };
    journal.append(entry, 0);
    const [read] = journal.read() as [typeof entry];
    read.list.push(2);
    expect(journal.read()).toEqual([{ list: [1, Number.NaN] }]);
  });

  it("forgets what a durable snapshot makes needless, and keeps it while the snapshot may be lost", () => {
    const journal = new Journal({ writeSeconds: 2, isSnapshot: (entry) => String(entry).startsWith("snapshot") });
    journal.append("a", 0);
    journal.append("snapshot 1", 10);
    journal.append("b", 11);
    // The first snapshot is durable at 12.
    journal.append("snapshot 2", 20);
    expect(journal.read()).toEqual(["snapshot 1", "b", "snapshot 2"]);
    journal.crash(21);
    expect(journal.read()).toEqual(["snapshot 1", "b"]);
  });
});
