/** Times of a scenario that lie beyond its end, so that what they announce never happens. */
import { type Kinded, specsWithin } from "@shardlab/contracts";
import type { Contradiction } from "./contradiction.ts";
import { epochSeconds, epochsOf } from "./epoch.ts";

/** The part of an economy's spec that names such times, seconds. */
interface DatedSpec {
  readonly horizon: number;
  readonly beliefs: {
    readonly until?: number | undefined;
    readonly afterwards?: number | undefined;
    readonly shock?: { readonly day: number } | undefined;
  };
  readonly market: { readonly leak?: { readonly day: number } | undefined };
}

export const horizonContradictions = (spec: DatedSpec): Contradiction[] => [
  ...beliefContradictions(spec),
  ...leakContradictions(spec),
  ...heldPayContradictions(spec as DatedSpec & { readonly mechanism?: Kinded }),
];

/** Expectations that would change after the last epoch, or that are said to have changed when they never do. */
function beliefContradictions({ horizon, beliefs }: DatedSpec): Contradiction[] {
  const { until, afterwards, shock } = beliefs;
  const before = `expected at most ${inDays(lastDay(horizon))}, the last day of the run`;
  const faults: Contradiction[] = [];
  if (shock !== undefined && shock.day > lastDay(horizon)) {
    faults.push({
      path: ["beliefs", "shock", "day"],
      message: `shock after the end: ${inDays(shock.day)} (${before})`,
    });
  }
  if (until !== undefined && until > lastDay(horizon)) {
    const message = `optimism that never ends: ${inDays(until)} (${before}, or no until)`;
    faults.push({ path: ["beliefs", "until"], message });
  }
  if (until === undefined && afterwards !== undefined) {
    const message = `afterwards without an end of optimism: ${afterwards} (expected until as well)`;
    faults.push({ path: ["beliefs", "afterwards"], message });
  }
  return faults;
}

/** Copies that would be sold when all is over. */
function leakContradictions({ horizon, market: { leak } }: DatedSpec): Contradiction[] {
  if (leak === undefined || leak.day <= lastDay(horizon)) return [];
  const before = `expected at most ${inDays(lastDay(horizon))}, the last day of the run`;
  return [{ path: ["market", "leak", "day"], message: `leak after the end: ${inDays(leak.day)} (${before})` }];
}

/** By which key a rule says how long it holds pay. */
const holding: Readonly<Record<string, string>> = { vesting: "duration", escrow: "challenge" };

/** Pay that is quoted at what it will be worth, and released after everything is over. */
function heldPayContradictions({ horizon, mechanism }: DatedSpec & { readonly mechanism?: Kinded }): Contradiction[] {
  if (mechanism === undefined) return [];
  return specsWithin(mechanism).flatMap((rule, depth): Contradiction[] => {
    const key = holding[rule.kind];
    const seconds = key === undefined ? undefined : (rule as Kinded & Readonly<Record<string, unknown>>)[key];
    if (key === undefined || typeof seconds !== "number" || seconds <= horizon) return [];
    const path = ["mechanism", ...Array<string>(depth).fill("of"), key];
    const expected = `expected at most the horizon of ${inDays(horizon)}`;
    return [{ path, message: `${rule.kind} beyond the end: ${inDays(seconds)} (${expected})` }];
  });
}

/** When the last day of a run begins, seconds: days are whole, and the first is day 0. */
const lastDay = (horizon: number): number => (epochsOf(horizon) - 1) * epochSeconds;

const inDays = (seconds: number): string => `${Number((seconds / epochSeconds).toPrecision(6))} d`;
