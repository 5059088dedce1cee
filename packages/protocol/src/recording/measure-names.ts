/** The names of the measures of a run of the protocol, known before it runs. */

/** What training is like, with units, in the order in which a run gives them. */
const lossMeasures = [["loss", "nat/token"]] as const;
const heldOutMeasures = [["held-out-loss", "nat/token"]] as const;
const runMeasures = [
  ["updates", "update"],
  ["tokens", "token"],
  ["duration", "s"],
  ["seconds-per-update", "s"],
  ["updates-per-hour", "update/h"],
  ["tokens-per-second", "token/s"],
  ["bytes", "B"],
  ["bytes-per-token", "B/token"],
  ["tensor-bytes", "B"],
  ["utilisation", "share"],
  ["rho", "1"],
  ["compute-per-update", "FLOP"],
  ["work-in-vain", "share"],
  ["restarts", "restart"],
  ["updates-undone", "update"],
  ["workers-lost", "worker"],
  ["replica-mismatches", "stage"],
  ["blames", "blame"],
] as const;

export type LossMeasure = (typeof lossMeasures)[number][0] | (typeof heldOutMeasures)[number][0];
export type RunMeasure = (typeof runMeasures)[number][0];
export type TrainingMeasure = LossMeasure | RunMeasure;

/** What a run has besides what every run has. */
export interface MeasuredParts {
  /** Whether losses are real: computed from a model, not left out with its numbers. */
  readonly hasLoss: boolean;
  /** Whether held-out data is evaluated. */
  readonly hasEvaluation: boolean;
}

/** The measures of a run, with their units. */
export function trainingMeasures(parts: MeasuredParts): readonly (readonly [TrainingMeasure, string])[] {
  const { hasLoss, hasEvaluation } = parts;
  return [...(hasLoss ? lossMeasures : []), ...(hasLoss && hasEvaluation ? heldOutMeasures : []), ...runMeasures];
}

/** Every measure that a run gives, in its order. */
export function trainingMeasureNames(parts: MeasuredParts): TrainingMeasure[] {
  return trainingMeasures(parts).map(([name]) => name);
}
