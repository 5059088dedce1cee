/** A worker that joins a run from elsewhere, and what it reads when there is nothing to join. */
import { describe, expect, it } from "vitest";
import { shardlab, temporaryFolder } from "./shardlab.ts";
import { startShardlab } from "./shardlab-process.ts";
import { fixture, storedLosses } from "./swarm-runs.ts";

const timeoutMilliseconds = 120_000;

describe("a worker of another machine", () => {
  it(
    "joins by the command that the run prints, and what is trained is the same",
    async () => {
      const [out, alone, home] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
      const run = startShardlab(["run", fixture, "--no-report", "--out", out, "--set", "hardware.joining=1"]);
      await run.said("--token sl1.");
      const [, address = "", token = ""] = /shardlab worker --join (\S+) --token (\S+)/.exec(run.soFar()) ?? [];
      const join = ["worker", "--join", address, "--token", token, "--directory", home, "--backend", "wasm"];
      const worker = await shardlab(join);
      const { code, stderr } = await run.finished;
      expect([worker.code, worker.stdout]).toEqual([0, "left: trained\n"]);
      expect([code, stderr]).toEqual([0, expect.stringContaining("8 of 8 updates")]);
      const beside = await shardlab(["run", fixture, "--no-report", "--out", alone, "--set", "engine=simulation"]);
      expect(beside.code).toBe(0);
      expect(await storedLosses(out, "hardware")).toEqual(await storedLosses(alone, "simulation"));

      // The run is over, so that nobody listens there any more.
      const late = await shardlab(join);
      const line = late.stderr.split("\n").find((text) => text.startsWith("error: "));
      expect([late.code, line]).toEqual([2, expect.stringContaining(address)]);
    },
    timeoutMilliseconds,
  );

  it("is told what a token looks like", async () => {
    const { code, stderr } = await shardlab(["worker", "--join", "127.0.0.1:9", "--token", "nonsense"]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: invalid join token: /m)]);
  });
});
