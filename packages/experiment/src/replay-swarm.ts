/** Makes a stored run of the simulated swarm again, and holds its trace against the one that was stored. */
import type { Measure } from "@shardlab/contracts";
import type { RunManifest } from "@shardlab/results";
import { isSwarm, type Scenario } from "@shardlab/scenario";
import { ExperimentError } from "./experiment-error.ts";

/** @property isSame whether the two traces are the same, bit for bit. */
export interface ReplayedSwarm {
  readonly traceHash: string;
  readonly isSame: boolean;
  readonly measures: readonly Measure[];
}

/** Whether a stored run is one of the swarm. */
export const isSwarmRun = ({ scenario }: RunManifest): boolean => isSwarm(scenario as unknown as Scenario);

/** @throws ExperimentError for a run on hardware, which was measured and does not repeat. */
export async function replaySwarm(manifest: RunManifest): Promise<ReplayedSwarm> {
  const scenario = manifest.scenario as unknown as Scenario;
  if (!isSwarm(scenario) || scenario.engine === "hardware") {
    throw new ExperimentError(
      `nothing to replay: ${manifest.experiment} ran on ${scenario.engine}, and what was measured does not repeat (simulate it with --set engine=simulation)`,
    );
  }
  const { simulateSwarm } = await import("./simulate-swarm.ts");
  const { seed, design, scenarioHash } = manifest;
  const { traceHash, measures } = await simulateSwarm(scenario, { run: `${scenarioHash}-${seed}`, seed, design });
  return { traceHash, measures, isSame: traceHash === manifest.traceHash };
}
