/** The command that lists, installs and tries what computes models. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { shardlab } from "./shardlab.ts";

const empty = mkdtempSync(join(tmpdir(), "shardlab-no-backends-"));
afterAll(() => rmSync(empty, { recursive: true }));

describe("backend", () => {
  it.each([[], ["list"], ["install"], ["check"]])("help of backend %s has an example", async (...verb) => {
    const { code, stdout } = await shardlab(["backend", ...verb, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples?:\n {2}\$ shardlab backend /);
  });

  it("tries a backend in its own process, and says how fast it is", async () => {
    const { code, stdout } = await shardlab(["backend", "check", "wasm", "--format", "json"]);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ kind: "wasm", device: "cpu" });
    expect(report.productFlopPerSecond).toBeGreaterThan(1e8);
    expect(report.secondsPerTrainingStep).toBeGreaterThan(0);
  });

  it("lists all of them, each with what it does here or why not, and what to do next", async () => {
    const { code, stdout, stderr } = await shardlab(["backend", "list", "--directory", empty]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^cpu: works on cpu, [\d.]+ GFLOP\/s, \d+ ms a training step \(tfjs [\d.]+\)$/m);
    expect(stdout).toContain(
      "tensorflow: backend not installed: tensorflow (run: npx shardlab backend install tensorflow)",
    );
    expect(stderr).toContain("next: shardlab backend install tensorflow");
  });

  it.each([
    [
      "a backend that is not installed",
      ["check", "tensorflow", "--directory", empty],
      "backend not installed: tensorflow",
    ],
    [
      "a device that a backend has not",
      ["check", "wasm", "--device", "gpu:0"],
      "no such device for wasm: gpu:0 (only cpu)",
    ],
    ["a backend that there is not", ["install", "tpu"], "Allowed choices are tensorflow, webgpu, tensorflow-gpu"],
    ["no threads", ["check", "tensorflow", "--threads", "0"], "expected a whole number of at least 1"],
  ])("refuses %s in one line, and leaves nothing behind", async (_, args, message) => {
    const { code, stdout, stderr } = await shardlab(["backend", ...args]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expect(readdirSync(empty)).toEqual([]);
  });
});
