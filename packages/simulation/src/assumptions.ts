/** What a simulation takes for granted, and where each was checked. */
import type { Assumption } from "@shardlab/contracts";
import type { WorkerGroupSpec } from "@shardlab/protocol/spec";
import { calibratedDevice, type SimulationSpec } from "./spec.ts";

export function simulationAssumptions(
  { compute, computing, network }: SimulationSpec,
  population: readonly WorkerGroupSpec[],
): Assumption[] {
  const usesNominal =
    population.some(({ device }) => device === calibratedDevice) &&
    !computing.devices.some(({ device }) => device === calibratedDevice);
  const usesTable = population.some(
    ({ device }) => device !== calibratedDevice && !computing.devices.some((measured) => measured.device === device),
  );
  return [
    compute === "modelled"
      ? {
          statement:
            "Losses are not modelled: without real gradients a run says how long updates take, not what they reach.",
        }
      : {
          statement:
            "Losses are those of real training on this machine's tensor library; durations are the device model's.",
        },
    {
      statement:
        "A task takes an overhead, its matrix products at a fixed rate, and its other bytes at fixed rates of memory, codec and disk.",
      checkedAgainst: "closed forms of pipelines and collectives, given these rates",
    },
    ...(usesTable
      ? [
          {
            statement: `Devices of the table train at ${computing.utilization} of their dense 16-bit peak, whatever the model.`,
          },
        ]
      : []),
    ...(usesNominal
      ? [
          {
            statement: `Nothing was measured of ${calibratedDevice}: it is taken for one core of a laptop at 10 GFLOP/s.`,
          },
        ]
      : []),
    {
      statement:
        "Transfers share access links max-min fairly, without slow start; small messages take no bandwidth from them.",
      checkedAgainst: "closed forms and a naive fluid simulation, in the network's own tests",
    },
    network.kind === "star"
      ? { statement: "Only access links limit what nodes send to one another." }
      : { statement: "Between regions there are Azure's median round trips of 2023; consumers' routes are longer." },
    {
      statement: "Memory holds weights, their gradient and the optimiser's state; activations are left out of account.",
    },
  ];
}
