/** What workers are told once. */
import type { RunRules } from "../messages.ts";
import type { CoordinatorSettings } from "../settings.ts";

/** @throws Error `unsupported schedule: ...` */
export function runRules(settings: CoordinatorSettings): RunRules {
  const { stages, microbatches, schedule, reduction } = settings.parallelism;
  if (schedule.kind === "interleaved-one-forward-one-backward")
    throw new Error(`unsupported schedule: ${schedule.kind}`);
  const exchange = settings.gradientsAreLossless ? "reduce" : "whole-encodings";
  return {
    run: settings.run,
    stages,
    microbatches,
    schedule: schedule.kind,
    ahead: schedule.kind === "gpipe" ? 1 : schedule.ahead,
    reduction,
    gradientExchange: settings.gradientExchange ?? exchange,
    digestEvery: settings.faultTolerance.digestEvery,
  };
}
