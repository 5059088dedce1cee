import { appendFileSync, mkdtempSync, readFileSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { type LogEvent, lastFailures, logFile, openEventLog, readEventLog } from "./event-log.ts";

const place = { design: "main", arm: "grant", coordinates: {}, seed: 1, worker: 1 } as const;
const failed = (run: string, reason = "no"): LogEvent => ({ event: "run-failed", run, ...place, seconds: 1, reason });
const made = (run: string): LogEvent => ({ event: "run-end", run, ...place, seconds: 1 });
let folder = "";
const log = () => openEventLog(join(folder, "experiment"), () => "2026-01-01T00:00:00.000Z");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "shardlab-log-"));
});

describe("an event log", () => {
  it("holds one JSON object a line, with version, time and process", () => {
    const [one, two] = [log(), log()];
    one.append(failed("a", "line\nbreak"));
    two.append(made("b"));
    one.append(made("c"));
    const lines = readFileSync(join(folder, "experiment", logFile), "utf8")
      .trimEnd()
      .split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { version: 1, time: "2026-01-01T00:00:00.000Z", process: process.pid, ...failed("a", "line\nbreak") },
      expect.objectContaining({ run: "b" }),
      expect.objectContaining({ run: "c" }),
    ]);
  });

  it("loses nothing but a line cut anywhere, and goes on after it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), (cut) => {
        folder = mkdtempSync(join(tmpdir(), "shardlab-log-"));
        const path = join(folder, "experiment", logFile);
        log().append(made("a"));
        const whole = readFileSync(path).length;
        log().append(made("b"));
        truncateSync(path, whole + cut);
        log().append(made("c"));
        const { events, damagedLines } = readEventLog(join(folder, "experiment"));
        expect(events.map((event) => "run" in event && event.run)).toEqual(["a", "c"]);
        expect(damagedLines).toBe(1);
      }),
      { numRuns: 30 },
    );
  });

  it("is empty where there is none, and passes over what is no event", () => {
    expect(readEventLog(folder)).toEqual({ events: [], damagedLines: 0 });
    appendFileSync(join(folder, logFile), '7\nnull\n"x"\n{}\n{"event":"of-a-later-version","more":1}\n');
    const { events, damagedLines } = readEventLog(folder);
    expect([events, damagedLines]).toEqual([[{ event: "of-a-later-version", more: 1 }], 4]);
  });

  it("tells why a run failed until it is made", () => {
    const events = [failed("a", "old"), failed("a", "new"), failed("b"), made("b")].map((event) => ({
      ...{ version: 1, time: "", process: 1 },
      ...event,
    }));
    expect([...lastFailures(events)]).toEqual([["a", "new"]]);
  });
});
