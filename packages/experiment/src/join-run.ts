/** Lends this machine's device to a hardware run of another one. */
import { type JoinRunOptions, joinRun } from "@shardlab/runner";
import { ExperimentError } from "./experiment-error.ts";

/** Files that are modules of their own when they run: built ones, beside this one or, from sources, in `dist`. */
const entry = (name: string): URL =>
  new URL(import.meta.url.endsWith(".ts") ? `../dist/${name}.js` : `./${name}.js`, import.meta.url);

/**
 * Works until the run is over or the worker is let go; answers why it ended.
 *
 * @throws ExperimentError with one line: `invalid join token: ...`, `wrong token`, `unreachable: ...` and the like.
 */
export async function joinHardwareRun(options: Omit<JoinRunOptions, "computeModule" | "entries">): Promise<string> {
  try {
    return await joinRun({
      ...options,
      computeModule: entry("stage-compute"),
      entries: { nodeProcess: entry("hardware-process"), computeThread: entry("hardware-thread") },
    });
  } catch (error) {
    throw new ExperimentError(error instanceof Error ? error.message : String(error));
  }
}
