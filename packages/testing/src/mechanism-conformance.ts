/** The conformance suite of mechanisms: what every one must do, and what each claims of itself. */
import type { Mechanism } from "@shardlab/contracts";
import fc from "fast-check";
import { busyWorldPlans, type WorldPlan, worldPlans } from "./arbitraries.ts";
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

/**
 * The checks that hold for every mechanism, and one for each property that this one claims.
 *
 * @param create makes the mechanism anew; whatever it closes over must not differ between calls
 */
export function mechanismConformance(create: () => Mechanism, options: ConformanceOptions = {}): ConformanceCase[] {
  const { worlds: numRuns = 40, seed = 1 } = options;
  const over = (plans: fc.Arbitrary<WorldPlan>, check: MechanismCheck) => () => {
    fc.assert(
      fc.property(plans, (plan) => check(create, plan)),
      { numRuns, seed },
    );
  };
  const basics = Object.entries(mechanismBasics).map(([name, check]) => ({ name, run: over(worldPlans(), check) }));
  const claims = create().claims.map((claim) => {
    return { name: `claims ${claim}`, run: over(busyWorldPlans(), mechanismClaims[claim]) };
  });
  return [...basics, ...claims];
}
