import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Claims, claimsFolder, openClaims } from "./claim.ts";
import { isAlive, ownIdentity, type ProcessIdentity } from "./claim-process.ts";

const run = "0123456789ab".padEnd(64, "0");
const since = "2026-01-01T00:00:00Z";
const own = ownIdentity();

/** A process of this machine that has ended. */
const dead = (): ProcessIdentity => ({ ...own, process: spawnSync(process.execPath, ["-e", ""]).pid });
const elsewhere: ProcessIdentity = { process: 1, host: "far", machine: "far boot pid", born: "1" };

let folder = "";
const opened: Claims[] = [];
const claimsOf = (identity: ProcessIdentity, more: { staleSeconds?: number; hardLinks?: boolean } = {}): Claims => {
  const claims = openClaims(folder, { since, identity, ...more });
  opened.push(claims);
  return claims;
};
const claimFiles = (): string[] =>
  readdirSync(join(folder, claimsFolder)).filter((name) => name.startsWith(run.slice(0, 12)));
/** Lets every claim look as old as this, on the clock of the file system. */
const age = (seconds: number): void => {
  const then = Date.now() / 1000 - seconds;
  for (const name of readdirSync(join(folder, claimsFolder))) utimesSync(join(folder, claimsFolder, name), then, then);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "shardlab-claims-"));
});
afterEach(() => {
  for (const claims of opened.splice(0)) claims.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each([true, false])("claims with hard links: %s", (hardLinks) => {
  test("are held by one process at a time, which is named to the others", () => {
    const [first, second] = [claimsOf(own, { hardLinks }), claimsOf({ ...elsewhere }, { hardLinks })];
    expect(first.take(run)).toEqual({ mine: true });
    expect(first.take(run)).toEqual({ mine: true });
    expect(second.take(run)).toEqual({ mine: false, holder: { ...own, since } });
    first.release(run);
    expect(second.take(run)).toEqual({ mine: true });
  });

  test("of a dead process of this machine are taken over at once", () => {
    claimsOf(dead(), { hardLinks }).take(run);
    const claims = claimsOf(own, { hardLinks });
    expect(claims.take(run)).toEqual({ mine: true });
    expect(claimFiles()).toEqual([`${run.slice(0, 12)}.1`]);
    claims.release(run);
    expect(claimFiles()).toEqual([]);
  });

  test("of another machine are taken over when they were not refreshed for long, whatever the clocks say", () => {
    claimsOf(elsewhere, { hardLinks }).take(run);
    const claims = claimsOf(own, { hardLinks, staleSeconds: 100 });
    age(90);
    expect(claims.take(run)).toMatchObject({ mine: false, holder: { host: "far" } });
    age(110);
    expect(claims.take(run)).toEqual({ mine: true });
  });

  test("of a living process of this machine stay, however old", () => {
    claimsOf(own, { hardLinks }).take(run);
    const [neighbour, claims] = [claimsOf(own, { hardLinks }), claimsOf(elsewhere, { hardLinks })];
    age(1e6);
    expect(neighbour.take(run)).toMatchObject({ mine: false });
    // To another machine they are old.
    expect(claims.take(run)).toEqual({ mine: true });
  });

  test("that were lost to another machine are not removed by their former holder", () => {
    const slow = claimsOf(elsewhere, { hardLinks });
    slow.take(run);
    age(1000);
    expect(claimsOf(own, { hardLinks }).take(run)).toEqual({ mine: true });
    slow.release(run);
    expect(claimFiles()).toEqual([`${run.slice(0, 12)}.1`]);
  });
});

describe("a claims folder", () => {
  test("is made by the first claim and goes with the last", () => {
    const claims = claimsOf(own);
    expect(existsSync(join(folder, claimsFolder))).toBe(false);
    claims.take(run);
    expect(JSON.parse(readFileSync(join(folder, claimsFolder, claimFiles()[0]), "utf8"))).toMatchObject({
      version: 1,
      process: process.pid,
      host: own.host,
      since,
    });
    claims.close();
    expect(existsSync(join(folder, claimsFolder))).toBe(false);
  });

  test("that is tidied away under a process comes back with its next claim", () => {
    const claims = claimsOf(own);
    claims.take(run);
    rmSync(join(folder, claimsFolder), { recursive: true });
    expect(claims.take(run.replace("0", "1"))).toEqual({ mine: true });
  });

  test("is rid of the files of dead processes, and a claim that was cut off is judged by its age", () => {
    claimsOf(dead()).take(run.replace("0", "1"));
    mkdirSync(join(folder, claimsFolder), { recursive: true });
    writeFileSync(join(folder, claimsFolder, `${run.slice(0, 12)}.0`), '{"pro');
    const claims = claimsOf(own, { staleSeconds: 100 });
    expect(claims.take(run)).toEqual({ mine: false, holder: null });
    expect(readdirSync(join(folder, claimsFolder)).filter((name) => name.endsWith(".owner"))).toHaveLength(1);
    age(110);
    expect(claims.take(run)).toEqual({ mine: true });
  });

  test("that cannot be made is explained in one line", () => {
    writeFileSync(join(folder, "file"), "");
    const claims = openClaims(join(folder, "file"), { since });
    expect(() => claims.take(run)).toThrow(/^cannot write results: part of the path is not a folder/);
  });
});

describe("a process", () => {
  test("is told from a later one of the same number", () => {
    expect(isAlive(own)).toBe(true);
    expect(isAlive(dead())).toBe(false);
    if (own.born !== null) expect(isAlive({ ...own, born: "1" })).toBe(false);
  });

  test("that ended and was not collected does not live", async () => {
    if (own.born === null) return; // only Linux tells
    // The shell is replaced by a program that never collects its child.
    const parent = spawn("sh", ["-c", "sh -c 'echo $$' & exec sleep 5"], { stdio: ["ignore", "pipe", "ignore"] });
    const child = Number(await new Promise<Buffer>((resolve) => parent.stdout.once("data", resolve)));
    const identity = { ...own, process: child, born: null };
    const deadline = performance.now() + 4000;
    while (isAlive(identity) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(isAlive(identity)).toBe(false);
    expect(() => process.kill(child, 0)).not.toThrow();
    parent.kill();
  });
});
