/** A process of the run, as its supervisor sees it. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { FromProcess, ToProcess } from "../processes/process-messages.ts";

export interface NodeChildOptions {
  readonly entry: URL;
  readonly configuration: ToProcess;
  /** Put before the command, to run it in a namespace. */
  readonly prefix?: readonly string[];
  /** File that what it prints is appended to. */
  readonly log: string;
  readonly onMessage: (message: FromProcess) => void;
  /** Once, when it is gone. */
  readonly onExit: (how: string) => void;
}

export class NodeChild {
  private readonly child: ChildProcess;
  private gone = false;
  private lastHeard = performance.now();
  readonly exited: Promise<void>;
  /** What it said last about why it ends. */
  failure: { readonly reason: string; readonly isFinal: boolean } | undefined;

  constructor({ entry, configuration, prefix = [], log, onMessage, onExit }: NodeChildOptions) {
    const file = openSync(log, "a", 0o600);
    const [program = process.execPath, ...args] = [...prefix, process.execPath, fileURLToPath(entry)];
    this.child = spawn(program, args, {
      stdio: ["ignore", file, file, "ipc"],
      serialization: "advanced",
    });
    closeSync(file);
    this.child.on("message", (message) => {
      const said = message as FromProcess;
      this.lastHeard = performance.now();
      if (said.kind === "failed") this.failure = said;
      else if (said.kind !== "alive") onMessage(said);
    });
    this.exited = new Promise((resolve) => {
      const end = (how: string): void => {
        if (this.gone) return;
        this.gone = true;
        resolve();
        onExit(how);
      };
      this.child.on("error", (error) => end(error.message));
      this.child.on("exit", (code, signal) => end(signal ?? `exit code ${code}`));
    });
    this.tell(configuration);
  }

  get isGone(): boolean {
    return this.gone;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  tell(message: ToProcess): void {
    if (!this.gone && this.child.connected) this.child.send(message, () => {});
  }

  /** Kills it when it has been silent for so long: it stands still, and nobody else can take its place. */
  killIfSilent(milliseconds: number): void {
    if (this.gone || performance.now() - this.lastHeard < milliseconds) return;
    this.failure = { reason: `silent for ${milliseconds / 1000} s`, isFinal: false };
    this.kill();
  }

  /** Begins anew to wait for a sign of life. */
  forgive(): void {
    this.lastHeard = performance.now();
  }

  kill(): void {
    if (!this.gone) this.child.kill("SIGKILL");
  }

  /** Asks it to go, and makes it go when it does not. */
  async stop(patienceMilliseconds: number): Promise<void> {
    if (this.gone) return;
    this.tell({ kind: "stop" });
    const timer = setTimeout(() => this.kill(), patienceMilliseconds);
    await this.exited;
    clearTimeout(timer);
  }
}
