/** Figures with bounds, and the units that tables convert from. */

/** A figure with the bounds between which it lies with 95 % confidence, by judgement where no source gives them. */
export interface Estimate {
  readonly central: number;
  readonly low: number;
  readonly high: number;
}

export const secondsPerHour = 3600;
/** The Julian year. */
export const secondsPerYear = 365.25 * 86_400;
export const joulesPerKilowattHour = 3.6e6;
