/** What a person reads when a swarm cannot be run: one line each, and nothing is lost. */

import { existsSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shardlab, temporaryFolder } from "./shardlab.ts";
import { fixture } from "./swarm-runs.ts";

const timeoutMilliseconds = 120_000;

describe("a swarm that cannot run", () => {
  let taken: Server;
  let port = 0;

  beforeAll(async () => {
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    port = (taken.address() as { port: number }).port;
  });
  afterAll(() => void taken.close());

  const cases: readonly (readonly [name: string, settings: () => readonly string[], message: RegExp])[] = [
    ["a device that is not there", () => ["hardware.devices=['gpu:7']"], /no such device[^\n]*gpu:7/],
    ["a port in use", () => ["hardware.transport=tcp", `hardware.listen.port=${port}`], /port in use: [^\n]*\d+/],
    [
      "memory that cannot fit",
      () => ["model.width=32768", "model.heads=2"],
      /memory that cannot fit: about [\d.e+]+ GiB/,
    ],
    [
      "a text that is not there",
      () => ["training.data={kind: local-text, path: /nowhere.txt}"],
      /unreadable text: \/nowhere\.txt/,
    ],
  ];

  it.each(cases)(
    "says so: %s",
    async (_name, settings, message) => {
      const out = temporaryFolder();
      const args = settings().flatMap((setting) => ["--set", setting]);
      const { code, stderr } = await shardlab(["run", fixture, "--no-report", "--out", out, ...args]);
      const line = stderr.split("\n").find((text) => text.startsWith("failed: "));
      expect(line, stderr).toMatch(message);
      expect(stderr).not.toMatch(/^\s+at /m);
      expect(code).toBe(2);
    },
    timeoutMilliseconds,
  );

  it("takes backend and devices as options, and checks them as it does settings", async () => {
    const out = temporaryFolder();
    const run = ["run", fixture, "--out", out];
    const plain = await shardlab([...run, "--backend", "wasm", "--device", "cpu", "--dry-run"]);
    expect([plain.code, plain.stdout], plain.stderr).toEqual([0, expect.stringContaining("hardware")]);
    const wrong = await shardlab([...run, "--device", "cpu", "gpx"]);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("devices.1: gpx (expected cpu")]);
    const unknown = await shardlab([...run, "--backend", "wasn"]);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("tensorflow, webgpu, tensorflow-gpu")]);
  });

  it("refuses contradictions with line and column before anything starts", async () => {
    const out = temporaryFolder();
    const args = ["--set", "training.parallelism.stages=5", "--set", "population.home.device=rtx-4090"];
    const { code, stderr } = await shardlab(["run", fixture, "--out", out, ...args]);
    expect([code, existsSync(join(out, "tiny-swarm"))]).toEqual([2, false]);
    expect(stderr).toContain("--set training.parallelism.stages: too many stages: 5 (expected at most 4, the layers)");
    expect(stderr).toContain("--set population.home.device: device of a simulation: rtx-4090");
  });

  it(
    "keeps a run that had no time, so that it can go on",
    async () => {
      const out = temporaryFolder();
      const { code, stderr } = await shardlab(["run", fixture, "--no-report", "--out", out, "--run-time", "2 s"]);
      expect([code, stderr]).toEqual([1, expect.stringContaining("time limit of a run exceeded: 2 s")]);
      const again = await shardlab(["run", fixture, "--no-report", "--out", out]);
      expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("8 of 8 updates")]);
    },
    timeoutMilliseconds,
  );
});
