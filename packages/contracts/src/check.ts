/** Where a model was checked against published figures: what is stored with results, and drawn in reports. */

/** One published figure and what the model says without having seen it. `low` to `high` is the prediction's 90 % interval. */
export interface CheckedCase {
  readonly label: string;
  readonly published: number;
  readonly predicted: number;
  readonly low: number;
  readonly high: number;
}

export interface ModelCheck {
  readonly name: string;
  /** What is predicted, and its unit. */
  readonly quantity: string;
  readonly unit: string;
  /** How the prediction is made, and what was held out. */
  readonly method: string;
  readonly cases: readonly CheckedCase[];
  /** Median of |ln(predicted / published)| over the cases. */
  readonly medianAbsoluteLogError: number;
}
