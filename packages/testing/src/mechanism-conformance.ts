/** The conformance suite of mechanisms: what every one must do, and what each claims of itself. */
import type { Mechanism } from "@shardlab/contracts";
import fc from "fast-check";
import { busyWorldPlans, type WorldPlan, worldPlans } from "./arbitraries.ts";
import { isConditional } from "./honest-work-claims.ts";
import { type MechanismCheck, mechanismBasics } from "./mechanism-basics.ts";
import { mechanismClaims } from "./mechanism-claims.ts";

/** One check over many random worlds; `run` throws, with the smallest world found, where the check fails. */
export interface ConformanceCase {
  readonly name: string;
  run(): void;
}

export interface ConformanceOptions {
  /** Random worlds per check (default 40). */
  readonly worlds?: number;
  /** Seed of the worlds (default 1). */
  readonly seed?: number;
}

/** Worlds drawn again for each in which a check says something. */
const maxSkipsPerRun = 20;

/**
 * The checks that hold for every mechanism, and one for each property that this one claims.
 *
 * @param create makes the mechanism anew; whatever it closes over must not differ between calls
 */
export function mechanismConformance(create: () => Mechanism, options: ConformanceOptions = {}): ConformanceCase[] {
  const { worlds = 40, seed = 1 } = options;
  const over =
    (plans: fc.Arbitrary<WorldPlan>, check: MechanismCheck, numRuns = worlds) =>
    () => {
      const details = fc.check(
        fc.property(plans, (plan) => check(create, plan)),
        { numRuns, seed, maxSkipsPerRun },
      );
      // Without an example, there were too few worlds in which the check says anything, such as one that offers pay.
      if (!details.failed || details.counterexample === null) return;
      const cause = details.errorInstance;
      const found = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${found}\n${fc.defaultReportMessage(details)}`, { cause });
    };
  const basics = Object.entries(mechanismBasics).map(([name, check]) => ({ name, run: over(worldPlans(), check) }));
  const claims = create().claims.map((claim) => {
    // A choice takes half a dozen passages through its world, and a search for one that offers pay.
    const numRuns = isConditional(claim) ? Math.ceil(worlds / 4) : worlds;
    return { name: `claims ${claim}`, run: over(busyWorldPlans(), mechanismClaims[claim], numRuns) };
  });
  return [...basics, ...claims];
}
