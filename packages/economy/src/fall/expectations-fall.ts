/**
 * What a fall of expectations leaves behind: who worked before and after it, and whether it paid.
 *
 * Participation by expectation is not participation by result: providers who work for ownership that they overrate bear the
 * difference (the winner's curse of a common value: Capen, Clapp and Campbell 1971, Journal of Petroleum Technology 23(6)),
 * and leave when beliefs fall (Blanchard and Watson 1982, "Bubbles, rational expectations and financial markets").
 *
 * `provider-gain` is what all providers together gained: every change of their cash, less what they forgo on the days on
 * which they work, at each one's own discount rate. Giving is not counted, nor what their ownership earns beyond the horizon.
 * Checked against cash at the end where nobody discounts, with cheating and audits and without.
 */
import { flopPerWork, microsPerDollar } from "@shardlab/contracts";
import { exp } from "@shardlab/numerics";
import { forgone, rowsAtWork } from "../at-work.ts";
import { type Extension, extensionBy, measuresWith } from "../extension.ts";
import type { PathState, Stage } from "../path-state.ts";
import type { EconomyWorld } from "../world.ts";
import { type Fall, fallOf } from "./fall-of.ts";

const measures = [
  ["participation/before-fall", "share"],
  ["participation/after-fall", "share"],
  ["compute/before-fall", "ZFLOP"],
  ["provider-gain", "$"],
] as const;

/** Adds up, day by day, what all providers gained in dollars of the first day. Stake counts as gone until it comes back. */
export function gainRecorder(world: EconomyWorld): { observe: (state: PathState) => void; gainDollars: () => number } {
  const { count, discountClass, discountRates, wealthMicros } = world.population;
  const before = Float64Array.from(wealthMicros);
  const now = new Float64Array(count);
  const discount = new Float64Array(discountRates.length);
  let gain = 0;
  const observe = (state: PathState): void => {
    const { epoch, books } = state;
    for (let k = 0; k < discount.length; k++) discount[k] = exp(-discountRates[k] * epoch);
    books.ledger.balancesInto(books.providers, books.cash, now);
    for (let i = 0; i < count; i++) gain += (discount[discountClass[i]] * (now[i] - before[i])) / microsPerDollar;
    for (const { count: atWork, account } of rowsAtWork(state)) {
      for (let row = 0; row < atWork; row++) {
        gain -= discount[discountClass[account[row]]] * forgone(state, account[row]);
      }
    }
    before.set(now);
  };
  return { observe, gainDollars: () => gain };
}

function fallStage(world: EconomyWorld, { epoch: fallEpoch }: Fall): Stage {
  const gains = gainRecorder(world);
  const people = world.population.count;
  const workers = { before: 0, after: 0 };
  const days = { before: 0, after: 0 };
  let workBefore = 0;
  const settled = (state: PathState): void => {
    if (state.isForecast) return;
    gains.observe(state);
    const when = state.epoch < fallEpoch ? "before" : "after";
    const atWork = state.workers.reduce((sum, people) => sum + people, 0);
    if (atWork > 0 || state.training.some((open) => open === 1)) days[when]++;
    workers[when] += atWork;
    if (when === "before") workBefore = state.cumulativeWork.reduce((sum, work) => sum + work, 0);
  };
  const mean = (when: "before" | "after") => workers[when] / (people * Math.max(1, days[when]));
  return {
    kind: "expectations-fall",
    settled,
    measures: () => {
      const zettaflop = (workBefore * flopPerWork) / 1e21;
      return measuresWith(measures, [mean("before"), mean("after"), zettaflop, gains.gainDollars()]);
    },
  };
}

export const expectationsFall: Extension = extensionBy(({ beliefs }) => fallOf(beliefs), {
  create: fallStage,
  measures: () => measures,
  assumptions: () => [
    {
      statement:
        "Expectations fall on one day by one factor for everybody; nobody foresees it, and models already in service are " +
        "judged by their revenue.",
    },
  ],
});
