/** What the entries of all processes share: they do as the supervisor says, and never outlive it. */
import { oneLine } from "../one-line.ts";
import { FinalError, isFinalReason } from "./process-failure.ts";
import type { FromProcess, ToProcess } from "./process-messages.ts";

/** How a process is connected to whoever started it. */
export interface Channel {
  say(message: FromProcess): void;
}

/** A process under way. */
export interface Running {
  stop(): Promise<void>;
  /** Hands the shard over and goes. */
  leave?(): void;
}

export const exitCodes = { ok: 0, crashed: 1, final: 2 } as const;
const aliveMilliseconds = 500;
/** Longest that a process takes to say its last words. */
const lastWordsMilliseconds = 2000;

/** Runs `begin` with the first configuration that comes, and ends with the channel. */
export function superviseProcess(begin: (configuration: ToProcess, channel: Channel) => Promise<Running>): void {
  let running: Running | undefined;
  const channel: Channel = {
    say: (message) => {
      if (process.connected) process.send?.(message);
    },
  };
  const fail = (error: unknown): void => {
    const reason = oneLine(error);
    const isFinal = error instanceof FinalError || isFinalReason(reason);
    process.stderr.write(`${error instanceof Error ? (error.stack ?? reason) : reason}\n`);
    endWith(isFinal ? exitCodes.final : exitCodes.crashed, { kind: "failed", reason, isFinal });
  };
  setInterval(() => channel.say({ kind: "alive" }), aliveMilliseconds).unref();
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  // A terminal sends these to the whole group; the supervisor decides.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => {});
  process.on("disconnect", () => process.exit(exitCodes.crashed));
  process.on("message", (message: ToProcess) => {
    if (message.kind === "leave") running?.leave?.();
    else if (message.kind === "stop") void (running?.stop() ?? Promise.resolve()).then(() => endWith(exitCodes.ok));
    else {
      process.title = titleOf(message);
      begin(message, channel).then((started) => {
        running = started;
      }, fail);
    }
  });
}

/** What lists of processes show. */
function titleOf(message: ToProcess): string {
  const role = message.kind.replace("configure-", "");
  return message.kind === "configure-worker" ? `shardlab ${role} ${message.slot ?? ""}` : `shardlab ${role}`;
}

/** Says a last word and exits, whether it is heard or not. */
function endWith(code: number, message?: FromProcess): void {
  setTimeout(() => process.exit(code), lastWordsMilliseconds).unref();
  if (message === undefined || !process.connected || process.send === undefined) process.exit(code);
  process.send(message, () => process.exit(code));
}
