import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { installedFolder } from "../installed-backend.ts";
import { type InstallOptions, installBackend } from "./install-backend.ts";
import { requirementsOfExtra } from "./python-wheel.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "shardlab-backends-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** An installation of one file with this text. */
const installing = (text: string, changes: Partial<InstallOptions> = {}): InstallOptions => ({
  ...{ kind: "webgpu", folder, check: async () => {}, progress: () => {} },
  install: async (step) => {
    writeFileSync(join(step.folder, "library"), text);
    return { packageVersion: text };
  },
  ...changes,
});

describe("installing a backend", () => {
  test("puts it in place whole, after it was tried where it will be found", async () => {
    let tried = "";
    const check = async (within: string): Promise<void> => {
      tried = readFileSync(join(installedFolder("webgpu", within) ?? "", "library"), "utf8");
      expect(installedFolder("webgpu", folder)).toBeUndefined();
    };
    const { path, manifest, isNew } = await installBackend(installing("1.0", { check }));
    expect([tried, path, manifest.packageVersion, isNew]).toEqual(["1.0", join(folder, "webgpu"), "1.0", true]);
    expect(readdirSync(folder)).toEqual(["webgpu"]);
  });

  test("leaves what is there, and replaces it when told to", async () => {
    await installBackend(installing("1.0"));
    expect(await installBackend(installing("2.0"))).toMatchObject({
      isNew: false,
      manifest: { packageVersion: "1.0" },
    });
    expect(await installBackend(installing("2.0", { force: true }))).toMatchObject({ isNew: true });
    expect(readFileSync(join(folder, "webgpu", "library"), "utf8")).toBe("2.0");
    expect(readdirSync(folder)).toEqual(["webgpu"]);
  });

  test.each([
    ["cannot be fetched", { install: () => Promise.reject(new Error("no network")) }],
    ["does not work", { check: () => Promise.reject(new Error("wrong product")) }],
  ])("leaves nothing behind where it %s, and what was there before", async (_, changes) => {
    await expect(installBackend(installing("1.0", changes))).rejects.toThrow();
    expect(readdirSync(folder)).toEqual([]);
    await installBackend(installing("1.0"));
    await expect(installBackend(installing("2.0", { force: true, ...changes }))).rejects.toThrow();
    expect(readFileSync(join(folder, "webgpu", "library"), "utf8")).toBe("1.0");
    expect(readdirSync(folder)).toEqual(["webgpu"]);
  });

  test("clears away what a killed installation left, and not what a running one is at", async () => {
    const [dead, running] = [join(folder, ".tmp-webgpu-4194305"), join(folder, `.tmp-tensorflow-${process.ppid}`)];
    for (const path of [dead, running]) mkdirSync(path);
    await installBackend(installing("1.0"));
    expect([existsSync(dead), existsSync(running)]).toEqual([false, true]);
  });
});

test("the metadata of a wheel names what an extra needs", () => {
  const metadata = join(folder, "METADATA");
  writeFileSync(
    metadata,
    'Requires-Dist: numpy>=1.26\nRequires-Dist: nvidia-cublas-cu12<13.0,>=12.5; extra == "and-cuda"\nRequires-Dist: x; extra == "y"\n',
  );
  expect(requirementsOfExtra(metadata, "and-cuda")).toEqual(["nvidia-cublas-cu12<13.0,>=12.5"]);
});
