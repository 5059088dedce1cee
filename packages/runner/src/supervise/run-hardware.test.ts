import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expectNobodyLeft, expectOracle, recordsOf } from "../../scripts/toy-checks.ts";
import { toySetting } from "../../scripts/toy-setting.ts";
import { namespacesFault } from "../namespaces/link-namespaces.ts";

const setting = toySetting("run");
const { folder, train } = setting;

/** Folders of sockets that a run has left behind. */
const socketFolders = (directory: string): string[] =>
  [(JSON.parse(readFileSync(join(directory, "run.json"), "utf8")) as { sockets: string }).sockets].filter(existsSync);

describe("a run on processes", () => {
  it("trains four stages of two replicas to what one place would", async () => {
    const { outcome, records, notices, directory } = await train({ stages: 4, replicas: 2, updates: 6 });
    expectOracle(records, { stages: 4, updates: 6 });
    expect(notices).toEqual([]);
    expect(outcome.determinism).toBe("measured");
    expect(outcome.measures.find(({ name }) => name === "updates")?.value).toBe(6);
    expect(outcome.tables.find(({ name }) => name === "workers")?.columns[0]?.data.values).toHaveLength(8);
    // Every microbatch of every update went forward and back once through each stage.
    const tasks = recordsOf(records, "task");
    for (const kind of ["forward", "backward"])
      expect(tasks.filter(({ task }) => task === kind)).toHaveLength(4 * 6 * 8);
    expect(tasks.every(({ startSeconds, endSeconds }) => startSeconds > 0 && endSeconds >= startSeconds)).toBe(true);
    // A boundary tensor is 64 floats: three boundaries, forward and back, beside what replicas exchange.
    const sent = recordsOf(records, "traffic").reduce(
      (most, { node, sentTensorBytes }) => most.set(node, sentTensorBytes),
      new Map<number, number>(),
    );
    const total = [...sent.values()].reduce((sum, bytes) => sum + bytes, 0);
    expect(total).toBeGreaterThanOrEqual(6 * 8 * 3 * 2 * 64 * 4);
    expectNobodyLeft(directory);
    expect(socketFolders(directory)).toEqual([]);
  });

  it("trains over TCP, in GPipe's order, with more workers than places", async () => {
    const { records } = await train({
      stages: 2,
      replicas: 1,
      workers: 3,
      updates: 10,
      schedule: "gpipe",
      hardware: { transport: "tcp" },
    });
    expectOracle(records, { stages: 2, updates: 10 });
  });

  // Timers of a busy machine are late.
  it("measures links that relays shape", { retry: 2 }, async () => {
    const { records, outcome, notices } = await train({
      stages: 2,
      replicas: 1,
      updates: 3,
      hardware: { shaping: "relay" },
      link: { up: "40 Mbit/s", down: "80 Mbit/s", latency: "15 ms" },
    });
    expectOracle(records, { stages: 2, updates: 3 });
    expect(notices).toEqual([]);
    const links = recordsOf(records, "link");
    expect(links).toHaveLength(2);
    for (const link of links) {
      expect(link.askedUplinkBytesPerSecond).toBe(5e6);
      expect(link.measuredUplinkBytesPerSecond / 5e6).toBeGreaterThan(0.8);
      expect(link.measuredUplinkBytesPerSecond / 5e6).toBeLessThan(1.2);
      expect(link.measuredRoundTripSeconds).toBeGreaterThan(0.029);
      expect(link.measuredRoundTripSeconds).toBeLessThan(0.06);
    }
    expect(outcome.assumptions.some(({ statement }) => statement.startsWith("links: relays limit"))).toBe(true);
  });
});

const noNamespaces = namespacesFault();
if (noNamespaces !== undefined) process.stderr.write(`skipped: ${noNamespaces}\n`);

describe.skipIf(noNamespaces !== undefined)("a run in network namespaces", { retry: 2 }, () => {
  it("trains to the same, over links that the kernel shapes, and leaves none behind", async () => {
    const { records, outcome, directory } = await train({
      stages: 2,
      replicas: 1,
      updates: 3,
      hardware: { shaping: "namespace" },
      link: { up: "40 Mbit/s", down: "80 Mbit/s", latency: "15 ms" },
    });
    expectOracle(records, { stages: 2, updates: 3 });
    for (const link of recordsOf(records, "link")) {
      expect(link.measuredUplinkBytesPerSecond / 5e6).toBeGreaterThan(0.8);
      expect(link.measuredUplinkBytesPerSecond / 5e6).toBeLessThan(1.2);
      expect(link.measuredRoundTripSeconds).toBeGreaterThan(0.029);
      expect(link.measuredRoundTripSeconds).toBeLessThan(0.06);
    }
    expect(outcome.assumptions.some(({ statement }) => statement.startsWith("links: the kernel limits"))).toBe(true);
    expectNobodyLeft(directory);
    expect(readdirSync("/run/netns").filter((name) => name.startsWith(`sl${process.pid}`))).toEqual([]);
  });
});

describe("a run that cannot be", () => {
  const run = { stages: 2, replicas: 1, updates: 3 };

  it("says in one line what its device lacks", async () => {
    const refuse = "missing library: libtensorflow.so.2";
    await expect(train({ ...run, toy: { refuse } })).rejects.toThrow(
      /^worker [01]( \(node \d\))? cannot start: missing library: libtensorflow.so.2$/,
    );
  });

  it("says which port is in use", async () => {
    const { createServer } = await import("node:net");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await expect(train({ ...run, hardware: { transport: "tcp", listen: { port } } })).rejects.toThrow(
      `port in use: tcp:127.0.0.1:${port}`,
    );
    server.close();
  });

  it("is refused where what it asks for excludes itself", async () => {
    await expect(train({ ...run, hardware: { transport: "unix", joining: 1 } })).rejects.toThrow(
      /^transport: unix, which/,
    );
    await expect(train({ ...run, hardware: { joining: 3 } })).rejects.toThrow(
      "joining workers: 3, of a population of 2",
    );
    await expect(train({ ...run, hardware: { transport: "unix", shaping: "namespace" } })).rejects.toThrow(
      "network namespaces: Unix sockets go around them",
    );
  });

  it("is not begun twice, nor in the folder of another", async () => {
    const directory = folder();
    writeFileSync(join(directory, "supervisor.pid"), `${process.pid}\n`);
    await expect(train({ ...run, directory })).rejects.toThrow(`run in progress: process ${process.pid} has`);
    rmSync(join(directory, "supervisor.pid"));
    await train({ ...run, directory });
    await expect(train({ ...run, directory, scenarioHash: "other" })).rejects.toThrow(/^another run: .* holds toy$/);
    expect(existsSync(join(directory, "supervisor.pid"))).toBe(false);
  });

  it("says that memory ran out, of the heap or of buffers, and loses nothing", async () => {
    const aborted = new AbortController();
    const heap = await train({
      ...run,
      updates: 1e6,
      toy: { exhaust: { update: 1, what: "heap" } },
      hardware: { heap: "64 MiB" },
      signal: aborted.signal,
      onNotice: (text) => {
        if (text.includes("died")) aborted.abort(new Error(text));
      },
    }).catch((error: Error) => error.message);
    expect(heap).toBe("interrupted: the same run goes on when it is started again");
    expect(aborted.signal.reason.message).toMatch(
      /^worker [01] \(node \d\) died: out of memory: heap of the computing thread; started again$/,
    );
    const again = new AbortController();
    let reason = "";
    await train({
      ...run,
      updates: 1e6,
      toy: { exhaust: { update: 1, what: "buffer" } },
      signal: again.signal,
      onRecord: ({ record }) => {
        if (record.kind !== "restart") return;
        reason = record.reason;
        again.abort();
      },
    }).catch(() => {});
    expect(reason).toContain("out of memory: Array buffer allocation failed");
  });
});
