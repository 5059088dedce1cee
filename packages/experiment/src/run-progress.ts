/** How far one run is, where a run takes long enough to be watched. */

/**
 * The state of a run of the swarm.
 *
 * @property update how many updates are decided, of `updates`.
 * @property seconds since training began, by the clock of its world: virtual in a simulation.
 * @property tokensPerSecond over the last updates, by the same clock.
 * @property loss of the last decided update, and `heldOutLoss` of the last evaluation, nats per token; null before the first.
 * @property sentBytes by all workers together, as far as they have told.
 * @property secondsLeft until the run ends, by the clock on the wall.
 * @property happened something that a person would want to know, such as a worker that was lost.
 */
export interface RunProgress {
  readonly update: number;
  readonly updates: number;
  readonly seconds: number;
  readonly tokensPerSecond: number;
  readonly loss: number | null;
  readonly heldOutLoss: number | null;
  readonly sentBytes: number;
  readonly secondsLeft: number;
  readonly happened?: string;
}

/** What a run may use besides its task. */
export interface RunHooks {
  readonly onProgress?: (progress: RunProgress) => void;
}
