/** The workspace as tools see it. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./architecture/sources.ts";

const nx = join(root, "node_modules/.bin/nx");
const environment = { ...process.env, NX_DAEMON: "false", NX_NO_CLOUD: "true" };
const output = (args: readonly string[]): string =>
  execFileSync(nx, args, { cwd: root, env: environment, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

describe("nx", () => {
  it("sees every package", () => {
    const projects = output(["show", "projects"]).trim().split("\n").sort();
    const packages = readdirSync(join(root, "packages")).map((name) => `@shardlab/${name}`);
    expect(projects).toEqual([...packages, "@shardlab/test"].sort());
  });

  it("knows the targets of a package", () => {
    const project = JSON.parse(output(["show", "project", "@shardlab/cli", "--json"]));
    expect(Object.keys(project.targets)).toEqual(expect.arrayContaining(["build", "lint", "test", "typecheck"]));
  });
});

describe("the scenario schema", () => {
  it("is current", () => {
    const check = () =>
      execFileSync(process.execPath, [join(root, "bin/shardlab.mjs"), "schema", "--check"], {
        cwd: root,
        stdio: "pipe",
      });
    expect(check).not.toThrow();
  });
});

describe("the lock file", () => {
  it("holds the optional packages of every platform, without which npm ci refuses it", () => {
    const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
    const missing = Object.values<{ optionalDependencies?: Record<string, string> }>(packages)
      .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
      .filter((name) => !Object.keys(packages).some((folder) => folder.endsWith(`node_modules/${name}`)));
    expect(missing, "run node scripts/complete-lockfile.mjs").toEqual([]);
  });
});
