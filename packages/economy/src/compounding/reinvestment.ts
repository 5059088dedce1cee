/**
 * Whether early owners compound: providers buy more devices with a share of their cash income.
 *
 * Income is what a provider's cash grows by in a day, after its bills: a loan and stake that comes back count as well, since cash
 * is all that this habit looks at. Devices cost what the table of devices says and never wear out. Growth that is proportional to what one has already concentrates (Gibrat 1931; Champernowne 1953, Economic
 * Journal 63), while devices that share an uplink add less and less work. Providers buy by habit, whether it pays or not.
 *
 * Concentration is that of everybody's part of the coming revenue (`entitlements`), once a month. Checked: without early
 * weight and without reinvestment its Gini coefficient is that of the work done; the money spent is the devices bought times
 * their price.
 */
import { microsPerDollar } from "@shardlab/contracts";
import { numbers } from "../columns.ts";
import { gini, nakamoto } from "../concentration.ts";
import { type Extension, extensionBy, measuresWith } from "../extension.ts";
import { entitlements } from "../ownership.ts";
import type { PathState, Stage } from "../path-state.ts";
import type { EconomyWorld } from "../world.ts";
import { addDevices, groupCapacities } from "./capacity.ts";

const measures = [
  ["gini/start", "1"],
  ["gini/end", "1"],
  ["top-1-percent", "share"],
  ["capacity-growth", "1"],
] as const;

/** Epochs between two samples of concentration. */
const sampleEpochs = 30;

/** Part of the whole that the largest hundredth of the holders have; at least one holder counts. */
export function topShare(holdings: Float64Array, share: number): number {
  const sorted = Float64Array.from(holdings).sort().reverse();
  const holders = Math.max(1, Math.ceil(share * sorted.length));
  const total = sorted.reduce((sum, held) => sum + held, 0);
  return total > 0 ? sorted.subarray(0, holders).reduce((sum, held) => sum + held, 0) / total : 0;
}

/** Lets everybody spend a share of the day's income on devices. */
function reinvestor({ population }: EconomyWorld, reinvested: number): (state: PathState) => void {
  const before = Float64Array.from(population.wealthMicros);
  const now = new Float64Array(before.length);
  const amount = new Float64Array(before.length);
  let groups: ReturnType<typeof groupCapacities> | undefined;
  return (state) => {
    const { books, world } = state;
    groups ??= groupCapacities(world);
    books.ledger.balancesInto(books.providers, books.cash, now);
    let spent = 0;
    for (let i = 0; i < now.length; i++) {
      amount[i] = Math.floor(reinvested * Math.max(0, now[i] - before[i]));
      before[i] = now[i] - amount[i];
      if (amount[i] === 0) continue;
      spent += amount[i];
      const { priceDollars } = groups[world.population.groupOf[i]];
      addDevices(world.population, groups, i, amount[i] / microsPerDollar / priceDollars);
    }
    if (spent === 0) return;
    const { ledger, cash, providers, suppliers } = books;
    ledger.postBatch({ reason: "devices bought", asset: cash, from: providers, to: suppliers, amount: amount.slice() });
  };
}

/** Keeps concentration once a month, and at the end of the first revision period in which work was done. */
function concentrationRecorder({ rule, horizonEpochs }: EconomyWorld) {
  const [days, ginis, nakamotos] = [[] as number[], [] as number[], [] as number[]];
  let start = Number.NaN;
  const observe = (state: PathState): void => {
    const { epoch } = state;
    const isStart = Number.isNaN(start) && state.workDone.count > 0 && (epoch + 1) % rule.revisionEpochs === 0;
    const isSample = epoch % sampleEpochs === 0 || epoch === horizonEpochs - 1;
    if (!isStart && !isSample) return;
    const shares = entitlements(state);
    const value = gini(shares);
    if (isStart) start = value;
    if (!isSample) return;
    days.push(epoch);
    ginis.push(value);
    nakamotos.push(nakamoto(shares));
  };
  return { observe, days, ginis, nakamotos, start: (end: number) => (Number.isNaN(start) ? end : start) };
}

const sumOf = (column: Float64Array): number => column.reduce((sum, value) => sum + value, 0);

function reinvestmentStage(given: EconomyWorld, reinvested: number): Stage {
  const reinvest = reinvestor(given, reinvested);
  const concentration = concentrationRecorder(given);
  return {
    kind: "reinvestment",
    settled(state): void {
      if (reinvested > 0) reinvest(state);
      if (!state.isForecast) concentration.observe(state);
    },
    measures(state) {
      const shares = entitlements(state);
      const end = gini(shares);
      const growth = sumOf(state.world.population.rentalValue) / sumOf(given.population.rentalValue);
      return measuresWith(measures, [concentration.start(end), end, topShare(shares, 0.01), growth]);
    },
    tables: () => [
      {
        name: "concentration",
        version: 1,
        columns: [
          numbers("day", "d", concentration.days),
          numbers("gini", "1", concentration.ginis),
          numbers("nakamoto", "parties", concentration.nakamotos),
        ],
      },
    ],
  };
}

export const reinvestment: Extension = extensionBy(({ participation }) => participation.reinvest, {
  create: reinvestmentStage,
  measures: () => measures,
  assumptions: ({ participation }) =>
    (participation.reinvest ?? 0) > 0
      ? [
          {
            statement:
              "Providers buy devices with a fixed share of their income, at today's street price, whether it pays or not; " +
              "devices do not wear out, and share their owner's uplink.",
          },
        ]
      : [],
});
