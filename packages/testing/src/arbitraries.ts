/** Arbitraries of worlds for mechanisms: a few sizes and one seed, from which everything else in the world follows. */
import fc from "fast-check";

/** What a world is made from. Two worlds of one plan are the same, so that a failure replays from what it prints. */
export interface WorldPlan {
  readonly seed: number;
  readonly providers: number;
  readonly dataProviders: number;
  readonly models: number;
  readonly horizonEpochs: number;
  readonly epochDays: number;
}

/** Plans of small worlds; epochs are days to months long, so that delays of a year pass within the longer horizons. */
export function worldPlans(): fc.Arbitrary<WorldPlan> {
  return fc.record({
    seed: fc.integer({ min: 0, max: 4_294_967_295 }),
    providers: fc.integer({ min: 1, max: 7 }),
    dataProviders: fc.integer({ min: 0, max: 3 }),
    models: fc.integer({ min: 1, max: 3 }),
    horizonEpochs: fc.integer({ min: 0, max: 16 }),
    epochDays: fc.constantFrom(1, 7, 30, 45),
  });
}

/** Plans of worlds in which something can happen: at least two providers, a data provider and two epochs. */
export function busyWorldPlans(): fc.Arbitrary<WorldPlan> {
  return worldPlans().map((plan) => ({
    ...plan,
    providers: plan.providers + 1,
    dataProviders: plan.dataProviders + 1,
    horizonEpochs: plan.horizonEpochs + 2,
  }));
}
