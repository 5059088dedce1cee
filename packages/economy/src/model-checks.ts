/** The reproductions of published figures, in the form that results keep. */
import type { CheckedCase, ModelCheck } from "@shardlab/contracts";
import { log } from "@shardlab/numerics";
import { hashRateLevels } from "./reproduction/bitcoin-hash-rate.ts";
import { median } from "./reproduction/quantile.ts";
import { judgingRuns, leaveOneOutWithChoice } from "./reproduction/training-runs.ts";

const medianError = (cases: readonly CheckedCase[]): number =>
  median(cases.map(({ published, predicted }) => Math.abs(log(predicted / published))));

/** What each part of the economy that has a published counterpart predicts of it. */
export function modelChecks(): ModelCheck[] {
  const hours = leaveOneOutWithChoice(judgingRuns(), "family").map(
    ({ run, publishedDeviceHours, predicted }): CheckedCase => ({
      label: run,
      published: publishedDeviceHours,
      predicted: predicted.hours,
      low: predicted.low,
      high: predicted.high,
    }),
  );
  const levels = hashRateLevels().map(
    ({ date, measured, predicted }): CheckedCase => ({
      label: date,
      published: measured / 1e18,
      predicted: predicted.central / 1e18,
      low: predicted.low / 1e18,
      high: predicted.high / 1e18,
    }),
  );
  return [
    {
      name: "training-hours",
      quantity: "device-hours of a training run",
      unit: "h",
      method:
        "FLOP of the run over the device's peak times a goodput fitted on the other runs; the run's whole family is held " +
        "out, and the form of the fit is chosen again without it",
      cases: hours,
      medianAbsoluteLogError: medianError(hours),
    },
    {
      name: "bitcoin-hash-rate",
      quantity: "hash rate of Bitcoin",
      unit: "EH/s",
      method:
        "free entry: miners' revenue over what a hash costs in energy and hardware; nothing is fitted to a hash rate",
      cases: levels,
      medianAbsoluteLogError: medianError(levels),
    },
  ];
}
