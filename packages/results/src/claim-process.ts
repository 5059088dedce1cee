/** Who a process is, so that another one can tell whether it still lives. */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * @property host name of the machine, for people.
 * @property machine tells machines and containers apart (boot and process namespace); the host's name where they are unknown.
 * @property born when the process started, in clock ticks since the boot, because numbers of processes are used again;
 *   null where the system does not tell.
 */
export interface ProcessIdentity {
  readonly process: number;
  readonly host: string;
  readonly machine: string;
  readonly born: string | null;
}

function readOr<T>(read: () => string, otherwise: T): string | T {
  try {
    return read().trim();
  } catch {
    return otherwise;
  }
}

/** State and start of a process from `/proc/<pid>/stat`; its second field may hold spaces and brackets. */
function statOf(processId: number): { state: string; born: string } | undefined {
  const text = readOr(() => readFileSync(`/proc/${processId}/stat`, "utf8"), undefined);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, born] = [fields?.[0], fields?.[19]];
  return state === undefined || born === undefined ? undefined : { state, born };
}

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  const host = hostname();
  const boot = readOr(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"), "");
  const namespace = readOr(() => readlinkSync("/proc/self/ns/pid"), "");
  const machine = [host, boot, namespace].filter((part) => part !== "").join(" ");
  return { process: process.pid, host, machine, born: statOf(process.pid)?.born ?? null };
}

/** Whether a process of this machine still lives. One that has ended and was not yet collected by its parent does not. */
export function isAlive({ process: processId, born }: ProcessIdentity): boolean {
  try {
    process.kill(processId, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const now = statOf(processId);
  if (now === undefined) return true;
  return now.state !== "Z" && now.state !== "X" && (born === null || now.born === born);
}
