/** The economy's clock: an epoch is a day. */
export const epochSeconds = 86_400;
export const secondsPerHour = 3600;

/** A duration in whole epochs, at least `least`. */
export function epochsOf(durationSeconds: number, least = 1): number {
  return Math.max(least, Math.round(durationSeconds / epochSeconds));
}
