import type { RunProgress, RunTask } from "@shardlab/experiment";
import { describe, expect, it } from "vitest";
import { runProgressText, watchRuns } from "./run-watch.ts";
import type { Terminal } from "./terminal.ts";

const progress: RunProgress = {
  ...{ update: 12, updates: 120, seconds: 30, tokensPerSecond: 1234.4, loss: 3.214, heldOutLoss: 3.3 },
  ...{ sentBytes: 3.4e7, secondsLeft: 80 },
};
// Nothing else of a task is read.
const task = { arm: "hardware", seed: 1, coordinates: {}, runHash: "a" } as unknown as RunTask;

function terminal(isInteractive: boolean) {
  const said: string[] = [];
  const to = (where: string) => (line: string) => void said.push(`${where}: ${line}`);
  const fake: Terminal = {
    ...{ isInteractive, columns: 60, interrupted: new AbortController().signal },
    ...{ print: to("print"), note: to("note"), redraw: to("redraw"), exitWith: () => undefined },
  };
  return { fake, said };
}

describe("runProgressText", () => {
  it("tells what is known, and leaves out what is not", () => {
    expect(runProgressText(progress)).toBe(
      "12 of 120 updates, loss 3.21, held-out 3.3, 1,234 token/s, 34 MB sent, 1 min 20 s left",
    );
    const modelled = { ...progress, loss: null, heldOutLoss: null, secondsLeft: Number.POSITIVE_INFINITY };
    expect(runProgressText(modelled)).toBe("12 of 120 updates, 1,234 token/s, 34 MB sent");
  });
});

describe("watchRuns", () => {
  it("redraws one line that fits where a person watches, and says what happened on a line of its own", () => {
    const { fake, said } = terminal(true);
    watchRuns(fake, "text")(task, { ...progress, happened: "worker 3 lost" });
    expect(said).toEqual([
      "note: hardware, seed 1: worker 3 lost",
      `redraw: ${"hardware, seed 1: 12 of 120 updates, loss 3.21, held-out 3.3, 1,234".slice(0, 59)}`,
    ]);
  });

  it("prints lines now and then where nobody does, and the last one always", () => {
    const { fake, said } = terminal(false);
    const watch = watchRuns(fake, "text");
    for (const update of [12, 13, 14, 120]) watch(task, { ...progress, update });
    expect(said.map((line) => /(\d+) of 120/.exec(line)?.[1])).toEqual(["12", "120"]);
  });

  it("makes every update a line of JSON on stdout where that is asked for", () => {
    const { fake, said } = terminal(false);
    const watch = watchRuns(fake, "jsonl");
    for (const update of [12, 13]) watch(task, { ...progress, update });
    const lines = said.filter((line) => line.startsWith("print: ")).map((line) => JSON.parse(line.slice(7)));
    expect(lines).toMatchObject([
      { event: "progress", arm: "hardware", seed: 1, update: 12, loss: 3.214 },
      { event: "progress", update: 13 },
    ]);
  });

  it("stops telling what happens to workers when it is too much to read", () => {
    const { fake, said } = terminal(false);
    const watch = watchRuns(fake, "text");
    for (let lost = 0; lost < 100; lost++) watch(task, { ...progress, happened: `worker ${lost} lost` });
    expect(said.filter((line) => line.includes("lost"))).toHaveLength(30);
    expect(said.filter((line) => line.includes("in the tables of the run"))).toHaveLength(1);
  });
});
