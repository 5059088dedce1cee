import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { TimedRecord } from "@shardlab/contracts";
import { createStreams } from "@shardlab/random";
import { describe, expect, it } from "vitest";
import { expectNobodyLeft, expectOracle, isRunning, pidOf, recordsOf } from "../../scripts/toy-checks.ts";
import { toySetting } from "../../scripts/toy-setting.ts";
import { RunFolder } from "./run-folder.ts";

const setting = toySetting("faults");
const { folder, train } = setting;

const kill = (directory: string, name: string): boolean => process.kill(pidOf(directory, name), "SIGKILL");

describe("a run goes on after kill -9 of", () => {
  it("a worker whose stage another one holds too, and one whose stage nobody else holds", async () => {
    const { records, notices, directory } = await train({
      stages: 2,
      replicas: 2,
      updates: 24,
      toy: { milliseconds: 4 },
      onUpdate: (update, where) => {
        if (update === 3) kill(where, "worker-1");
        if (update !== 12) return;
        // Both replicas of whatever stage: a checkpoint is all that is left of one.
        kill(where, "worker-0");
        kill(where, "worker-2");
      },
    });
    expectOracle(records, { stages: 2, updates: 24 });
    expect(notices.filter((text) => /^worker \d \(node \d+\) died: SIGKILL; started again$/.test(text))).toHaveLength(
      3,
    );
    expect(recordsOf(records, "restart").length).toBeGreaterThan(0);
    expectNobodyLeft(directory);
  });

  it("the coordinator", async () => {
    const { records, notices, directory } = await train({
      stages: 2,
      replicas: 2,
      updates: 20,
      toy: { milliseconds: 4 },
      onUpdate: (update, where) => {
        if (update === 6 || update === 13) kill(where, "coordinator");
      },
    });
    expectOracle(records, { stages: 2, updates: 20 });
    expect(notices.filter((text) => text.startsWith("coordinator died: SIGKILL"))).toHaveLength(2);
    expectNobodyLeft(directory);
  });

  it("the relay", async () => {
    const { records, notices, directory } = await train({
      stages: 2,
      replicas: 1,
      updates: 12,
      toy: { milliseconds: 4 },
      hardware: { shaping: "relay" },
      onUpdate: (update, where) => {
        if (update === 5) kill(where, "relay");
      },
    });
    expectOracle(records, { stages: 2, updates: 12 });
    expect(notices.filter((text) => text.startsWith("relay died: SIGKILL"))).toHaveLength(1);
    expectNobodyLeft(directory);
  });
});

describe("a run goes on when its processes", () => {
  it("stand still: they are ended, and started again", async () => {
    const { records, notices, directory } = await train({
      stages: 2,
      replicas: 1,
      updates: 14,
      toy: { milliseconds: 4 },
      hardware: { lossTimeout: "1.5 s" },
      onUpdate: (update, where) => {
        if (update === 4) process.kill(pidOf(where, "worker-1"), "SIGSTOP");
        if (update === 9) process.kill(pidOf(where, "coordinator"), "SIGSTOP");
      },
    });
    expectOracle(records, { stages: 2, updates: 14 });
    expect(notices.filter((text) => text.includes("died: silent for 1.5 s"))).toHaveLength(2);
    expectNobodyLeft(directory);
  });

  it("die one after the other, whichever it is", async () => {
    const stream = createStreams(1).stream("deaths");
    const names = ["coordinator", "relay", "worker-0", "worker-1", "worker-2", "worker-3"];
    let deaths = 0;
    const { records, directory } = await train({
      stages: 2,
      replicas: 2,
      updates: 40,
      toy: { milliseconds: 4 },
      hardware: { shaping: "relay", lossTimeout: "2 s", maximumRestarts: 50 },
      onUpdate: (update, where) => {
        if (update % 4 !== 3 || update > 32) return;
        // It may be dead already.
        const name = names[Math.floor(stream.uniform() * names.length)] as string;
        if (isRunning(pidOf(where, name)) && kill(where, name)) deaths++;
      },
    });
    expect(deaths).toBeGreaterThan(4);
    expectOracle(records, { stages: 2, updates: 40 });
    expectNobodyLeft(directory);
  });
});

/** A file system of so many kilobytes, or undefined where it cannot be had. */
function smallDisk(path: string, kilobytes: number, isThere = false): boolean {
  const remount = isThere ? "remount," : "";
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `${remount}size=${kilobytes}k`, "tmpfs", path], { stdio: "pipe" });
    return true;
  } catch {
    return false;
  }
}

describe("a disk that is full", () => {
  const run = { stages: 2, replicas: 1, updates: 30, elements: 4096 } as const;
  const toy = { elements: run.elements };

  it("ends the run with one line, where checkpoints or the journal are, and it goes on when there is room", async (context) => {
    for (const what of ["checkpoints", "journal"]) {
      const [directory, disk] = [folder(), folder()];
      const mount = what === "checkpoints" ? disk : directory;
      if (!smallDisk(mount, what === "checkpoints" ? 60 : 64)) context.skip("a file system cannot be mounted here");
      const hardware = what === "checkpoints" ? { checkpoints: disk } : { checkpoints: folder() };
      try {
        await expect(train({ ...run, directory, toy, hardware })).rejects.toThrow(
          what === "checkpoints"
            ? /^no progress: disk full: cannot write .*\.shard$/
            : /^(worker \d \(node \d\) cannot go on: )?disk full: cannot (append to|write) /,
        );
        smallDisk(mount, 4096, true);
        await train({ ...run, directory, toy, hardware });
        const folderOfRun = await RunFolder.open(directory, { runId: "toy", scenarioHash: "toy", isPublic: false });
        const records = folderOfRun.earlierLines().filter((line): line is TimedRecord => "record" in line);
        folderOfRun.close();
        expectOracle(records, run);
      } finally {
        execFileSync("umount", ["-l", mount]);
      }
    }
  });
});

/** A supervisor in a process of its own; resolves when it has said so many updates, or ended. */
function supervise(directory: string, updates: number): { child: ChildProcess; said: (text: string) => Promise<void> } {
  const options = {
    directory,
    entries: { nodeProcess: setting.entries.nodeProcess.href, computeThread: setting.entries.computeThread.href },
    toyCompute: setting.entries.toyCompute.href,
    stages: 2,
    replicas: 2,
    updates,
    toy: { milliseconds: 4 },
  };
  const child = spawn(process.execPath, [fileURLToPath(setting.entries.superviseToy), JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const said = async (text: string): Promise<void> => {
    while (!output.includes(`${text}\n`)) {
      if (child.exitCode !== null) throw new Error(`ended before ${text}: ${output}`);
      await pause(20);
    }
  };
  return { child, said };
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("a supervisor that is killed", () => {
  it("takes its processes with it, and the run goes on with another one", async () => {
    const directory = folder();
    const updates = 30;
    const first = supervise(directory, updates);
    await first.said("update 11");
    const pids = ["coordinator", "worker-0", "worker-1", "worker-2", "worker-3"].map((name) => pidOf(directory, name));
    expect(pids.every(isRunning)).toBe(true);
    first.child.kill("SIGKILL");
    for (let wait = 0; wait < 300 && pids.some(isRunning); wait++) await pause(10);
    expect(pids.filter(isRunning)).toEqual([]);
    const second = supervise(directory, updates);
    await second.said("finished");
    const run = await RunFolder.open(directory, { runId: "toy", scenarioHash: "toy", isPublic: false });
    const records = run.earlierLines().filter((line): line is TimedRecord => "record" in line);
    run.close();
    expectOracle(records, { stages: 2, updates });
    // Time went on from where it was.
    const seconds = recordsOf(records, "update").map(({ update }) => update);
    expect(Math.max(...seconds)).toBe(updates - 1);
    const times = records.flatMap(({ seconds: at, record }) => (record.kind === "update" ? [at] : []));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const checkpoints = recordsOf(records, "checkpoint").map(({ version }) => version);
    expect(checkpoints).toContain(10);
    expectNobodyLeft(directory);
  });

  it("by a signal that it hears ends the run in order", async () => {
    const directory = folder();
    const first = supervise(directory, 1e6);
    await first.said("update 2");
    first.child.kill("SIGTERM");
    // An exit code, and not a signal: it took leave.
    expect(await new Promise((resolve) => first.child.once("exit", resolve))).toBe(1);
    expectNobodyLeft(directory);
  });
});
