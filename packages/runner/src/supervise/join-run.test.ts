import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expectNobodyLeft, expectOracle, recordsOf, trainToy } from "../../scripts/toy-checks.ts";
import { toySetting } from "../../scripts/toy-setting.ts";
import { createSecret, formatToken, parseToken } from "../identity/join-token.ts";
import { joinRun } from "./join-run.ts";

const setting = toySetting("join");
const { folder } = setting;

const worker = (address: string, token: string, signal?: AbortSignal): Promise<string> =>
  joinRun({
    join: address,
    token,
    directory: folder(),
    computeModule: setting.entries.toyCompute,
    entries: setting.entries,
    joinSeconds: 3,
    ...(signal === undefined ? {} : { signal }),
  });

const outcomeOf = (promise: Promise<string>): Promise<string> =>
  promise.catch((error: Error) => `error: ${error.message}`);

describe("workers of other machines", () => {
  it("join over mutual TLS with a token, and without it do not", async () => {
    const joined: Promise<string>[] = [];
    const refused: Promise<string>[] = [];
    const { records, notices, directory } = await trainToy({
      directory: folder(),
      entries: setting.entries,
      stages: 2,
      replicas: 2,
      updates: 10,
      toy: { milliseconds: 2 },
      hardware: { joining: 2 },
      onJoinable: ({ address, token }) => {
        const { fingerprint, secret } = parseToken(token);
        refused.push(outcomeOf(worker(address, formatToken({ fingerprint, secret: createSecret() }))));
        refused.push(outcomeOf(worker(address, formatToken({ fingerprint: createSecret(), secret }))));
        joined.push(outcomeOf(worker(address, token)), outcomeOf(worker(address, token)));
      },
    });
    expectOracle(records, { stages: 2, updates: 10 });
    expect(await Promise.all(refused)).toEqual([
      "error: wrong token",
      expect.stringMatching(/^error: wrong certificate: /),
    ]);
    // The run's end, as the coordinator words it.
    for (const end of await Promise.all(joined)) expect(end).not.toMatch(/^error/);
    expect(notices.filter((text) => text.endsWith("joined from another machine"))).toHaveLength(2);
    // Their tasks and traffic are in the results, over the coordinator.
    const busy = new Set(recordsOf(records, "task").map(({ node }) => node));
    expect(busy.size).toBe(4);
    expect(new Set(recordsOf(records, "link").map(({ node }) => node)).size).toBe(4);
    const { certificate, secret } = JSON.parse(readFileSync(join(directory, "run.json"), "utf8"));
    expect(certificate.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expectNobodyLeft(directory);
  });

  it("leave when they are asked to, and the others go on", async () => {
    const leaving = new AbortController();
    let left: Promise<string> = Promise.resolve("");
    const { records } = await trainToy({
      directory: folder(),
      entries: setting.entries,
      stages: 1,
      replicas: 2,
      updates: 30,
      toy: { milliseconds: 4 },
      hardware: { joining: 1 },
      onJoinable: ({ address, token }) => {
        left = outcomeOf(worker(address, token, leaving.signal));
      },
      onUpdate: (update) => {
        if (update === 5) leaving.abort();
      },
    });
    expect(await left).not.toMatch(/^error/);
    expectOracle(records, { stages: 1, updates: 30 });
    expect(recordsOf(records, "membership").some(({ change }) => change === "left")).toBe(true);
  });

  it("are told in one line what is wrong", async () => {
    const token = formatToken({ fingerprint: createSecret(), secret: createSecret() });
    expect(await outcomeOf(worker("127.0.0.1:1", token))).toBe("error: nobody listens: tcp:127.0.0.1:1");
    expect(await outcomeOf(worker("nowhere", token))).toMatch(/^error: invalid address: nowhere/);
    expect(await outcomeOf(worker("127.0.0.1:1", "token"))).toMatch(/^error: invalid join token: /);
  });
});
