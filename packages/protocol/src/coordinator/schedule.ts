/** What is due when: how many updates a span has, and what is done at its beginning. */
import type { CoordinatorSettings } from "../settings.ts";
import type { DurableState } from "./journal.ts";
import type { SpanTask } from "./plan.ts";

/** Updates of a span at most, where nothing is flushed within it. */
const maximumSpan = 256;

const nextMultiple = (value: number, step: number): number => (Math.floor(value / step) + 1) * step;

/** The span that begins at the version decided; no updates are left in the last one. */
export function spanTask(settings: CoordinatorSettings, state: DurableState): SpanTask {
  const { version } = state;
  const { updates: total, faultTolerance } = settings;
  const isLast = version >= total;
  const isDue = version % faultTolerance.checkpointEvery === 0 || isLast;
  return {
    span: version,
    updates: isLast ? 0 : spanUpdates(settings, version),
    evaluation: isEvaluationDue(settings, state),
    checkpoint: version > 0 && isDue && !state.checkpoints.includes(version),
  };
}

function spanUpdates(
  { updates, evaluation, faultTolerance, parallelism }: CoordinatorSettings,
  version: number,
): number {
  if (parallelism.schedule.kind !== "asynchronous") return 1;
  const checkpoint = nextMultiple(version, faultTolerance.checkpointEvery);
  const evaluated = evaluation === undefined ? checkpoint : nextMultiple(version, evaluation.every);
  return Math.min(checkpoint, evaluated, updates, version + maximumSpan) - version;
}

function isEvaluationDue({ evaluation, updates }: CoordinatorSettings, state: DurableState): boolean {
  const { version, evaluatedVersion } = state;
  if (evaluation === undefined || version === 0 || version <= evaluatedVersion) return false;
  return version % evaluation.every === 0 || version >= updates;
}
