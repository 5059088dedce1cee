/** What a swarm takes for granted. */
import type { Assumption } from "@shardlab/contracts";
import type { SwarmScenario } from "@shardlab/scenario";
import { simulationAssumptions } from "@shardlab/simulation/assumptions";

/** Of a simulation its models; of hardware that it is what it is, while the machine does other things, too. */
export function swarmAssumptions({ engine, simulation, population }: SwarmScenario): readonly Assumption[] {
  if (engine === "simulation") return simulationAssumptions(simulation, population);
  return [{ statement: "Durations are measured: what else the machine does, and how warm it is, is in them." }];
}
