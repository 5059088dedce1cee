/** Seconds since a run began, on every machine of it. */

/** Seconds of a clock that never goes back and that all processes of a machine share. */
export const machineSeconds = (): number => Number(process.hrtime.bigint()) / 1e9;

export class RunClock {
  private origin: number;

  /** @param originSeconds what `machineSeconds` was when the run began. */
  constructor(originSeconds: number) {
    this.origin = originSeconds;
  }

  /** A clock of a run that has lasted `seconds`. */
  static reading(seconds: number): RunClock {
    return new RunClock(machineSeconds() - seconds);
  }

  now(): number {
    return this.at(machineSeconds());
  }

  /** What the run's clock said when this machine's said `seconds`. */
  at(seconds: number): number {
    return seconds - this.origin;
  }
}
