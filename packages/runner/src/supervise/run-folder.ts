/** What a run keeps on disk so that it can go on after any of its processes was killed, the supervisor too. */
import { existsSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TimedRecord } from "@shardlab/contracts";
import { fileError, writeDurably } from "../durable/durable-file.ts";
import { createSecret } from "../identity/join-token.ts";
import type { NodeCertificate } from "../identity/node-certificate.ts";
import { createNodeSigner } from "../identity/node-signer.ts";
import { fromText, toText } from "../plain-text.ts";

const formatVersion = 1;

/**
 * @property coordinator address at which the coordinator listened last.
 * @property sockets folder of the sockets of the last supervisor, which a killed one left behind.
 */
export interface RunState {
  readonly version: number;
  readonly runId: string;
  readonly scenarioHash: string;
  readonly secret: string;
  readonly signerKeyPem: string;
  readonly certificate?: NodeCertificate;
  readonly coordinator?: string;
  readonly sockets?: string;
}

/** A line of the supervisor's file of records. */
export type RecordLine = TimedRecord | { readonly joined: { readonly node: number; readonly slot: number } };

export class RunFolder {
  readonly path: string;
  private current: RunState;

  private constructor(path: string, state: RunState) {
    this.path = path;
    this.current = state;
  }

  /**
   * Opens the folder of a run, or begins one, and keeps other supervisors out.
   *
   * @throws Error `run in progress: ...`, `another run: ...`
   */
  static async open(
    path: string,
    { runId, scenarioHash, isPublic }: { runId: string; scenarioHash: string; isPublic: boolean },
  ): Promise<RunFolder> {
    try {
      mkdirSync(join(path, "logs"), { recursive: true });
    } catch (error) {
      throw fileError(error, `make folder ${path}`);
    }
    takeLock(join(path, "supervisor.pid"));
    try {
      return await RunFolder.openLocked(path, { runId, scenarioHash, isPublic });
    } catch (error) {
      rmSync(join(path, "supervisor.pid"), { force: true });
      throw error;
    }
  }

  private static async openLocked(
    path: string,
    { runId, scenarioHash, isPublic }: { runId: string; scenarioHash: string; isPublic: boolean },
  ): Promise<RunFolder> {
    const file = join(path, "run.json");
    if (existsSync(file)) {
      const state = JSON.parse(readFileSync(file, "utf8")) as RunState;
      if (state.version !== formatVersion)
        throw new Error(`format of ${file}: ${state.version}, ours is ${formatVersion}`);
      if (state.scenarioHash !== scenarioHash) throw new Error(`another run: ${path} holds ${state.runId}`);
      if (state.sockets !== undefined) rmSync(state.sockets, { recursive: true, force: true });
      if (!isPublic || state.certificate !== undefined) return new RunFolder(path, state);
    }
    const folder = new RunFolder(path, {
      version: formatVersion,
      runId,
      scenarioHash,
      secret: createSecret(),
      signerKeyPem: createNodeSigner().privateKeyPem,
      ...(isPublic ? { certificate: await newCertificate() } : {}),
    });
    folder.save();
    return folder;
  }

  get state(): RunState {
    return this.current;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  remember(change: Pick<RunState, "coordinator" | "sockets">): void {
    this.current = { ...this.current, ...change };
    this.save();
  }

  /** Everything that was recorded before, in order of time. */
  earlierLines(): RecordLine[] {
    const lines = ["records.jsonl", "coordinator-records.jsonl"].flatMap((name) => readLines(this.file(name)));
    const secondsOf = (line: RecordLine): number => ("seconds" in line ? line.seconds : 0);
    return lines.sort((a, b) => secondsOf(a) - secondsOf(b));
  }

  /** What the coordinator has written down. */
  coordinatorLines(): TimedRecord[] {
    return readLines(this.file("coordinator-records.jsonl")) as TimedRecord[];
  }

  close(): void {
    rmSync(this.file("supervisor.pid"), { force: true });
  }

  private save(): void {
    writeDurably(this.file("run.json"), [Buffer.from(`${JSON.stringify(this.current, undefined, 2)}\n`)]);
  }
}

async function newCertificate(): Promise<NodeCertificate> {
  const { createSelfSigned } = await import("../identity/self-signed-certificate.ts");
  return createSelfSigned("coordinator");
}

function takeLock(path: string): void {
  for (;;) {
    try {
      writeFileSync(path, `${process.pid}\n`, { flag: "wx" });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw fileError(error, `write ${path}`);
    }
    const pid = Number(readFileSync(path, "utf8"));
    if (isAlive(pid)) throw new Error(`run in progress: process ${pid} has ${path}`);
    unlinkSync(path);
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Lines of a file that may end in a torn one. */
function readLines(path: string): RecordLine[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        return line === "" ? [] : [fromText(line) as RecordLine];
      } catch {
        return [];
      }
    });
}

export const recordText = (line: RecordLine): string => toText(line);
