/** Runs the swarm on processes, sockets and devices. */
import { failureOf, type RunContext, type RunEnd } from "./perform-run.ts";
import type { RunHooks } from "./run-progress.ts";
import type { RunTask } from "./run-task.ts";

export async function performHardwareRun(
  _: RunTask,
  __: RunContext,
  ___: RunHooks & { readonly signal: AbortSignal; readonly seconds?: number },
): Promise<RunEnd | "interrupted"> {
  return failureOf(new Error("pending"), 0);
}
