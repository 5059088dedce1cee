/** What a property test found, and the small world in which it found it, in words. */
import type { WorldPlan } from "@shardlab/testing";

/** What happens, and in which circumstances where it depends on them: `… (where cost $7, audited 5 %)`. */
export function partsOfFinding(found: string): { readonly happens: string; readonly where: string } {
  const [line = ""] = found.split("\n");
  const [, happens = line, where = ""] = /^(.*?) \(where (.*)\)$/.exec(line) ?? [];
  return { happens, where };
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** `2 providers, 1 data provider, 1 model, 8 epochs of 1 d, seed 0`: all that such a world is made from. */
export const worldText = ({ providers, dataProviders, models, horizonEpochs, epochDays, seed }: WorldPlan): string =>
  [
    counted(providers, "provider"),
    ...(dataProviders === 0 ? [] : [counted(dataProviders, "data provider")]),
    counted(models, "model"),
    `${counted(horizonEpochs, "epoch")} of ${epochDays} d`,
    `seed ${seed}`,
  ].join(", ");

/** The world of a failed check, which fast-check prints as `Counterexample: [{…}]`; undefined where it printed none. */
export function worldOf(message: string): WorldPlan | undefined {
  const printed = /^Counterexample: \[(\{.*\})\]$/m.exec(message)?.[1];
  return printed === undefined ? undefined : (JSON.parse(printed) as WorldPlan);
}
