/** What a unit of ownership is worth to its holder: the contract that every belief meets. */

/** What beliefs may look at when they form a value. Columns have one row per model. */
export interface BeliefInput {
  readonly epoch: number;
  readonly cumulativeWork: Float64Array;
  /** Effective work in the previous epoch, PFLOP. */
  readonly recentWork: Float64Array;
  readonly distinctTokens: Float64Array;
  /** First epoch of service; -1 before it. */
  readonly releasedAt: Int32Array;
  /** Net revenue in the previous epoch, dollars. */
  readonly revenue: Float64Array;
  readonly claimShare: Float64Array;
  readonly dataClaimShare: Float64Array;
  /** Units of compute and of data ownership that exist. */
  readonly units: Float64Array;
  readonly dataUnits: Float64Array;
  /** Units of compute ownership that the mechanism will still issue until the target, as its present rule says. */
  unitsToCome(): Float64Array;
}

/** Values, before anybody's own optimism. */
export interface Beliefs {
  readonly kind: string;
  /** Revises what is believed; called once in every epoch, before the values are read. */
  revise(input: BeliefInput): void;
  /** Dollars that one unit of compute ownership of `model` is worth at a discount class. */
  readonly unitValue: Float64Array; // model * classes + class
  /** Dollars that one unit of data ownership is worth, at the data providers' median rate. */
  readonly dataUnitValue: Float64Array;
  /** Dollars that all coming net revenue is expected to be worth to the institution. */
  readonly expectedValue: Float64Array;
}

/** Multiplies what a unit of compute ownership of `model` is worth to everybody, until beliefs are revised. */
export function scaleUnitValue({ unitValue, dataUnitValue }: Beliefs, model: number, factor: number): void {
  const classes = unitValue.length / dataUnitValue.length;
  for (let cell = model * classes; cell < (model + 1) * classes; cell++) unitValue[cell] *= factor;
}

/** The rates at which beliefs discount, per epoch. */
export interface DiscountRates {
  readonly providers: Float64Array;
  readonly data: number;
  readonly sponsor: number;
  /** Per model. */
  readonly hazard: Float64Array;
}
