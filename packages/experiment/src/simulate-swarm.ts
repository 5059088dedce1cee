/** Runs the swarm on virtual time. */
import type { RunOutcome } from "@shardlab/contracts";
import type { SwarmScenario } from "@shardlab/scenario";
import type { RunHooks } from "./run-progress.ts";

export async function simulateSwarm(_: SwarmScenario, __: RunHooks & { readonly seed: number }): Promise<RunOutcome> {
  throw new Error("pending");
}
