/**
 * What can be said of one property of one mechanism: proved, survived so many cases, a counter-example, or that it does not
 * apply. A property that is not claimed is attacked like one that is: its absence is shown, not asserted.
 */
import type { Mechanism, MechanismProperty } from "@shardlab/contracts";
import fc from "fast-check";
import { busyWorldPlans, type WorldPlan } from "./arbitraries.ts";
import {
  boundaryParameters,
  type ConditionalProperty,
  checkBoundary,
  conditionOf,
  isConditional,
  unconditionalChecks,
} from "./honest-work-claims.ts";
import type { MechanismCheck } from "./mechanism-basics.ts";
import { mechanismClaims } from "./mechanism-claims.ts";

/**
 * @property isClaimed whether the mechanism claims the property.
 * @property cases worlds in which it was tried, both sides of boundaries included.
 * @property condition where it is claimed, as a formula; null for everywhere. `proof` says why just there.
 * @property plan the smallest world found in which it fails, and what happens there; null where none was found.
 * @property reason why it does not apply; null where it does.
 */
export interface PropertyVerdict {
  readonly property: MechanismProperty;
  readonly verdict: "proved" | "survived" | "counter-example" | "not-applicable";
  readonly isClaimed: boolean;
  readonly cases: number;
  readonly condition: string | null;
  readonly proof: string | null;
  readonly plan: WorldPlan | null;
  readonly found: string | null;
  readonly reason: string | null;
}

export interface VerdictOptions {
  readonly cases: number;
  readonly seed: number;
}

/** Worlds drawn again, for each that is tried, before a property counts as not applicable. */
const skipsPerCase = 20;

interface Attack {
  readonly tried: number;
  readonly plan: WorldPlan | null;
  readonly found: string | null;
  /** Whether the mechanism offers what the property is about in some world. */
  readonly applies: boolean;
}

function attack(
  plans: fc.Arbitrary<WorldPlan>,
  run: (plan: WorldPlan) => void,
  { cases, seed }: VerdictOptions,
): Attack {
  const details = fc.check(fc.property(plans, run), { numRuns: cases, seed, maxSkipsPerRun: skipsPerCase });
  const tried = details.numRuns;
  if (!details.failed) return { tried, plan: null, found: null, applies: true };
  const [plan = null] = details.counterexample ?? [];
  // Without an example it ran out of worlds in which the property says anything.
  if (plan === null) return { tried, plan, found: null, applies: tried > 0 };
  const { errorInstance } = details;
  const found = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return { tried, plan, found, applies: true };
}

/** The check that a mechanism is held to: under its condition where it claims the property, everywhere where it does not. */
export function checkOf(mechanism: Mechanism, property: MechanismProperty): MechanismCheck {
  const isFree = isConditional(property) && !mechanism.claims.includes(property);
  return isFree ? unconditionalChecks[property] : mechanismClaims[property];
}

/**
 * Tries one property of a mechanism over random worlds.
 *
 * @param create makes the mechanism anew; whatever it closes over must not differ between calls.
 */
export function judgeProperty(
  create: () => Mechanism,
  property: MechanismProperty,
  options: VerdictOptions,
): PropertyVerdict {
  const mechanism = create();
  const isClaimed = mechanism.claims.includes(property);
  const check = checkOf(mechanism, property);
  const first = attack(busyWorldPlans(), (plan) => check(create, plan), options);
  const isBound = isClaimed && isConditional(property);
  const bound = isBound ? conditionOf(mechanism, property) : undefined;
  const rest = { property, isClaimed, condition: bound?.statement ?? null, proof: bound?.proof ?? null };
  const none = { plan: null, found: null, reason: null };
  if (!first.applies)
    return { ...rest, ...none, verdict: "not-applicable", cases: 0, reason: "nobody is offered anything for work" };
  if (first.plan !== null) {
    const { tried, plan, found } = first;
    return { ...rest, verdict: "counter-example", cases: tried, plan, found, reason: null };
  }
  if (!isBound) return { ...rest, ...none, verdict: "survived", cases: first.tried };
  const sides = judgeBoundaries(create, property, options);
  const cases = first.tried + sides.tried;
  if (sides.plan !== null)
    return { ...rest, verdict: "counter-example", cases, plan: sides.plan, found: sides.found, reason: null };
  return { ...rest, ...none, verdict: sides.tried > 0 ? "proved" : "survived", cases };
}

/** Crosses the boundary of a conditional claim along each of its parameters. */
function judgeBoundaries(create: () => Mechanism, property: ConditionalProperty, options: VerdictOptions): Attack {
  let tried = 0;
  const cases = Math.max(1, Math.ceil(options.cases / boundaryParameters[property].length));
  for (const parameter of boundaryParameters[property]) {
    const run = (plan: WorldPlan): void => checkBoundary(create, plan, property, parameter);
    const side = attack(busyWorldPlans(), run, { cases, seed: options.seed });
    tried += side.tried;
    if (side.plan !== null) return { ...side, tried };
  }
  return { tried, plan: null, found: null, applies: tried > 0 };
}
