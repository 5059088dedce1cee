/**
 * When the collective passes the closed competitor: in loss, and in the rate at which it trains.
 *
 * In loss, on the first day on which the best model in service is better than the closed competitor of that day. In compute,
 * on the first day on which all useful work of the day, R, exceeds what the closed lab trains with, L e^(g t). R is net of
 * what decentralisation costs: waiting for links, churn and bad work are out of it. Both figures of the lab are given from
 * outside: the competitor's loss does not follow from its compute here, since how much of a lab's compute goes into one model
 * is not public.
 *
 * Checked against the day ln(L / R) / -g at which a steady R meets a lab that shrinks, and a second reading of the timeline.
 */
import { flopPerWork } from "@shardlab/contracts";
import { exp } from "@shardlab/numerics";
import { epochSeconds } from "../epoch.ts";
import { type Extension, extensionBy, measuresWith } from "../extension.ts";
import type { PathState, Stage } from "../path-state.ts";
import type { EconomyWorld } from "../world.ts";
import type { CrossingSpec } from "./crossing-spec.ts";

const measures = [
  ["crossing", "share"],
  ["crossing-day", "d"],
  ["compute-crossing", "share"],
  ["compute-crossing-day", "d"],
  ["compute-ratio/peak", "1"],
] as const;

function crossingStage({ market, horizonEpochs }: EconomyWorld, { labCompute, labGrowth }: CrossingSpec): Stage {
  let lossDay = -1;
  let computeDay = -1;
  let peakRatio = 0;
  const settled = ({ epoch, releasedLoss, trainedWork }: PathState): void => {
    const best = releasedLoss.reduce((lowest, loss) => Math.min(lowest, loss), Number.POSITIVE_INFINITY);
    if (lossDay < 0 && best < market.competitorLoss(epoch)) lossDay = epoch + 1;
    const flopPerSecond = (trainedWork.reduce((sum, work) => sum + work, 0) * flopPerWork) / epochSeconds;
    const ratio = flopPerSecond / (labCompute * exp(labGrowth * epochSeconds * epoch));
    peakRatio = Math.max(peakRatio, ratio);
    if (computeDay < 0 && ratio > 1) computeDay = epoch + 1;
  };
  const valuesOf = (): number[] => [
    lossDay < 0 ? 0 : 1,
    lossDay < 0 ? horizonEpochs : lossDay,
    computeDay < 0 ? 0 : 1,
    computeDay < 0 ? horizonEpochs : computeDay,
    peakRatio,
  ];
  return {
    kind: "crossing",
    settled,
    measures: () => measuresWith(measures, valuesOf()),
  };
}

export const crossing: Extension = extensionBy((spec) => spec.crossing, {
  create: crossingStage,
  measures: () => measures,
  assumptions: () => [
    {
      statement:
        "The closed lab's compute grows at a constant rate from a given start, whatever the open models do, and its loss " +
        "falls by itself.",
      checkedAgainst: "figures of Epoch AI for clusters (2.5 times a year) and training runs (4 to 5 times a year)",
    },
  ],
});
