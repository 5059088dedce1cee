import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./fixtures/fake-simulator.ts";
import { smallScenario } from "./fixtures/small-scenario.ts";
import { smallSwarm } from "./fixtures/small-swarm.ts";
import { inputDigest } from "./input-files.ts";

describe("inputDigest", () => {
  it("changes with the content of a text that is trained on, and not with its name", () => {
    const [a, b] = ["a.txt", "b.txt"].map((name) => join(temporaryFolder(), name));
    const digest = (path: string) => inputDigest(smallSwarm(`training.data={ kind: local-text, path: ${path} }`));
    writeFileSync(a, "Call me Ishmael.");
    writeFileSync(b, "Call me Ishmael.");
    const before = digest(a);
    expect(digest(b)).toBe(before);
    writeFileSync(a, "Call me Ahab.");
    expect(digest(a)).not.toBe(before);
    expect(digest("/nowhere.txt")).toBe("ENOENT");
  });

  it("counts traces of who is there where they are simulated", () => {
    const file = join(temporaryFolder(), "trace.csv");
    const trace = `simulation.presence={ population: { kind: availability-trace, file: ${file} } }`;
    const before = inputDigest(smallSwarm(trace));
    writeFileSync(file, "1,0,5\n");
    expect(inputDigest(smallSwarm(trace))).not.toBe(before);
    expect(inputDigest(smallSwarm(trace, "engine=hardware"))).toBeUndefined();
  });

  it("is undefined where a scenario names no file", () => {
    expect(inputDigest(smallSwarm())).toBeUndefined();
    expect(inputDigest(smallScenario().resolved)).toBeUndefined();
  });
});
