/** What is measured of conduct: who cheats and is caught, who is wronged, and what each group gains. */
import type { Measure } from "@shardlab/contracts";
import { flopPerWork } from "@shardlab/contracts";
import type { EconomySpec } from "../spec.ts";
import { hasConduct } from "./conduct-spec.ts";
import type { ConductState } from "./conduct-state.ts";

const overall = [
  ["cheating-share", "share"],
  ["wasted-work", "ZFLOP"],
  ["caught", "1"],
  ["false-slashes", "1"],
  ["honest-exits", "1"],
  ["identities", "1"],
] as const;

/** Names and units of the measures of a scenario; none where everybody works honestly and nothing is played. */
export function conductMeasureNames(spec: EconomySpec): (readonly [name: string, unit: string])[] {
  if (!hasConduct(spec)) return [];
  return [...overall, ...spec.providers.map(({ group }) => [`payoff/${group}`, "$"] as const)];
}

export function conductMeasures(spec: EconomySpec, { totals }: ConductState, payoffs: Float64Array): Measure[] {
  const { delivered, cheated, wasted, caught, falseVerdicts, honestExits, workerEpochs, identityEpochs } = totals;
  const values = [
    delivered > 0 ? cheated / delivered : 0,
    (wasted * flopPerWork) / 1e21,
    caught,
    falseVerdicts,
    honestExits,
    workerEpochs > 0 ? identityEpochs / workerEpochs : 1,
    ...payoffs,
  ];
  return conductMeasureNames(spec).map(([name, unit], index) => ({ name, unit, value: values[index] }));
}
