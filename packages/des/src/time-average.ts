/** Averages over virtual time. */

/** What a time average reads the time from. */
export interface Clock {
  readonly now: number;
}

/** The average over time of a quantity that changes in steps, such as a queue length. */
export class TimeAverage {
  private readonly clock: Clock;
  private current: number;
  private highest: number;
  private startTime: number;
  private changeTime: number;
  private area = 0;

  constructor(clock: Clock, initialValue = 0) {
    this.clock = clock;
    this.current = initialValue;
    this.highest = initialValue;
    this.startTime = clock.now;
    this.changeTime = clock.now;
  }

  /** The quantity as it is now. */
  get value(): number {
    return this.current;
  }

  /** Sets the quantity from this time on. */
  set(value: number): void {
    this.area = this.integral;
    this.changeTime = this.clock.now;
    this.current = value;
    if (value > this.highest) this.highest = value;
  }

  /** Changes the quantity by `difference` from this time on. */
  add(difference: number): void {
    this.set(this.current + difference);
  }

  /** Integral over the time since the start, in units of the quantity times seconds. */
  get integral(): number {
    return this.area + this.current * (this.clock.now - this.changeTime);
  }

  /** Mean over the time since the start; the value itself when no time has passed. */
  get mean(): number {
    const seconds = this.clock.now - this.startTime;
    return seconds > 0 ? this.integral / seconds : this.current;
  }

  /** The largest value since the start. */
  get maximum(): number {
    return this.highest;
  }

  /** Starts anew at this time, for instance after a warm-up; the quantity stays as it is. */
  restart(): void {
    this.area = 0;
    this.startTime = this.clock.now;
    this.changeTime = this.clock.now;
    this.highest = this.current;
  }
}
